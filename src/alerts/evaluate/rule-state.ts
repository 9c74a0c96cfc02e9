import { TepalError, toMessage } from "../../kernel/errors.ts";
import { toLabelsKey } from "../../series/labels.ts";
import type { Labels } from "../../series/series.ts";
import type { AlertingLog, RecordedSample, SampleWriter } from "../alerts.ts";
import type { RuleDefinition } from "../rules/rules.ts";
import { AlertStates } from "./alert-states.ts";
import { evaluateRecording } from "./evaluate-recording.ts";
import type { RuleContext } from "./rule-query.ts";

export interface RuleStateParts extends RuleContext {
  readonly writer: SampleWriter;
  readonly log: AlertingLog;
}

/** The time of one evaluation, and the limits of its group. */
export interface Evaluation {
  readonly timeMs: number;
  /** The time minus the group's `query_offset`. */
  readonly queryTimeMs: number;
  /** Maximum number of series or alerts; 0 = no limit. */
  readonly limit: number;
}

/** A rule with the result of its last evaluation. */
export class RuleState {
  readonly rule: RuleDefinition;
  /** Identifies the rule's series to the store. */
  readonly source: string;
  /** Null for a recording rule. */
  readonly alerts: AlertStates | null;
  health: "unknown" | "ok" | "err" = "unknown";
  lastError: string | undefined;
  /** Milliseconds since 1970. */
  lastEvaluationMs: number | undefined;
  evaluationSeconds = 0;
  /** Names rule and group in logs. */
  readonly #name: string;
  readonly #parts: RuleStateParts;
  /** The message about a template that could not be expanded. The alert is evaluated nevertheless. */
  #lastWarning: string | undefined;
  /** The series of the last evaluation, by labels. */
  #series: ReadonlyMap<string, Labels> = new Map();
  /** The time of their samples. */
  #seriesMs = 0;

  /**
   * @param groupName for logs
   * @param earlier the rule's state before its file was read again; undefined for a new rule
   * @param restore true if a previous process may have left alerts
   */
  constructor(
    rule: RuleDefinition,
    source: string,
    groupName: string,
    parts: RuleStateParts,
    earlier: RuleState | undefined,
    restore: boolean,
  ) {
    this.rule = rule;
    this.source = source;
    this.#name = `rule ${rule.name} of group ${groupName}`;
    this.#parts = parts;
    this.alerts =
      rule.type === "alerting"
        ? new AlertStates(rule, earlier?.alerts ?? undefined, restore)
        : null;
    if (earlier !== undefined) this.#inherit(earlier);
  }

  #inherit(earlier: RuleState): void {
    this.health = earlier.health;
    this.lastError = earlier.lastError;
    this.lastEvaluationMs = earlier.lastEvaluationMs;
    this.evaluationSeconds = earlier.evaluationSeconds;
    this.#lastWarning = earlier.#lastWarning;
    this.#series = earlier.#series;
    this.#seriesMs = earlier.#seriesMs;
  }

  /**
   * Evaluates the rule, and appends its series to the store. A rule that fails keeps its alerts and its series.
   *
   * @param onSuccess called before the series are appended
   * @returns true if the evaluation succeeded
   */
  evaluate(evaluation: Evaluation, onSuccess: () => void): boolean {
    let samples: readonly RecordedSample[];
    try {
      samples = this.#run(evaluation);
    } catch (error) {
      this.#setError(error);
      return false;
    }
    if (this.health === "err") this.#parts.log.info(`Evaluation of ${this.#name} succeeds again`);
    this.health = "ok";
    this.lastError = undefined;
    onSuccess();
    this.#append(evaluation.queryTimeMs, samples);
    return true;
  }

  /** Marks the series as stale. Right after their last samples: another rule may write the same series from its next evaluation. */
  endSeries(): void {
    if (this.#series.size > 0) this.#parts.writer.append(this.source, this.#seriesMs + 1, []);
    this.#series = new Map();
  }

  #run({ timeMs, queryTimeMs, limit }: Evaluation): readonly RecordedSample[] {
    const { rule, alerts } = this;
    if (alerts === null) return evaluateRecording(rule, this.#parts, queryTimeMs, limit);
    return alerts.evaluate(this.#parts, timeMs, queryTimeMs, limit, (message) => {
      // Logged once until the message changes.
      if (this.#lastWarning !== message) this.#parts.log.warn(message);
      this.#lastWarning = message;
    });
  }

  #setError(error: unknown): void {
    const message = toMessage(error);
    if (this.lastError !== message) {
      const bug = error instanceof TepalError ? "" : "bug in Tepal: ";
      this.#parts.log.warn(`Evaluation of ${this.#name} failed: ${bug}${message}`);
    }
    this.health = "err";
    this.lastError = message;
  }

  #append(timeMs: number, samples: readonly RecordedSample[]): void {
    const series = new Map<string, Labels>();
    const stable = samples.map(({ labels, value }) => {
      const key = toLabelsKey(labels);
      const known = this.#series.get(key) ?? labels;
      series.set(key, known);
      return { labels: known, value };
    });
    // An append without samples would end the series of a previous process before restoreAlerts has read them.
    if (stable.length + this.#series.size > 0) {
      this.#parts.writer.append(this.source, timeMs, stable);
    }
    this.#series = series;
    this.#seriesMs = timeMs;
  }
}
