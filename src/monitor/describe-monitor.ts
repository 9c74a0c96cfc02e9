import { ALERTS_PATH } from "../alerts/notify/alertmanager-notifier.ts";
import { toExternalLabels } from "../alerts/options.ts";
import type { Target } from "../series/scrape/target.ts";
import type { MonitorInfo } from "./api/api.ts";
import { MONITOR_OPTIONS } from "./options.ts";
import type { ThreadData } from "./thread-calls.ts";

/** Describes the monitor for the status endpoints, without options that may be secrets. */
export function describeMonitor(
  { options, version }: ThreadData,
  targets: readonly Pick<Target, "job" | "url">[],
  startedMs: number,
): MonitorInfo {
  const { scrapeInterval, rulesInterval, rules, retention, externalLabel, alertmanagerUrl } =
    options;
  const flags = Object.keys(MONITOR_OPTIONS).filter((name) => !SECRET.has(name));
  return {
    version,
    startedMs,
    folder: process.cwd(),
    retentionSeconds: retention * 3_600,
    scrapeIntervalSeconds: scrapeInterval,
    flags: Object.fromEntries(
      flags.map((name) => [toKebabCase(name), String(options[name as keyof typeof options])]),
    ),
    externalLabels: Object.fromEntries(toExternalLabels(externalLabel)),
    alertmanagers: alertmanagerUrl.map((url) => `${new URL(url).origin}${ALERTS_PATH}`),
    config: {
      global: {
        scrape_interval: formatSeconds(scrapeInterval),
        scrape_timeout: formatSeconds(scrapeInterval),
        evaluation_interval: formatSeconds(rulesInterval),
        ...(externalLabel.length > 0 && {
          external_labels: Object.fromEntries(toExternalLabels(externalLabel)),
        }),
      },
      rule_files: rules,
      scrape_configs: targets.map(({ job, url }) => {
        const { host, pathname, protocol } = new URL(url);
        return {
          job_name: job,
          scheme: protocol.replace(":", ""),
          metrics_path: pathname,
          static_configs: [{ targets: [host] }],
        };
      }),
    },
  };
}

/** Options whose URLs may contain secrets. */
const SECRET: ReadonlySet<string> = new Set([
  "alertWebhook",
  "alertmanagerUrl",
  "remoteWrite",
  "scrape",
]);

function toKebabCase(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** Formats a duration as in Prometheus's configuration. */
function formatSeconds(seconds: number): string {
  return Number.isInteger(seconds) ? `${seconds}s` : `${Math.round(seconds * 1_000)}ms`;
}
