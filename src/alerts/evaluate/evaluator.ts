import { setImmediate as yieldToOthers } from "node:timers/promises";
import { toMessage } from "../../kernel/errors.ts";
import type { AlertingCounts } from "../alerts.ts";
import { RuleGroup, type GroupParts } from "./group.ts";
import type { GroupDefinition } from "../rules/rules.ts";

/** How often is looked whether something is to be sent. */
const TICK_MS = 1_000;
/** A timer may fire a little early. */
const LEAST_WAIT_MS = 5;

/**
 * Evaluates groups at multiples of their intervals since 1970; those that are due together one after the other, in the order of
 * their files, so that what one records the next sees. Between two rules the event loop goes on.
 */
export class Evaluator {
  readonly #parts: GroupParts;
  readonly #defaultIntervalMs: number;
  #groups: readonly RuleGroup[];
  /** The time at which a group was last due. */
  readonly #slots = new WeakMap<RuleGroup, number>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #closed = false;
  #missed = 0;
  /** Of groups that are no more. */
  #past = { evaluations: 0, failures: 0 };

  constructor(
    definitions: readonly GroupDefinition[],
    defaultIntervalMs: number,
    parts: GroupParts,
  ) {
    this.#parts = parts;
    this.#defaultIntervalMs = defaultIntervalMs;
    this.#groups = definitions.map(
      (definition) => new RuleGroup(definition, defaultIntervalMs, parts, undefined, true),
    );
  }

  get groups(): readonly RuleGroup[] {
    return this.#groups;
  }

  /** @param tick called about every second, and after each evaluation */
  start(tick: () => void): void {
    if (this.#timer !== undefined || this.#closed) return;
    const nowMs = this.#parts.clock.nowMs();
    for (const group of this.#groups) this.#slots.set(group, toSlot(group, nowMs));
    const turn = async (): Promise<void> => {
      await this.runDue().catch((error: unknown) => {
        this.#parts.log.error(`rules cannot be evaluated: ${toMessage(error)}`);
      });
      tick();
      if (!this.#closed) wait();
    };
    const wait = (): void => {
      this.#timer = setTimeout(() => (this.#running = turn()), this.#toWaitMs()).unref();
    };
    wait();
  }

  /** Evaluates what is due by the clock. */
  async runDue(): Promise<void> {
    for (const group of this.#groups) {
      const { intervalMs } = group;
      const slot = toSlot(group, this.#parts.clock.nowMs());
      const last = this.#slots.get(group) ?? slot - intervalMs;
      // A clock that goes back by a little has shown this time already; by more, it counts anew.
      if (slot <= last && slot >= last - intervalMs) continue;
      if (slot > last) this.#missed += Math.round((slot - last) / intervalMs) - 1;
      this.#slots.set(group, slot);
      const steps = group.evaluate(slot);
      while (steps.next().done !== true) {
        await yieldToOthers();
        // A group that was replaced meanwhile is not finished: its series are its heir's.
        if (this.#closed || !this.#groups.includes(group)) return;
      }
    }
  }

  /** Other rules from now on. Those that were there before keep their alerts; series of those that are gone end. */
  replace(definitions: readonly GroupDefinition[]): void {
    const left = new Map(this.#groups.map((group) => [toKey(group.definition), group]));
    const groups = definitions.map((definition) => {
      const earlier = left.get(toKey(definition));
      left.delete(toKey(definition));
      const group = new RuleGroup(definition, this.#defaultIntervalMs, this.#parts, earlier, false);
      const slot = earlier === undefined ? undefined : this.#slots.get(earlier);
      if (slot !== undefined) this.#slots.set(group, slot);
      return group;
    });
    for (const gone of left.values()) gone.retire();
    for (const { evaluations, failures } of this.#groups) {
      this.#past.evaluations += evaluations;
      this.#past.failures += failures;
    }
    this.#groups = groups;
  }

  counts(): Pick<AlertingCounts, "evaluations" | "failures" | "missed"> {
    let { evaluations, failures } = this.#past;
    for (const group of this.#groups) {
      evaluations += group.evaluations;
      failures += group.failures;
    }
    return { evaluations, failures, missed: this.#missed };
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #toWaitMs(): number {
    const nowMs = this.#parts.clock.nowMs();
    const waits = this.#groups.map((group) => toSlot(group, nowMs) + group.intervalMs - nowMs);
    return Math.max(LEAST_WAIT_MS, Math.min(TICK_MS, ...waits));
  }
}

const toSlot = ({ intervalMs }: RuleGroup, nowMs: number): number =>
  Math.floor(nowMs / intervalMs) * intervalMs;

const toKey = ({ file, name }: GroupDefinition): string => `${file}\n${name}`;
