import type { Clock } from "../../kernel/clock.ts";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { toLabelsKey } from "../../series/labels.ts";
import type { Labels } from "../../series/series.ts";
import { AlertStates } from "./alert-states.ts";
import type { AlertingLog, Notice, RecordedSample, SampleWriter } from "../alerts.ts";
import { collectNotices } from "./notifications.ts";
import { evaluateRecording } from "./record.ts";
import { restoreAlerts } from "./restore.ts";
import type { RuleContext } from "./rule-query.ts";
import type { GroupDefinition, RecordingDefinition, RuleDefinition } from "../rules/rules.ts";

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
  /** What the store knows its series by. */
  readonly source: string;
  /** The series that it gave when it was last evaluated, by labels. */
  given: ReadonlyMap<string, Labels>;
  /** Of the samples that it gave last. */
  givenAtMs: number;
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
    const left = new Map(earlier?.rules.map((state) => [state.source, state]));
    const names = new Map<string, number>();
    this.rules = definition.rules.map((rule) => {
      // Rules of the same name are told apart by their labels, and by their order.
      const name = `${rule.type} ${rule.name} ${toLabelsKey(rule.labels)}`;
      const count = names.get(name) ?? 0;
      names.set(name, count + 1);
      const source = `${definition.file} ${definition.name} ${name} ${count}`;
      const state = createRuleState(rule, source, left.get(source), restore);
      left.delete(source);
      return state;
    });
    for (const state of left.values()) this.#endSeries(state);
    this.#untilRestore = earlier === undefined ? undefined : earlier.#untilRestore;
    if (restore) this.#untilRestore = EVALUATIONS_BEFORE_RESTORE;
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
    this.lastEvaluationMs = timeMs;
    this.evaluationSeconds = seconds;
    this.#restoreWhenDue(timeMs);
  }

  /** Ends all series that it has given: it is not evaluated any more. */
  retire(): void {
    for (const state of this.rules) this.#endSeries(state);
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
    this.#append(state, queryTimeMs, samples);
  }

  #append(state: RuleState, timeMs: number, samples: readonly RecordedSample[]): void {
    const given = new Map<string, Labels>();
    const named = samples.map(({ labels, value }) => {
      const key = toLabelsKey(labels);
      const same = state.given.get(key) ?? labels;
      given.set(key, same);
      return { labels: same, value };
    });
    // Nothing is appended before what a process before this one has left was read (restoreAlerts): that would end it.
    if (named.length + state.given.size > 0) {
      this.#parts.writer.append(state.source, timeMs, named);
    }
    state.given = given;
    state.givenAtMs = timeMs;
  }

  /** Right behind the last samples, since another rule may give the same series from the next evaluation on. */
  #endSeries(state: RuleState): void {
    if (state.given.size > 0) this.#parts.writer.append(state.source, state.givenAtMs + 1, []);
    state.given = new Map();
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
  source: string,
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
    givenAtMs: 0,
    ...earlier,
    source,
    rule,
    alerts,
  };
}
