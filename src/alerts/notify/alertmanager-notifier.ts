import type { Clock } from "../../kernel/clock.ts";
import { toLabelsKey } from "../../series/labels.ts";
import type { AlertingLog } from "../alerts.ts";
import { formatGoTime } from "../format-go-time.ts";
import { toBackOffSeconds } from "./back-off.ts";
import { DeliveryLog } from "./delivery-log.ts";
import type { Notification, Notifier, ReceiverState } from "./notifier.ts";
import type { Outcome, Receiver } from "./receiver.ts";

/** The path of alerts in Alertmanager's API v2, below its URL. */
export const ALERTS_PATH = "/api/v2/alerts";
const BATCH = 64;
const MAX_QUEUED = 10_000;

/**
 * Sends alerts to an Alertmanager, which groups, silences, routes and repeats them. The queue holds the latest state of each
 * alert. The evaluator notifies about firing alerts every minute, so that a restarted Alertmanager learns of them soon.
 */
export class AlertmanagerNotifier implements Notifier {
  readonly #receiver: Receiver;
  readonly #clock: Clock;
  readonly #log: DeliveryLog;
  /** By labels, oldest first. */
  readonly #queue = new Map<string, Notification>();
  /** Alerts that the receiver accepted as firing, by labels. */
  readonly #reported = new Map<string, Notification>();
  /** Monotonic time before which nothing is sent. */
  #retrySeconds = -Infinity;
  #consecutiveFailures = 0;
  #sending = false;
  #sent = 0;
  #failures = 0;
  #dropped = 0;
  #closed = false;

  constructor(receiver: Receiver, clock: Clock, log: AlertingLog) {
    this.#receiver = receiver;
    this.#clock = clock;
    this.#log = new DeliveryLog(log, `Alertmanager at ${receiver.origin}`);
  }

  notify(notifications: readonly Notification[]): void {
    for (const notification of notifications) {
      this.#queue.set(toLabelsKey(notification.labels), notification);
      if (this.#queue.size <= MAX_QUEUED) continue;
      const { value: oldest } = this.#queue.keys().next();
      if (oldest !== undefined) this.#queue.delete(oldest);
      this.#dropped += 1;
    }
  }

  reported(): readonly Notification[] {
    return [...this.#reported.values()];
  }

  restore(reported: readonly Notification[]): void {
    for (const one of reported) this.#reported.set(toLabelsKey(one.labels), one);
  }

  tick(): void {
    const isEarly = this.#clock.monotonicSeconds() < this.#retrySeconds;
    if (this.#closed || this.#sending || isEarly || this.#queue.size === 0) return;
    void this.#sendAll();
  }

  counts() {
    return {
      sent: this.#sent,
      send_failures: this.#failures,
      dropped: this.#dropped,
      sending: Number(this.#sending),
    };
  }

  state(): ReceiverState {
    return { origin: this.#receiver.origin, alerts: this.#queue.size, last: this.#log.last };
  }

  test(notification: Notification): Promise<Outcome> {
    return this.#receiver.post(JSON.stringify([toPostableAlert(notification)]));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#receiver.close();
  }

  /** Sends batches until the queue is empty or a batch fails. */
  async #sendAll(): Promise<void> {
    this.#sending = true;
    while (this.#queue.size > 0 && !this.#closed) {
      const batch = [...this.#queue].slice(0, BATCH);
      const body = JSON.stringify(batch.map(([, notification]) => toPostableAlert(notification)));
      const outcome = await this.#receiver.post(body);
      if (this.#closed) return;
      if (outcome.kind !== "failed") {
        for (const [key, notification] of batch) {
          // A newer state of the alert may have been queued meanwhile.
          if (this.#queue.get(key) === notification) this.#queue.delete(key);
          if (notification.endsAtMs <= this.#clock.nowMs()) this.#reported.delete(key);
          else this.#reported.set(key, notification);
        }
      }
      this.#record(outcome, batch.length);
      if (outcome.kind === "failed") break;
    }
    this.#sending = false;
  }

  #record(outcome: Outcome, alerts: number): void {
    this.#log.record(outcome, this.#clock.nowMs());
    if (outcome.kind === "accepted") {
      this.#sent += 1;
      this.#consecutiveFailures = 0;
      return;
    }
    this.#failures += 1;
    this.#consecutiveFailures += 1;
    if (outcome.kind === "rejected") {
      this.#dropped += alerts;
    } else {
      this.#retrySeconds =
        this.#clock.monotonicSeconds() + toBackOffSeconds(this.#consecutiveFailures);
    }
  }
}

function toPostableAlert({
  labels,
  annotations,
  startsAtMs,
  endsAtMs,
  generatorUrl,
}: Notification) {
  return {
    labels: Object.fromEntries(labels),
    annotations: Object.fromEntries(annotations),
    startsAt: formatGoTime(startsAtMs),
    endsAt: formatGoTime(endsAtMs),
    generatorURL: generatorUrl,
  };
}
