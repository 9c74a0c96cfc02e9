import type { Clock } from "../kernel/clock.ts";
import type { Engine } from "../promql/promql.ts";
import type { SeriesReader } from "../series/series.ts";
import type { Alerting, AlertingLog, SampleWriter } from "./alerts.ts";
import { describeAlerts, describeGroups } from "./evaluate/describe.ts";
import { Evaluator } from "./evaluate/evaluator.ts";
import { AlertmanagerNotifier, ALERTS_PATH } from "./notify/alertmanager-notifier.ts";
import type { Notifier } from "./notify/notifier.ts";
import { readReceiverConfig, type ReceiverConfig } from "./notify/receiver-config.ts";
import { createReceiver } from "./notify/receiver.ts";
import { WebhookNotifier } from "./notify/webhook-notifier.ts";
import { toExternalLabels, type AlertsOptions } from "./options.ts";
import { loadRules } from "./rules/load-rules.ts";

export interface AlertingParts {
  readonly engine: Engine;
  readonly reader: SeriesReader;
  readonly writer: SampleWriter;
  readonly clock: Clock;
  readonly log: AlertingLog;
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
  const evaluator = new Evaluator(definitions, Math.round(options.rulesInterval * 1_000), {
    ...parts,
    externalUrl,
    externalLabels,
    notify(notifications, timeMs) {
      for (const notifier of notifiers) notifier.notify(notifications, timeMs);
    },
  });
  return {
    start: () =>
      evaluator.start(() => {
        for (const notifier of notifiers) notifier.tick();
      }),
    listGroups: (filter) => describeGroups(evaluator.groups, filter),
    listAlerts: () => describeAlerts(evaluator.groups),
    counts: () => ({ ...evaluator.counts(), ...sumCounts(notifiers) }),
    reload: async () => evaluator.replace(await loadRules(options.rules)),
    async close() {
      await evaluator.close();
      await Promise.all(notifiers.map((notifier) => notifier.close()));
    },
  };
}

function sumCounts(notifiers: readonly Notifier[]): ReturnType<Notifier["counts"]> {
  const sum = { sent: 0, send_failures: 0, dropped: 0, sending: 0 };
  for (const notifier of notifiers) {
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
): readonly Notifier[] {
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
    ...webhooks.map((url) => new WebhookNotifier(createReceiver(url), webhook, clock, log)),
    ...alertmanagers.map(
      (url) => new AlertmanagerNotifier(createReceiver(url, ALERTS_PATH), clock, log),
    ),
  ];
}
