import type { Clock } from "../kernel/clock.ts";
import { TepalError, toMessage } from "../kernel/errors.ts";
import { followFiles } from "../kernel/follow-files.ts";
import type { Engine } from "../promql/promql.ts";
import type { SeriesReader } from "../series/series.ts";
import type { Alerting, AlertingLog, SampleWriter } from "./alerts.ts";
import { toGeneratorUrl } from "./evaluate/collect-notifications.ts";
import { describeAlerts, describeGroups, describeNotified } from "./evaluate/describe.ts";
import { EarlierAlerts } from "./evaluate/earlier-alerts.ts";
import { Evaluator } from "./evaluate/evaluator.ts";
import type { Labels } from "../series/series.ts";
import { createNotifiers } from "./notify/notifiers.ts";
import { readReceiverConfig } from "./notify/receiver-config.ts";
import { createTestNotification } from "./notify/test-notification.ts";
import { toExternalLabels, type AlertsOptions } from "./options.ts";
import { loadConfiguredRules } from "./rules/load-configured-rules.ts";
import { createSilences } from "./silences/silences.ts";

export interface AlertingParts {
  readonly engine: Engine;
  readonly reader: SeriesReader;
  readonly writer: SampleWriter;
  readonly clock: Clock;
  readonly log: AlertingLog;
  /** File in which the alerts that receivers hold for firing survive a restart; undefined to keep none. */
  readonly reportedFile?: string | undefined;
  /** File in which silences survive a restart; undefined to keep them in memory. */
  readonly silencesFile?: string | undefined;
  /** Seconds after the start at which rules have all samples that they need. @default 0 */
  readonly settleSeconds?: number;
  /** URL of this server, for example http://host:8000; for links. */
  readonly serverUrl: string;
}

/**
 * Reads the rules and creates the evaluator and its notifiers. Nothing is evaluated before `start()`. Until `close()`, the receivers
 * follow their file.
 *
 * @throws TepalError INVALID_RULES with all problems in the files; INVALID_OPTION for a URL, matcher or file
 */
export async function createAlerting(
  options: AlertsOptions,
  parts: AlertingParts,
): Promise<Alerting> {
  const { clock, log, settleSeconds = 0 } = parts;
  const { alertWebhookFile: file } = options;
  const externalLabels = toExternalLabels(options.externalLabel);
  const serverUrl = parts.serverUrl.replace(/\/+$/, "");
  const externalUrl = `${serverUrl}/prometheus`;
  const definitions = await loadConfiguredRules(options, serverUrl);
  const created = Promise.withResolvers<void>();
  // Created before the file is read, so that no change is missed.
  using resources = new DisposableStack();
  const follower = resources.use(
    await followFiles({ paths: file === null ? [] : [file], onChange: followReceivers }),
  );
  const receivers = await readReceiverConfig(options);
  const silences = await createSilences({ clock, log, file: parts.silencesFile });
  const notifiers = await createNotifiers(receivers, options, {
    ...parts,
    externalUrl,
    isSilenced: (labels) => silences.match(labels).length > 0,
  });
  // An alert's own labels override external labels.
  const addExternal = (labels: Labels): Labels =>
    externalLabels.size === 0 ? labels : new Map([...externalLabels, ...labels]);
  // As notifiers see the alert.
  const findSilences = (labels: Labels): readonly string[] => silences.match(addExternal(labels));
  const earlier = new EarlierAlerts(notifiers.earlier, externalLabels);
  const settledSeconds = clock.monotonicSeconds() + settleSeconds;
  const evaluator = new Evaluator(definitions, Math.round(options.rulesInterval * 1_000), {
    ...parts,
    externalUrl,
    externalLabels,
    notify: notifiers.notify,
  });
  let isClosed = false;

  function tick(): void {
    const isSettled = clock.monotonicSeconds() >= settledSeconds;
    const ended = earlier.settle(evaluator.groups, clock.nowMs(), isSettled);
    if (ended.length > 0) notifiers.notify(ended, clock.nowMs());
    notifiers.tick();
  }
  async function reloadReceivers(): Promise<void> {
    const config = await readReceiverConfig(options);
    if (!isClosed) await notifiers.replace(config);
  }
  async function followReceivers(): Promise<void> {
    await created.promise;
    try {
      await reloadReceivers();
      log.info(`reloaded the receivers of alerts: ${file} has changed`);
    } catch (error) {
      log.error(
        `cannot reload the receivers of alerts, keeping the earlier ones: ${toMessage(error)}`,
      );
    }
  }

  const following = resources.move();
  created.resolve();
  return {
    start: () => evaluator.start(tick),
    listGroups: (filter) => describeGroups(evaluator.groups, filter, findSilences),
    listAlerts: () => describeAlerts(evaluator.groups, findSilences),
    silences,
    listNotified: () =>
      describeNotified(evaluator.groups, addExternal, findSilences, (query) =>
        toGeneratorUrl(externalUrl, query),
      ),
    listReceivers: () => notifiers.list(),
    testReceiver: (id) =>
      notifiers.test(id, createTestNotification(externalUrl, externalLabels, clock.nowMs())),
    counts: () => ({ ...evaluator.counts(), ...notifiers.counts() }),
    async reload() {
      await follower.mark();
      const [rules, config] = await Promise.allSettled([
        loadConfiguredRules(options, serverUrl),
        reloadReceivers(),
      ]);
      if (rules.status === "fulfilled") evaluator.replace(rules.value);
      const reasons = [rules, config].flatMap((result): unknown[] =>
        result.status === "rejected" ? [result.reason] : [],
      );
      if (reasons.length === 1) throw reasons[0];
      if (reasons.length > 1) {
        throw new TepalError("INVALID_RULES", reasons.map(toMessage).join("\n"));
      }
    },
    async close() {
      isClosed = true;
      following.dispose();
      await evaluator.close();
      await notifiers.close();
      await silences.close();
    },
  };
}
