import type { Clock } from "../../kernel/clock.ts";
import { toLabelsKey } from "../../series/labels.ts";
import type { Notification } from "../notify/notifier.ts";
import type { GroupDefinition } from "../rules/rules.ts";
import { collectNotifications } from "./collect-notifications.ts";
import { restoreAlerts } from "./restore-alerts.ts";
import { RuleState, type RuleStateParts } from "./rule-state.ts";

export interface GroupParts extends RuleStateParts {
  readonly clock: Clock;
  notify(notifications: readonly Notification[], timeMs: number): void;
}

/** Prometheus restores alerts after the second evaluation: at the first one, recorded series may be missing. */
const EVALUATIONS_BEFORE_RESTORE = 2;

/** The rules of a group, kept between evaluations. */
export class RuleGroup {
  readonly definition: GroupDefinition;
  readonly intervalMs: number;
  readonly rules: readonly RuleState[];
  lastEvaluationMs: number | undefined;
  evaluationSeconds = 0;
  evaluations = 0;
  failures = 0;
  readonly #parts: GroupParts;
  /** Undefined if nothing has to be restored. */
  #evaluationsUntilRestore: number | undefined;

  /**
   * @param earlier the group of this file and name before its file was read again; undefined for a new one
   * @param restore true if a previous process may have left alerts
   */
  constructor(
    definition: GroupDefinition,
    defaultIntervalMs: number,
    parts: GroupParts,
    earlier: RuleGroup | undefined,
    restore: boolean,
  ) {
    this.definition = definition;
    this.intervalMs = definition.intervalMs ?? defaultIntervalMs;
    this.#parts = parts;
    const remaining = new Map(earlier?.rules.map((state) => [state.source, state]));
    const sources = listSources(definition);
    this.rules = definition.rules.map((rule, i) => {
      const source = sources[i]!;
      const { name } = definition;
      const state = new RuleState(rule, source, name, parts, remaining.get(source), restore);
      remaining.delete(source);
      return state;
    });
    for (const removed of remaining.values()) removed.endSeries();
    if (restore) this.#evaluationsUntilRestore = EVALUATIONS_BEFORE_RESTORE;
    else if (earlier !== undefined) {
      this.#evaluationsUntilRestore = earlier.#evaluationsUntilRestore;
    }
  }

  /**
   * Evaluates the rules in their order, one per step, so that the caller can yield in between. Later rules see the series that
   * earlier ones recorded.
   */
  *evaluate(timeMs: number): Generator<undefined, void> {
    const { clock } = this.#parts;
    let seconds = 0;
    for (const state of this.rules) {
      const startSeconds = clock.monotonicSeconds();
      this.#evaluateRule(state, timeMs);
      state.evaluationSeconds = clock.monotonicSeconds() - startSeconds;
      state.lastEvaluationMs = timeMs;
      seconds += state.evaluationSeconds;
      yield;
    }
    this.lastEvaluationMs = timeMs;
    this.evaluationSeconds = seconds;
    this.#restoreIfDue(timeMs);
  }

  /** Marks all series of the group as stale, because it is not evaluated any more. */
  retire(): void {
    for (const state of this.rules) state.endSeries();
  }

  #evaluateRule(state: RuleState, timeMs: number): void {
    const { limit, queryOffsetMs } = this.definition;
    this.evaluations += 1;
    const evaluation = { timeMs, queryTimeMs: timeMs - queryOffsetMs, limit };
    const succeeded = state.evaluate(evaluation, () => {
      if (state.alerts === null) return;
      this.#parts.notify(
        collectNotifications(state.alerts, this.intervalMs, timeMs, this.#parts),
        timeMs,
      );
    });
    if (!succeeded) this.failures += 1;
  }

  #restoreIfDue(timeMs: number): void {
    if (this.#evaluationsUntilRestore === undefined) return;
    this.#evaluationsUntilRestore -= 1;
    if (this.#evaluationsUntilRestore > 0) return;
    this.#evaluationsUntilRestore = undefined;
    for (const { alerts } of this.rules) {
      if (alerts !== null) restoreAlerts(alerts, this.#parts.reader, timeMs);
    }
  }
}

/** Names the rules for the store. Rules of the same name differ by their labels, then by their order. */
function listSources({ file, name: group, rules }: GroupDefinition): readonly string[] {
  const counts = new Map<string, number>();
  return rules.map(({ type, name, labels }) => {
    const rule = `${type} ${name} ${toLabelsKey(labels)}`;
    const count = counts.get(rule) ?? 0;
    counts.set(rule, count + 1);
    return `${file} ${group} ${rule} ${count}`;
  });
}
