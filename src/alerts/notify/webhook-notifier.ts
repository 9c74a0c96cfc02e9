import type { Clock } from "../../kernel/clock.ts";
import { toLabelsKey } from "../../series/labels.ts";
import { matchesAll } from "../../series/matcher.ts";
import type { Labels, Matcher } from "../../series/series.ts";
import type { AlertingLog } from "../alerts.ts";
import { toBackOffSeconds } from "./back-off.ts";
import { DeliveryLog } from "./delivery-log.ts";
import { toFingerprint } from "./fingerprint.ts";
import { NotificationGroup } from "./notification-group.ts";
import type { Notification, Notifier, ReceiverState } from "./notifier.ts";
import { createPayload, type FingerprintedNotification } from "./payload.ts";
import type { Outcome, Receiver } from "./receiver.ts";
import { createSlackMessage } from "./slack-message.ts";

export interface WebhookOptions {
  readonly format: "alertmanager" | "slack";
  /** Alerts that match all of these are sent; an empty list matches all alerts. */
  readonly matchers: readonly Matcher[];
  /** Labels that alerts are grouped by; `...` groups by all labels. */
  readonly groupBy: readonly string[];
  /** Wait of a new group for more alerts. */
  readonly groupWaitSeconds: number;
  /** Wait of a group between two messages about changes. */
  readonly groupIntervalSeconds: number;
  /** Wait before a message about unchanged alerts is repeated. */
  readonly repeatIntervalSeconds: number;
  /** URL of this server's Prometheus API. */
  readonly externalUrl: string;
  /** Returns true for alerts that are not sent now. @default none */
  readonly isSilenced?: (labels: Labels) => boolean;
}

const MAX_NOTIFICATIONS = 10_000;
/** Concurrent messages to one receiver. */
const MAX_SENDING = 4;

/**
 * Sends alerts to one webhook in groups, as the first route of Alertmanager does: with the same waits, the same conditions for a
 * message, and the same body. A message that fails is retried with back-off, each time with the current state of its group.
 */
export class WebhookNotifier implements Notifier {
  readonly #receiver: Receiver;
  readonly #options: WebhookOptions;
  readonly #clock: Clock;
  readonly #log: DeliveryLog;
  readonly #groups = new Map<string, NotificationGroup>();
  /** Notifications in all groups. */
  #size = 0;
  #sending = 0;
  #sent = 0;
  #failures = 0;
  #dropped = 0;
  #closed = false;

  constructor(receiver: Receiver, options: WebhookOptions, clock: Clock, log: AlertingLog) {
    this.#receiver = receiver;
    this.#options = options;
    this.#clock = clock;
    this.#log = new DeliveryLog(log, `webhook at ${receiver.origin}`);
  }

  notify(notifications: readonly Notification[], nowMs: number): void {
    for (const notification of notifications) {
      if (matchesAll(this.#options.matchers, notification.labels)) this.#add(notification, nowMs);
    }
  }

  reported(): readonly Notification[] {
    return Array.from(this.#groups.values(), (group) => group.reported()).flat();
  }

  restore(reported: readonly Notification[]): void {
    const nowSeconds = this.#clock.monotonicSeconds();
    const restored = new Set<NotificationGroup>();
    for (const notification of reported) {
      if (!matchesAll(this.#options.matchers, notification.labels)) continue;
      const labels = this.#toGroupLabels(notification.labels);
      const key = toLabelsKey(labels);
      const group = this.#groups.get(key) ?? this.#open(key, labels);
      const fingerprint = toFingerprint(notification.labels);
      group.notifications.set(fingerprint, { ...notification, fingerprint });
      restored.add(group);
      this.#size += 1;
    }
    for (const group of restored) {
      group.flushed = true;
      group.dueSeconds = nowSeconds + this.#options.groupIntervalSeconds;
      group.setSent(group.takeSnapshot(this.#clock.nowMs()), nowSeconds);
    }
  }

  tick(): void {
    if (this.#closed) return;
    const nowSeconds = this.#clock.monotonicSeconds();
    for (const [key, group] of this.#groups) {
      if (this.#sending >= MAX_SENDING) return;
      if (group.sending || nowSeconds < group.dueSeconds) continue;
      group.flushed = true;
      group.dueSeconds = nowSeconds + this.#options.groupIntervalSeconds;
      void this.#flush(key, group);
    }
  }

  counts() {
    return {
      sent: this.#sent,
      send_failures: this.#failures,
      dropped: this.#dropped,
      sending: this.#sending,
    };
  }

  state(): ReceiverState {
    return { origin: this.#receiver.origin, alerts: this.#size, last: this.#log.last };
  }

  test(notification: Notification): Promise<Outcome> {
    const { labels } = notification;
    const all = [{ ...notification, fingerprint: toFingerprint(labels) }];
    return this.#receiver.post(this.#format(all, this.#toGroupLabels(labels), this.#clock.nowMs()));
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#receiver.close();
  }

  #add(notification: Notification, nowMs: number): void {
    const labels = this.#toGroupLabels(notification.labels);
    const key = toLabelsKey(labels);
    const fingerprint = toFingerprint(notification.labels);
    if (this.#groups.get(key)?.notifications.has(fingerprint) !== true) {
      // A resolved alert without an entry has been reported already, or never was.
      if (notification.endsAtMs <= nowMs) return;
      if (!this.#freeSlot(nowMs)) return;
      this.#size += 1;
    }
    const group = this.#groups.get(key) ?? this.#open(key, labels);
    group.notifications.set(fingerprint, { ...notification, fingerprint });
    const activeMs = nowMs - notification.startsAtMs;
    if (!group.flushed && activeMs > this.#options.groupWaitSeconds * 1_000) {
      group.dueSeconds = -Infinity;
    }
  }

  #open(key: string, labels: Labels): NotificationGroup {
    const { groupWaitSeconds } = this.#options;
    const group = new NotificationGroup(labels, this.#clock.monotonicSeconds() + groupWaitSeconds);
    this.#groups.set(key, group);
    return group;
  }

  #toGroupLabels(labels: Labels): Labels {
    const { groupBy } = this.#options;
    if (groupBy.includes("...")) return labels;
    return new Map([...labels].filter(([name]) => groupBy.includes(name)));
  }

  async #flush(key: string, group: NotificationGroup): Promise<void> {
    const nowMs = this.#clock.nowMs();
    const nowSeconds = this.#clock.monotonicSeconds();
    const snapshot = group.takeSnapshot(nowMs, this.#options.isSilenced);
    if (group.mustSend(snapshot, nowSeconds, this.#options.repeatIntervalSeconds)) {
      group.sending = true;
      this.#sending += 1;
      const outcome = await this.#receiver.post(this.#format(snapshot.all, group.labels, nowMs));
      group.sending = false;
      this.#sending -= 1;
      if (this.#closed) return;
      this.#record(outcome, group);
      if (outcome.kind !== "accepted") return;
      group.setSent(snapshot, nowSeconds);
    }
    this.#size -= group.removeResolved(snapshot);
    if (group.notifications.size === 0) this.#groups.delete(key);
  }

  #format(
    notifications: readonly FingerprintedNotification[],
    labels: Labels,
    nowMs: number,
  ): string {
    const payload = createPayload(notifications, labels, nowMs, this.#options.externalUrl);
    return JSON.stringify(this.#options.format === "slack" ? createSlackMessage(payload) : payload);
  }

  #record(outcome: Outcome, group: NotificationGroup): void {
    this.#log.record(outcome, this.#clock.nowMs());
    if (outcome.kind === "accepted") {
      this.#sent += 1;
      group.failures = 0;
      return;
    }
    this.#failures += 1;
    group.failures += 1;
    if (outcome.kind === "failed") {
      group.dueSeconds = this.#clock.monotonicSeconds() + toBackOffSeconds(group.failures);
    } else {
      this.#dropped += 1;
    }
  }

  /** Returns true if one more alert fits. If the queue is full, a resolved alert is dropped first. */
  #freeSlot(nowMs: number): boolean {
    if (this.#size < MAX_NOTIFICATIONS) return true;
    this.#dropped += 1;
    for (const group of this.#groups.values()) {
      if (!group.removeOneResolved(nowMs)) continue;
      this.#size -= 1;
      return true;
    }
    return false;
  }
}
