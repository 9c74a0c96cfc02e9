import { readFile } from "node:fs/promises";
import type { Clock } from "../kernel/clock.ts";
import { TepalError, toMessage } from "../kernel/errors.ts";
import { parse } from "../promql/parser.ts";
import type { Engine } from "../promql/promql.ts";
import { METRIC_NAME, type Matcher, type SeriesReader } from "../series/series.ts";
import type { Alerting, AlertingLog, Notifier, SampleWriter } from "./alerts.ts";
import { describeAlerts, describeGroups } from "./describe.ts";
import { Evaluator } from "./evaluator.ts";
import { loadRules } from "./load-rules.ts";
import { AlertmanagerNotifier, ALERTS_PATH } from "./notify/alertmanager.ts";
import { createEndpoint } from "./notify/endpoint.ts";
import { WebhookNotifier } from "./notify/webhook.ts";
import type { AlertsOptions } from "./options.ts";

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
  const { clock, log, externalLabels = new Map<string, string>() } = parts;
  const externalUrl = parts.externalUrl.replace(/\/+$/, "");
  const definitions = await loadRules(options.rules);
  const notifiers = await createNotifiers(options, externalUrl, clock, log);
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

async function createNotifiers(
  options: AlertsOptions,
  externalUrl: string,
  clock: Clock,
  log: AlertingLog,
): Promise<readonly Notifier[]> {
  const webhook = {
    format: options.alertWebhookFormat,
    matchers: parseMatchers(options.alertWebhookMatch),
    groupBy: options.alertGroupBy,
    groupWaitSeconds: options.alertGroupWait,
    groupIntervalSeconds: options.alertGroupInterval,
    repeatIntervalSeconds: options.alertRepeatInterval,
    externalUrl,
  };
  const listed = await readAddresses(options.alertWebhookFile);
  const webhooks = [
    ...options.alertWebhook.map((url) => createEndpoint(url, "--alert-webhook")),
    ...listed.map((url) => createEndpoint(url, "--alert-webhook-file")),
  ];
  const alertmanagers = options.alertmanagerUrl.map((url) =>
    createEndpoint(url, "--alertmanager-url", ALERTS_PATH),
  );
  return [
    ...webhooks.map((endpoint) => new WebhookNotifier(endpoint, webhook, clock, log)),
    ...alertmanagers.map((endpoint) => new AlertmanagerNotifier(endpoint, clock, log)),
  ];
}

async function readAddresses(file: string | null): Promise<readonly string[]> {
  if (file === null) return [];
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw toOptionError("--alert-webhook-file", `cannot be read: ${toMessage(cause)}`);
  });
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

function parseMatchers(texts: readonly string[]): readonly Matcher[] {
  try {
    const expr = parse(`any{${texts.join(",")}}`);
    if (expr.kind !== "vector selector") throw new Error("it is more than a selector");
    return expr.matchers.filter(({ name }) => name !== METRIC_NAME);
  } catch (cause) {
    const expected = 'such as severity!="info" or team=~"a|b"';
    throw toOptionError(
      "--alert-webhook-match",
      `is not a list of matchers, ${expected}: ${toMessage(cause)}`,
    );
  }
}

function toOptionError(option: string, message: string): TepalError {
  return new TepalError("INVALID_OPTION", `${option} ${message}`, {
    problems: [{ at: option, message }],
  });
}
