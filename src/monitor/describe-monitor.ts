import type { Target } from "../series/scrape/target.ts";
import type { About } from "./api/api.ts";
import type { ThreadTask } from "./monitor.ts";
import { MONITOR_OPTIONS, OWN_RULES } from "./options.ts";

/** What the status endpoints tell of a monitor: addresses of webhooks may be secrets, and are not told. */
export function describeMonitor(
  { options, version }: ThreadTask,
  targets: readonly Pick<Target, "job" | "url">[],
  startedMs: number,
): About {
  const { scrapeInterval, rulesInterval, rules, retention } = options;
  const flags = Object.keys(MONITOR_OPTIONS).filter((name) => !SECRET.has(name));
  return {
    version,
    startedMs,
    folder: process.cwd(),
    retentionSeconds: retention * 3_600,
    scrapeIntervalSeconds: scrapeInterval,
    flags: Object.fromEntries(
      flags.map((name) => [toDashes(name), String(options[name as keyof typeof options])]),
    ),
    config: {
      global: {
        scrape_interval: formatSeconds(scrapeInterval),
        scrape_timeout: formatSeconds(scrapeInterval),
        evaluation_interval: formatSeconds(rulesInterval),
      },
      rule_files: rules.length > 0 ? rules : [OWN_RULES],
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

const SECRET: ReadonlySet<string> = new Set(["alertWebhook", "alertmanagerUrl", "scrape"]);

function toDashes(name: string): string {
  return name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** As Prometheus's configuration has durations. */
function formatSeconds(seconds: number): string {
  return Number.isInteger(seconds) ? `${seconds}s` : `${Math.round(seconds * 1_000)}ms`;
}
