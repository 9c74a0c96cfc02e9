import { setImmediate as yieldToEventLoop } from "node:timers/promises";
import { toMessage } from "../../kernel/errors.ts";
import type { AlertingCounts } from "../alerts.ts";
import type { GroupDefinition } from "../rules/rules.ts";
import { RuleGroup, type GroupParts } from "./group.ts";

/** Interval at which notifiers check for messages that are due. */
const TICK_MS = 1_000;
/** A timer may fire slightly early. */
const MIN_WAIT_MS = 5;

/**
 * Evaluates groups at the multiples of their intervals since 1970. Groups that are due together run one after the other, in the
 * order of their files, so that each sees the series that earlier ones recorded. It yields to the event loop between two rules.
 */
export class Evaluator {
  readonly #parts: GroupParts;
  readonly #defaultIntervalMs: number;
  #groups: readonly RuleGroup[];
  /** The time at which each group was last due. */
  readonly #slots = new WeakMap<RuleGroup, number>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #closed = false;
  #missed = 0;
  /** Counts of removed groups. */
  #removed = { evaluations: 0, failures: 0 };

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
    const runAndTick = async (): Promise<void> => {
      await this.runDue().catch((error: unknown) => {
        this.#parts.log.error(`Rule evaluation failed: ${toMessage(error)}`);
      });
      tick();
      if (!this.#closed) wait();
    };
    const wait = (): void => {
      this.#timer = setTimeout(() => (this.#running = runAndTick()), this.#toWaitMs()).unref();
    };
    wait();
  }

  /** Evaluates the groups that are due. */
  async runDue(): Promise<void> {
    for (const group of this.#groups) {
      const { intervalMs } = group;
      const slot = toSlot(group, this.#parts.clock.nowMs());
      const last = this.#slots.get(group) ?? slot - intervalMs;
      // After a small step back of the clock, this slot has been evaluated already. After a larger one, slots count anew.
      if (slot <= last && slot >= last - intervalMs) continue;
      if (slot > last) this.#missed += Math.round((slot - last) / intervalMs) - 1;
      this.#slots.set(group, slot);
      const steps = group.evaluate(slot);
      while (steps.next().done !== true) {
        await yieldToEventLoop();
        // A group that a reload replaced stops here: its series belong to its successor.
        if (this.#closed || !this.#groups.includes(group)) return;
      }
    }
  }

  /** Replaces the rules. Rules that existed before keep their alerts; the series of removed ones become stale. */
  replace(definitions: readonly GroupDefinition[]): void {
    const remaining = new Map(this.#groups.map((group) => [toKey(group.definition), group]));
    const groups = definitions.map((definition) => {
      const earlier = remaining.get(toKey(definition));
      remaining.delete(toKey(definition));
      const group = new RuleGroup(definition, this.#defaultIntervalMs, this.#parts, earlier, false);
      const slot = earlier === undefined ? undefined : this.#slots.get(earlier);
      if (slot !== undefined) this.#slots.set(group, slot);
      return group;
    });
    for (const group of remaining.values()) group.retire();
    for (const { evaluations, failures } of this.#groups) {
      this.#removed.evaluations += evaluations;
      this.#removed.failures += failures;
    }
    this.#groups = groups;
  }

  counts(): Pick<AlertingCounts, "evaluations" | "failures" | "missed"> {
    let { evaluations, failures } = this.#removed;
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
    return Math.max(MIN_WAIT_MS, Math.min(TICK_MS, ...waits));
  }
}

const toSlot = ({ intervalMs }: RuleGroup, nowMs: number): number =>
  Math.floor(nowMs / intervalMs) * intervalMs;

const toKey = ({ file, name }: GroupDefinition): string => `${file}\n${name}`;
