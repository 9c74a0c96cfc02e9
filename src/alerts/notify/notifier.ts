import type { Labels } from "../../series/series.ts";
import type { AlertingCounts } from "../alerts.ts";
import type { LastDelivery } from "./delivery-log.ts";
import type { Outcome } from "./receiver.ts";

/** The state of an alert, for receivers. */
export interface Notification {
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly startsAtMs: number;
  /** The end of a resolved alert; for a firing one, the time at which receivers resolve it without further notifications. */
  readonly endsAtMs: number;
  /** URL of the rule's expression. */
  readonly generatorUrl: string;
}

/** Sends notifications to one receiver, in the background. */
export interface Notifier {
  /** Queues notifications of changed alerts, and repeated ones. Never throws and never waits. */
  notify(notifications: readonly Notification[], nowMs: number): void;
  /** Returns the alerts that the receiver holds for firing: it accepted them, and was not notified of their end. */
  reported(): readonly Notification[];
  /** Continues with the alerts that the receiver of a previous process holds for firing. Before the first `notify`. */
  restore(reported: readonly Notification[]): void;
  /** Starts to send the messages that are due. Called about every second. */
  tick(): void;
  counts(): Pick<AlertingCounts, "sent" | "send_failures" | "dropped" | "sending">;
  state(): ReceiverState;
  /** Sends one alert at once, past groups, matchers and silences. Not counted, and not retried. */
  test(notification: Notification): Promise<Outcome>;
  close(): Promise<void>;
}

export interface ReceiverState {
  /** The URL without path, query and credentials, which may be secrets. */
  readonly origin: string;
  /** Alerts that are kept for it: in groups, or in the queue. */
  readonly alerts: number;
  /** Undefined before the first attempt. */
  readonly last: LastDelivery | undefined;
}
