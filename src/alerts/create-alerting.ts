import { createHash } from "node:crypto";
import type { Clock } from "../kernel/clock.ts";
import type { Engine } from "../promql/promql.ts";
import type { SeriesReader } from "../series/series.ts";
import type { Alerting, AlertingLog, SampleWriter } from "./alerts.ts";
import { describeAlerts, describeGroups } from "./evaluate/describe.ts";
import { EarlierAlerts } from "./evaluate/earlier-alerts.ts";
import { Evaluator } from "./evaluate/evaluator.ts";
import { AlertmanagerNotifier, ALERTS_PATH } from "./notify/alertmanager-notifier.ts";
import type { Notification, Notifier } from "./notify/notifier.ts";
import { readReceiverConfig, type ReceiverConfig } from "./notify/receiver-config.ts";
import { createReceiver } from "./notify/receiver.ts";
import { loadReportedAlerts, saveReportedAlerts } from "./notify/reported-alerts.ts";
import { WebhookNotifier } from "./notify/webhook-notifier.ts";
import { toExternalLabels, type AlertsOptions } from "./options.ts";
import { loadRules } from "./rules/load-rules.ts";

export interface AlertingParts {
  readonly engine: Engine;
  readonly reader: SeriesReader;
  readonly writer: SampleWriter;
  readonly clock: Clock;
  readonly log: AlertingLog;
  /** File in which the alerts that receivers hold for firing survive a restart; undefined to keep none. */
  readonly reportedFile?: string | undefined;
  /** Seconds after the start at which rules have all samples that they need. @default 0 */
  readonly settleSeconds?: number;
  /** URL of this server's Prometheus API, for example http://host:8000/prometheus; for links. */
  readonly externalUrl: string;
}

/**
 * Reads the rules and creates the evaluator and its notifiers. Nothing is evaluated before `start()`.
 *
 * @throws TepalError INVALID_RULES with all problems in the files; INVALID_OPTION for a URL, matcher or file
 */
export async function createAlerting(
  options: AlertsOptions,
  parts: AlertingParts,
): Promise<Alerting> {
  const externalLabels = toExternalLabels(options.externalLabel);
  const externalUrl = parts.externalUrl.replace(/\/+$/, "");
  const definitions = await loadRules(options.rules);
  const receivers = await readReceiverConfig(options);
  const notifiers = createNotifiers(receivers, options, externalUrl, parts);
  const reports = await openReports(notifiers, parts);
  const earlier = new EarlierAlerts(reports.earlier, externalLabels);
  const { clock, settleSeconds = 0 } = parts;
  const settledSeconds = clock.monotonicSeconds() + settleSeconds;
  const evaluator = new Evaluator(definitions, Math.round(options.rulesInterval * 1_000), {
    ...parts,
    externalUrl,
    externalLabels,
    notify(notifications, timeMs) {
      for (const { notifier } of notifiers) notifier.notify(notifications, timeMs);
    },
  });

  function tick(): void {
    const isSettled = clock.monotonicSeconds() >= settledSeconds;
    const ended = earlier.settle(evaluator.groups, clock.nowMs(), isSettled);
    for (const { notifier } of notifiers) {
      if (ended.length > 0) notifier.notify(ended, clock.nowMs());
      notifier.tick();
    }
    reports.save();
  }

  return {
    start: () => evaluator.start(tick),
    listGroups: (filter) => describeGroups(evaluator.groups, filter),
    listAlerts: () => describeAlerts(evaluator.groups),
    counts: () => ({ ...evaluator.counts(), ...sumCounts(notifiers) }),
    reload: async () => evaluator.replace(await loadRules(options.rules)),
    async close() {
      await evaluator.close();
      await Promise.all(notifiers.map(({ notifier }) => notifier.close()));
      await reports.close();
    },
  };
}

/** A notifier, with a key of its receiver for the file of reported alerts. */
interface KeyedNotifier {
  readonly key: string;
  readonly notifier: Notifier;
}

interface Reports {
  /** Alerts that any receiver holds for firing since a previous process. */
  readonly earlier: readonly Notification[];
  /** Writes the file in the background, if a receiver has accepted a message since the last time. */
  save(): void;
  close(): Promise<void>;
}

/** Restores the notifiers from the file, and keeps it up to date. */
async function openReports(
  notifiers: readonly KeyedNotifier[],
  { reportedFile: path, log }: AlertingParts,
): Promise<Reports> {
  if (path === undefined) return { earlier: [], save() {}, close: async () => {} };
  const reported = await loadReportedAlerts(path, log);
  for (const { key, notifier } of notifiers) notifier.restore(reported.get(key) ?? []);
  let sent = 0;
  let saving: Promise<void> = Promise.resolve();
  const save = (): void => {
    const count = sumCounts(notifiers).sent;
    if (count === sent) return;
    sent = count;
    const now = new Map(notifiers.map(({ key, notifier }) => [key, notifier.reported()]));
    saving = saving.then(() => saveReportedAlerts(path, now, log));
  };
  return {
    earlier: [...reported.values()].flat(),
    save,
    close() {
      save();
      return saving;
    },
  };
}

function sumCounts(notifiers: readonly KeyedNotifier[]): ReturnType<Notifier["counts"]> {
  const sum = { sent: 0, send_failures: 0, dropped: 0, sending: 0 };
  for (const { notifier } of notifiers) {
    const { sent, send_failures, dropped, sending } = notifier.counts();
    sum.sent += sent;
    sum.send_failures += send_failures;
    sum.dropped += dropped;
    sum.sending += sending;
  }
  return sum;
}

function createNotifiers(
  { webhooks, matchers, alertmanagers }: ReceiverConfig,
  options: AlertsOptions,
  externalUrl: string,
  { clock, log }: AlertingParts,
): readonly KeyedNotifier[] {
  const webhook = {
    format: options.alertWebhookFormat,
    matchers,
    groupBy: options.alertGroupBy,
    groupWaitSeconds: options.alertGroupWait,
    groupIntervalSeconds: options.alertGroupInterval,
    repeatIntervalSeconds: options.alertRepeatInterval,
    externalUrl,
  };
  return [
    ...webhooks.map((url) => ({
      key: toReceiverKey("webhook", url),
      notifier: new WebhookNotifier(createReceiver(url), webhook, clock, log),
    })),
    ...alertmanagers.map((url) => ({
      key: toReceiverKey("alertmanager", url),
      notifier: new AlertmanagerNotifier(createReceiver(url, ALERTS_PATH), clock, log),
    })),
  ];
}

/** A hash, because the URL may be a secret. */
function toReceiverKey(kind: string, url: URL): string {
  return `${kind} ${createHash("sha256").update(url.href).digest("hex").slice(0, 16)}`;
}
