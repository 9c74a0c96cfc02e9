import type { Labels, Matcher } from "../series/series.ts";

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
  readonly silences: Silences;
  /** Lists firing alerts with their silences, in the form of Alertmanager's `/api/v2/alerts`. */
  listNotified(): readonly NotifiedAlert[];
  listReceivers(): readonly ReceiverDescription[];
  /**
   * Sends a test alert to one receiver at once, past groups, matchers and silences.
   * @throws TepalError NOT_FOUND; TOO_MANY_REQUESTS soon after another test
   */
  testReceiver(id: string): Promise<TestReport>;
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

/** The silences of the built-in evaluator, with the semantics of Alertmanager. */
export interface Silences {
  /** Lists silences, also those that have expired: active ones first, then pending ones, then the last that expired. */
  list(filter?: readonly Matcher[]): readonly SilenceDescription[];
  find(id: string): SilenceDescription;
  /**
   * Creates a silence, or changes the one with the `id` of the body. If the matchers or a start in the past change, the old silence
   * expires and a new one begins.
   *
   * @returns the id, once the silence is on disk
   * @throws TepalError INVALID_INPUT, NOT_FOUND
   */
  put(body: unknown): Promise<string>;
  /** Ends a silence now. @throws TepalError NOT_FOUND; INVALID_INPUT if it has ended already */
  expire(id: string): Promise<void>;
  /** Returns the ids of the active silences that match an alert. */
  match(labels: Labels): readonly string[];
  /** Waits for the file. */
  close(): Promise<void>;
}

/** A silence in the form of Alertmanager's API v2. */
export interface SilenceDescription {
  readonly id: string;
  readonly status: { readonly state: "pending" | "active" | "expired" };
  readonly updatedAt: string;
  readonly comment: string;
  readonly createdBy: string;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly matchers: readonly {
    readonly name: string;
    readonly value: string;
    readonly isRegex: boolean;
    readonly isEqual: boolean;
  }[];
}

/** A receiver of alerts and its deliveries. Counts are since the start. */
export interface ReceiverDescription {
  readonly id: string;
  readonly kind: "webhook" | "alertmanager";
  readonly format: "alertmanager" | "slack";
  /** The URL without path, query and credentials, which may be secrets. */
  readonly origin: string;
  /** Alerts that are kept for it. */
  readonly alerts: number;
  readonly sent: number;
  readonly send_failures: number;
  readonly dropped: number;
  readonly sending: number;
  /** The last attempt, also of a message that is sent again later; null before the first one. */
  readonly last_delivery: { readonly time: string; readonly error: string | null } | null;
}

/** The result of a test alert. */
export interface TestReport {
  readonly accepted: boolean;
  /** HTTP status of the reply; null without one. */
  readonly status: number | null;
  readonly error: string | null;
  /** The start of the reply's body. */
  readonly reply: string;
}

/** A firing alert, with the fields of Alertmanager's `gettableAlert`. */
export interface NotifiedAlert {
  readonly labels: StringMap;
  readonly annotations: StringMap;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly updatedAt: string;
  readonly fingerprint: string;
  readonly generatorURL: string;
  readonly receivers: readonly { readonly name: string }[];
  readonly status: {
    readonly state: "active" | "suppressed";
    readonly silencedBy: readonly string[];
    readonly inhibitedBy: readonly string[];
  };
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
  /** Ids of active silences; absent without any. */
  readonly silencedBy?: readonly string[];
}
