import type { Labels } from "../series/series.ts";
import type { GroupDescription, AlertDescription, RuleFilter } from "./describe.ts";

/**
 * Alerts evaluate the rule files of Prometheus over our own series, and tell somebody. This file is the room's door.
 *
 *     rule files ──► groups, each at its interval ──► recorded series, ALERTS ──► the store
 *                              │
 *                        alerts that fire or are over ──► webhooks (grouped, repeated, retried), or an Alertmanager
 *
 * What is evaluated at a time depends on nothing but the files, the series and the alerts before, so tests choose the times.
 * Evaluation never waits for a receiver: what is to be told is put down, and sent by somebody else.
 *
 * It is no replacement for Prometheus and Alertmanager: it dies with its process and sees what that sees (docs/alerting.md).
 */
export interface Alerting {
  /** Evaluates from now on, each group at multiples of its interval. */
  start(): void;
  /** The groups with their rules and the alerts of these, as `/api/v1/rules` gives them in `data.groups`. */
  listGroups(filter?: RuleFilter): readonly GroupDescription[];
  /** Pending and firing alerts, as `/api/v1/alerts` gives them in `data.alerts`. */
  listAlerts(): readonly AlertDescription[];
  counts(): AlertingCounts;
  /**
   * Reads the rule files again. Rules that are still there keep their alerts.
   *
   * @throws TepalError INVALID_RULES; what was evaluated goes on
   */
  reload(): Promise<void>;
  /** Stops evaluating, after the rule that is being evaluated, and gives up what is not sent yet. Idempotent. */
  close(): Promise<void>;
}

/** Since the start, but for `sending`. */
export interface AlertingCounts {
  readonly evaluations: number;
  /** Evaluations of a rule that failed. */
  readonly failures: number;
  /** Times at which a group was to be evaluated and was not, because evaluation took too long. */
  readonly missed: number;
  /** Messages that a receiver took. */
  readonly sent: number;
  /** Attempts to send that failed. */
  readonly send_failures: number;
  /** Messages, or alerts for an Alertmanager, that were given up. */
  readonly dropped: number;
  /** Messages that are on their way now. */
  readonly sending: number;
}

/** Where recorded series go. What is appended can be read at once. */
export interface SampleWriter {
  /**
   * Adds samples that were taken together. A series that had one the last time and has none now ends there. A time that is not
   * later than the last one of the source is left out.
   *
   * @param source a name that stays the same: one for each rule
   * @param timeMs whole milliseconds since 1970
   * @param samples no labels twice
   */
  append(source: string, timeMs: number, samples: readonly RecordedSample[]): unknown;
}

export interface RecordedSample {
  /** With the metric's name; the same object as the last time, where the series is the same. */
  readonly labels: Labels;
  readonly value: number;
}

/** What the room says of itself; a logger of pino is one. */
export interface AlertingLog {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** An alert of a rule: one for each series of its expression. Times are milliseconds since 1970. */
export interface Alert {
  /** With `alertname`. */
  readonly labels: Labels;
  annotations: Labels;
  /** `inactive`: it fired, and is over. */
  state: "pending" | "firing" | "inactive";
  /** Of the expression, when it was last there. */
  value: number;
  activeAtMs: number;
  firedAtMs: number | undefined;
  resolvedAtMs: number | undefined;
  keepFiringSinceMs: number | undefined;
  lastSentAtMs: number | undefined;
}

/** What is told of an alert. */
export interface Notice {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAtMs: number;
  /** When it was over; or, while it fires, when it is taken to be over if nothing more is heard. */
  readonly endsAtMs: number;
  /** Where people see the expression. */
  readonly generatorUrl: string;
}

/** Somebody who is told. Never throws and never waits. */
export interface Notifier {
  /** Takes what changed, or is told again. */
  take(notices: readonly Notice[], nowMs: number): void;
  /** Does what is due: called about every second. */
  tick(): void;
  counts(): Pick<AlertingCounts, "sent" | "send_failures" | "dropped" | "sending">;
  close(): Promise<void>;
}
