import { createHash } from "node:crypto";
import type { Clock } from "../../kernel/clock.ts";
import type { AlertingLog } from "../alerts.ts";
import type { AlertsOptions } from "../options.ts";
import { AlertmanagerNotifier, ALERTS_PATH } from "./alertmanager-notifier.ts";
import type { Notification, Notifier } from "./notifier.ts";
import type { ReceiverConfig } from "./receiver-config.ts";
import { createReceiver } from "./receiver.ts";
import { loadReportedAlerts, saveReportedAlerts } from "./reported-alerts.ts";
import { WebhookNotifier } from "./webhook-notifier.ts";

/** The notifiers of all receivers. The receivers may change while alerts fire. */
export interface Notifiers extends Pick<Notifier, "notify" | "tick" | "counts" | "close"> {
  /** Alerts that any receiver holds for firing since a previous process. */
  readonly earlier: readonly Notification[];
  /**
   * Notifies these receivers from now on. One that was there before keeps its groups and its queue; a new one learns of firing alerts
   * when the evaluator repeats them, within a minute. Notifications for a removed one are dropped.
   */
  replace(config: ReceiverConfig): Promise<void>;
}

export interface NotifierParts {
  readonly clock: Clock;
  readonly log: AlertingLog;
  /** File in which the alerts that receivers hold for firing survive a restart; undefined to keep none. */
  readonly reportedFile?: string | undefined;
  /** URL of this server's Prometheus API. */
  readonly externalUrl: string;
}

/** Creates the notifiers, and restores them from the file of reported alerts. */
export async function createNotifiers(
  config: ReceiverConfig,
  options: AlertsOptions,
  parts: NotifierParts,
): Promise<Notifiers> {
  const { reportedFile: path, log } = parts;
  const reported = path === undefined ? undefined : await loadReportedAlerts(path, log);
  let current = openNotifiers(config, options, parts, new Map());
  for (const [key, notifier] of current) notifier.restore(reported?.get(key) ?? []);
  /** Counts of removed notifiers. */
  const removed = { sent: 0, send_failures: 0, dropped: 0 };
  let saved = 0;
  let saving: Promise<void> = Promise.resolve();

  function counts(): ReturnType<Notifier["counts"]> {
    const sum = { ...removed, sending: 0 };
    for (const notifier of current.values()) {
      addCounts(sum, notifier);
      sum.sending += notifier.counts().sending;
    }
    return sum;
  }
  function save(): void {
    if (path === undefined) return;
    saved = counts().sent;
    const now = new Map(Array.from(current, ([key, notifier]) => [key, notifier.reported()]));
    saving = saving.then(() => saveReportedAlerts(path, now, log));
  }
  /** Writes the file in the background, if a receiver has accepted a message since the last time. */
  function saveChanges(): void {
    if (counts().sent !== saved) save();
  }

  return {
    earlier: [...(reported?.values() ?? [])].flat(),
    notify(notifications, nowMs) {
      for (const notifier of current.values()) notifier.notify(notifications, nowMs);
    },
    tick() {
      for (const notifier of current.values()) notifier.tick();
      saveChanges();
    },
    counts,
    async replace(next) {
      const before = current;
      current = openNotifiers(next, options, parts, before);
      const ended = [...before.values()].filter((one) => ![...current.values()].includes(one));
      for (const notifier of ended) addCounts(removed, notifier);
      if (ended.length > 0) save();
      await Promise.all(ended.map((notifier) => notifier.close()));
    },
    async close() {
      await Promise.all(Array.from(current.values(), (notifier) => notifier.close()));
      saveChanges();
      await saving;
    },
  };
}

function addCounts(
  sum: { sent: number; send_failures: number; dropped: number },
  notifier: Notifier,
): void {
  const { sent, send_failures, dropped } = notifier.counts();
  sum.sent += sent;
  sum.send_failures += send_failures;
  sum.dropped += dropped;
}

/** Returns a notifier for each receiver, by a key for the file of reported alerts: an existing one, or a new one. */
function openNotifiers(
  { webhooks, matchers, alertmanagers }: ReceiverConfig,
  options: AlertsOptions,
  { clock, log, externalUrl }: NotifierParts,
  existing: ReadonlyMap<string, Notifier>,
): ReadonlyMap<string, Notifier> {
  const webhook = {
    format: options.alertWebhookFormat,
    matchers,
    groupBy: options.alertGroupBy,
    groupWaitSeconds: options.alertGroupWait,
    groupIntervalSeconds: options.alertGroupInterval,
    repeatIntervalSeconds: options.alertRepeatInterval,
    externalUrl,
  };
  const notifiers = new Map<string, Notifier>();
  const open = (kind: string, url: URL, create: () => Notifier): void => {
    const key = toReceiverKey(kind, url);
    if (!notifiers.has(key)) notifiers.set(key, existing.get(key) ?? create());
  };
  for (const url of webhooks) {
    open("webhook", url, () => new WebhookNotifier(createReceiver(url), webhook, clock, log));
  }
  for (const url of alertmanagers) {
    open(
      "alertmanager",
      url,
      () => new AlertmanagerNotifier(createReceiver(url, ALERTS_PATH), clock, log),
    );
  }
  return notifiers;
}

/** A hash, because the URL may be a secret. */
function toReceiverKey(kind: string, url: URL): string {
  return `${kind} ${createHash("sha256").update(url.href).digest("hex").slice(0, 16)}`;
}
