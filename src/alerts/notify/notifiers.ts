import { createHash } from "node:crypto";
import type { Clock } from "../../kernel/clock.ts";
import { TepalError } from "../../kernel/errors.ts";
import type { Labels } from "../../series/series.ts";
import type { AlertingLog, ReceiverDescription, TestReport } from "../alerts.ts";
import { formatGoTime } from "../format-go-time.ts";
import type { AlertsOptions } from "../options.ts";
import { AlertmanagerNotifier, ALERTS_PATH } from "./alertmanager-notifier.ts";
import type { Notification, Notifier } from "./notifier.ts";
import type { ReceiverConfig } from "./receiver-config.ts";
import { createReceiver } from "./receiver.ts";
import { loadReportedAlerts, saveReportedAlerts } from "./reported-alerts.ts";
import { WebhookNotifier } from "./webhook-notifier.ts";

/** The notifiers of all receivers. The receivers may change while alerts fire. */
export interface Notifiers extends Pick<Notifier, "notify" | "tick" | "counts" | "close"> {
  list(): readonly ReceiverDescription[];
  /** Sends an alert to one receiver at once. @throws TepalError NOT_FOUND; TOO_MANY_REQUESTS soon after another test */
  test(id: string, notification: Notification): Promise<TestReport>;
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
  /** Returns true for alerts that webhooks do not get now. An Alertmanager has silences of its own. */
  readonly isSilenced?: (labels: Labels) => boolean;
}

/** A receiver pages people: tests of one receiver are at least this far apart. */
const TEST_SECONDS = 10;

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
  /** Monotonic time of the last test, by receiver. */
  const tested = new Map<string, number>();

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
    list: () => Array.from(current, ([key, notifier]) => describeReceiver(key, notifier, options)),
    async test(id, notification) {
      const [key, notifier] = [...current].find(([each]) => toId(each) === id) ?? [];
      if (key === undefined || notifier === undefined) {
        throw new TepalError(
          "NOT_FOUND",
          "There is no such receiver. GET /admin/receivers lists all.",
        );
      }
      const nowSeconds = parts.clock.monotonicSeconds();
      if (nowSeconds - (tested.get(key) ?? -Infinity) < TEST_SECONDS) {
        throw new TepalError(
          "TOO_MANY_REQUESTS",
          `Expected at most one test of a receiver in ${TEST_SECONDS} s, got another. Try again soon.`,
        );
      }
      tested.set(key, nowSeconds);
      const outcome = await notifier.test(notification);
      return {
        accepted: outcome.kind === "accepted",
        status: outcome.status ?? null,
        error: outcome.kind === "accepted" ? null : outcome.reason,
        reply: outcome.body ?? "",
      };
    },
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
  { clock, log, externalUrl, isSilenced }: NotifierParts,
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
    ...(isSilenced !== undefined && { isSilenced }),
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

const toId = (key: string): string => key.replace(" ", "-");

function describeReceiver(
  key: string,
  notifier: Notifier,
  { alertWebhookFormat }: AlertsOptions,
): ReceiverDescription {
  const { origin, alerts, last } = notifier.state();
  const { sent, send_failures, dropped, sending } = notifier.counts();
  const isAlertmanager = key.startsWith("alertmanager");
  return {
    id: toId(key),
    kind: isAlertmanager ? "alertmanager" : "webhook",
    format: isAlertmanager ? "alertmanager" : alertWebhookFormat,
    origin,
    alerts,
    sent,
    send_failures,
    dropped,
    sending,
    last_delivery:
      last === undefined
        ? null
        : { time: formatGoTime(last.atMs), error: last.error === "" ? null : last.error },
  };
}
