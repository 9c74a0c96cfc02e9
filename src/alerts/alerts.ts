import type { Labels } from "../series/series.ts";

/**
 * The evaluator of Prometheus rule files over the monitor's own series, with notifications.
 *
 *     rule files ──► groups, each at its interval ──► recorded series, ALERTS ──► store
 *                              │
 *                    firing and resolved alerts ──► webhooks (grouped, repeated, retried), or an Alertmanager
 *
 * An evaluation depends only on the rule files, the series, the time and the alerts before it, so tests choose the time.
 * Evaluation never waits for a receiver: it queues notifications, and notifiers send them in the background.
 *
 * This does not replace Prometheus and Alertmanager: it dies with its process and sees only one instance (docs/alerting.md).
 */
export interface Alerting {
  /** Starts evaluation: each group at the multiples of its interval. */
  start(): void;
  /** Lists the groups with their rules and alerts, in the form of `data.groups` of Prometheus's `/api/v1/rules`. */
  listGroups(filter?: RuleFilter): readonly GroupDescription[];
  /** Lists pending and firing alerts, in the form of `data.alerts` of Prometheus's `/api/v1/alerts`. */
  listAlerts(): readonly AlertDescription[];
  counts(): AlertingCounts;
  /**
   * Reads the rule files and the file of webhook URLs again. Rules and receivers that are still in them keep their alerts.
   *
   * @throws TepalError INVALID_RULES or INVALID_OPTION; what could not be read stays as it was
   */
  reload(): Promise<void>;
  /** Stops evaluation after the current rule, and drops notifications that are not sent yet. Idempotent. */
  close(): Promise<void>;
}

/** Counts since the start, except `sending`. */
export interface AlertingCounts {
  /** Evaluations of a rule. */
  readonly evaluations: number;
  /** Evaluations of a rule that failed. */
  readonly failures: number;
  /** Evaluations of a group that were skipped because earlier ones took too long. */
  readonly missed: number;
  /** Messages that a receiver accepted. */
  readonly sent: number;
  /** Attempts to send that failed. */
  readonly send_failures: number;
  /** Messages to webhooks, and alerts for an Alertmanager, that were dropped. */
  readonly dropped: number;
  /** Messages in flight. */
  readonly sending: number;
}

/** The destination of recorded series. Appended samples can be queried at once. */
export interface SampleWriter {
  /**
   * Appends the samples of one source at one time. A series that the previous call had and this one lacks becomes stale.
   * A call with a time that is not later than the source's last one is ignored.
   *
   * @param source a stable name: one for each rule
   * @param timeMs integer milliseconds since 1970
   * @param samples no two with the same labels
   */
  append(source: string, timeMs: number, samples: readonly RecordedSample[]): unknown;
}

export interface RecordedSample {
  /** Includes the metric's name. The same object as in the previous call if the series is the same. */
  readonly labels: Labels;
  readonly value: number;
}

/** The log of alerts and monitor. A pino logger is one. */
export interface AlertingLog {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** A filter in the form of the parameters of `/api/v1/rules`. An empty or absent list matches everything. */
export interface RuleFilter {
  readonly type?: "alert" | "record" | undefined;
  readonly ruleNames?: readonly string[];
  readonly groupNames?: readonly string[];
  readonly files?: readonly string[];
  /** Leaves out the alerts of rules. */
  readonly excludeAlerts?: boolean;
}

/** A group in the form of Prometheus's HTTP API. Optional fields are absent if they have no value. */
export interface GroupDescription {
  readonly name: string;
  readonly file: string;
  readonly rules: readonly RuleDescription[];
  /** Seconds. */
  readonly interval: number;
  readonly limit: number;
  /** Seconds. */
  readonly evaluationTime: number;
  readonly lastEvaluation: string;
}

export type StringMap = Readonly<Record<string, string>>;

export type RuleDescription = AlertingRuleDescription | RecordingRuleDescription;

interface AlertingRuleDescription {
  readonly state: "inactive" | "pending" | "firing";
  readonly name: string;
  readonly query: string;
  /** Seconds of `for`. */
  readonly duration: number;
  readonly keepFiringFor: number;
  readonly labels: StringMap;
  readonly annotations: StringMap;
  readonly alerts: readonly AlertDescription[];
  readonly health: string;
  readonly lastError?: string;
  readonly evaluationTime: number;
  readonly lastEvaluation: string;
  readonly type: "alerting";
}

interface RecordingRuleDescription {
  readonly name: string;
  readonly query: string;
  readonly labels?: StringMap;
  readonly health: string;
  readonly lastError?: string;
  readonly evaluationTime: number;
  readonly lastEvaluation: string;
  readonly type: "recording";
}

export interface AlertDescription {
  readonly labels: StringMap;
  readonly annotations: StringMap;
  readonly state: string;
  readonly activeAt: string;
  readonly keepFiringSince?: string;
  readonly value: string;
}
