import type { Clock } from "../kernel/clock.ts";
import { TepalError, toMessage } from "../kernel/errors.ts";
import { toLabelsKey } from "../series/labels.ts";
import type { Labels } from "../series/series.ts";
import { AlertStates } from "./alert-states.ts";
import type { AlertingLog, Notice, RecordedSample, SampleWriter } from "./alerts.ts";
import { collectNotices } from "./notices.ts";
import { evaluateRecording } from "./record.ts";
import { restoreAlerts } from "./restore.ts";
import type { RuleContext } from "./rule-query.ts";
import type { GroupDefinition, RecordingDefinition, RuleDefinition } from "./rules.ts";

/** What groups need, and whom they tell. */
export interface GroupParts extends RuleContext {
  readonly writer: SampleWriter;
  readonly clock: Clock;
  readonly log: AlertingLog;
  tell(notices: readonly Notice[], timeMs: number): void;
}

/** A rule with what became of its last evaluation. */
export interface RuleState {
  readonly rule: RuleDefinition;
  /** Null for a recording rule. */
  readonly alerts: AlertStates | null;
  health: "unknown" | "ok" | "err";
  lastError: string | undefined;
  /** Of a template that could not be expanded; what the rule gives is told nevertheless. */
  lastWarning: string | undefined;
  /** Milliseconds since 1970. */
  lastEvaluationMs: number | undefined;
  evaluationSeconds: number;
  /** The series that it gave when it was last evaluated. */
  given: ReadonlyMap<string, Labels>;
}

/** Prometheus restores alerts after the second evaluation: at the first, recorded series may not be there yet. */
const EVALUATIONS_BEFORE_RESTORE = 2;

/** The rules of a group, from evaluation to evaluation. */
export class RuleGroup {
  readonly definition: GroupDefinition;
  readonly intervalMs: number;
  readonly rules: readonly RuleState[];
  lastEvaluationMs: number | undefined;
  evaluationSeconds = 0;
  evaluations = 0;
  failures = 0;
  readonly #parts: GroupParts;
  /** Undefined when nothing is to be restored, or it has been. */
  #untilRestore: number | undefined;
  /** Series of rules that are no more; they end at the next evaluation. */
  #ended: ReadonlyMap<string, Labels>;

  /**
   * @param earlier the group of this file and name before its file was read again; undefined for one that is new
   * @param restore whether alerts that are new may have begun before the process did
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
    const left = [...(earlier?.rules ?? [])];
    this.rules = definition.rules.map((rule) => {
      const at = left.findIndex((state) => isSameRule(state.rule, rule));
      return createRuleState(rule, at < 0 ? undefined : left.splice(at, 1)[0], restore);
    });
    this.#untilRestore = earlier === undefined ? undefined : earlier.#untilRestore;
    if (restore) this.#untilRestore = EVALUATIONS_BEFORE_RESTORE;
    const ended = earlier === undefined ? [] : [...earlier.#ended];
    this.#ended = new Map([...ended, ...left.flatMap(({ given }) => [...given])]);
  }

  /**
   * Evaluates the rules in their order, one at each step, so that who evaluates may do something else in between. What one
   * records, those behind it see. A rule that fails keeps its alerts as they are, and its series.
   */
  *evaluate(timeMs: number): Generator<undefined, void> {
    const { clock } = this.#parts;
    let seconds = 0;
    for (const state of this.rules) {
      const begun = clock.monotonicSeconds();
      this.#evaluateRule(state, timeMs);
      state.evaluationSeconds = clock.monotonicSeconds() - begun;
      state.lastEvaluationMs = timeMs;
      seconds += state.evaluationSeconds;
      yield;
    }
    this.#append(timeMs, [], this.#ended);
    this.#ended = new Map();
    this.lastEvaluationMs = timeMs;
    this.evaluationSeconds = seconds;
    this.#restoreWhenDue(timeMs);
  }

  /** All series that it gives; they end in the evaluations of `heir`. */
  handOver(heir: RuleGroup): void {
    const given = this.rules.flatMap((state) => [...state.given]);
    heir.#ended = new Map([...heir.#ended, ...this.#ended, ...given]);
  }

  #evaluateRule(state: RuleState, timeMs: number): void {
    const { definition } = this;
    const { log, tell } = this.#parts;
    const { rule, alerts } = state;
    const name = `rule ${rule.name} of group ${definition.name}`;
    const queryTimeMs = timeMs - definition.queryOffsetMs;
    this.evaluations += 1;
    let samples: readonly RecordedSample[];
    try {
      samples =
        alerts === null
          ? evaluateRecording(
              rule as RecordingDefinition,
              this.#parts,
              queryTimeMs,
              definition.limit,
            )
          : alerts.evaluate(this.#parts, timeMs, queryTimeMs, definition.limit, (message) => {
              // As long as it goes on, once is enough.
              if (state.lastWarning !== message) log.warn(message);
              state.lastWarning = message;
            });
    } catch (error) {
      this.failures += 1;
      const message = toMessage(error);
      const known = error instanceof TepalError ? "" : "an error that should not happen: ";
      if (state.lastError !== message) log.warn(`${name} cannot be evaluated: ${known}${message}`);
      state.health = "err";
      state.lastError = message;
      return;
    }
    if (state.health === "err") log.info(`${name} can be evaluated again`);
    state.health = "ok";
    state.lastError = undefined;
    if (alerts !== null) tell(collectNotices(alerts, this.intervalMs, timeMs, this.#parts), timeMs);
    state.given = this.#append(queryTimeMs, samples, state.given);
  }

  /** @returns what was given, by labels */
  #append(
    timeMs: number,
    samples: readonly RecordedSample[],
    before: ReadonlyMap<string, Labels>,
  ): ReadonlyMap<string, Labels> {
    const given = new Map(samples.map(({ labels }) => [toLabelsKey(labels), labels]));
    const ended = [...before]
      .filter(([key]) => !given.has(key))
      .map(([, labels]) => ({ labels, value: 0, stale: true }));
    if (samples.length + ended.length > 0)
      this.#parts.writer.append(timeMs, [...samples, ...ended]);
    return given;
  }

  #restoreWhenDue(timeMs: number): void {
    if (this.#untilRestore === undefined) return;
    this.#untilRestore -= 1;
    if (this.#untilRestore > 0) return;
    this.#untilRestore = undefined;
    for (const { alerts } of this.rules) {
      if (alerts !== null) restoreAlerts(alerts, this.#parts.reader, timeMs);
    }
  }
}

function createRuleState(
  rule: RuleDefinition,
  earlier: RuleState | undefined,
  restore: boolean,
): RuleState {
  const alerts =
    rule.type === "alerting" ? new AlertStates(rule, earlier?.alerts ?? undefined, restore) : null;
  return {
    health: "unknown",
    lastError: undefined,
    lastWarning: undefined,
    lastEvaluationMs: undefined,
    evaluationSeconds: 0,
    given: new Map(),
    ...earlier,
    rule,
    alerts,
  };
}

/** Alerts belong to a rule by its name and labels, whatever became of its expression. */
function isSameRule(a: RuleDefinition, b: RuleDefinition): boolean {
  return a.type === b.type && a.name === b.name && toLabelsKey(a.labels) === toLabelsKey(b.labels);
}
