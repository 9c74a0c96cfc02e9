import type { Clock } from "../kernel/clock.ts";
import type { Engine } from "../promql/promql.ts";
import type { SeriesReader } from "../series/series.ts";
import type { Alerting, AlertingLog, Notifier, SampleWriter } from "./alerts.ts";
import { describeAlerts, describeGroups } from "./describe.ts";
import { Evaluator } from "./evaluate/evaluator.ts";
import { loadRules } from "./rules/load-rules.ts";
import { AlertmanagerNotifier, ALERTS_PATH } from "./notify/alertmanager.ts";
import { createEndpoint } from "./notify/endpoint.ts";
import { WebhookNotifier } from "./notify/webhook.ts";
import type { AlertsOptions } from "./options.ts";
import { readReceivers, type Receivers } from "./notify/receivers.ts";

/** What alerts take from others. */
export interface AlertingParts {
  readonly engine: Engine;
  readonly reader: SeriesReader;
  readonly writer: SampleWriter;
  readonly clock: Clock;
  readonly log: AlertingLog;
  /** Where people find this server's Prometheus API, such as http://host:8000/prometheus; for links. */
  readonly externalUrl: string;
  /** Labels that every alert gets for those who are told, where it has none of the name. @default none */
  readonly externalLabels?: ReadonlyMap<string, string>;
}

/**
 * Reads the rules and puts together who evaluates them and who is told. Nothing happens before `start()`.
 *
 * @throws TepalError INVALID_RULES with all that is wrong in the files; INVALID_OPTION for an address, matcher or file
 */
export async function createAlerting(
  options: AlertsOptions,
  parts: AlertingParts,
): Promise<Alerting> {
  const { externalLabels = new Map<string, string>() } = parts;
  const externalUrl = parts.externalUrl.replace(/\/+$/, "");
  const definitions = await loadRules(options.rules);
  const receivers = await readReceivers(options);
  const notifiers = createNotifiers(receivers, options, externalUrl, parts);
  const evaluator = new Evaluator(definitions, Math.round(options.rulesInterval * 1_000), {
    ...parts,
    externalUrl,
    externalLabels,
    tell(notices, timeMs) {
      for (const notifier of notifiers) notifier.take(notices, timeMs);
    },
  });
  return {
    start: () =>
      evaluator.start(() => {
        for (const notifier of notifiers) notifier.tick();
      }),
    listGroups: (filter) => describeGroups(evaluator.groups, filter),
    listAlerts: () => describeAlerts(evaluator.groups),
    counts() {
      const counts = { ...evaluator.counts(), sent: 0, send_failures: 0, dropped: 0, sending: 0 };
      for (const notifier of notifiers) {
        const { sent, send_failures, dropped, sending } = notifier.counts();
        counts.sent += sent;
        counts.send_failures += send_failures;
        counts.dropped += dropped;
        counts.sending += sending;
      }
      return counts;
    },
    reload: async () => evaluator.replace(await loadRules(options.rules)),
    async close() {
      await evaluator.close();
      await Promise.all(notifiers.map((notifier) => notifier.close()));
    },
  };
}

function createNotifiers(
  { webhooks, matchers, alertmanagers }: Receivers,
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
    ...webhooks.map((url) => new WebhookNotifier(createEndpoint(url), webhook, clock, log)),
    ...alertmanagers.map(
      (url) => new AlertmanagerNotifier(createEndpoint(url, ALERTS_PATH), clock, log),
    ),
  ];
}
