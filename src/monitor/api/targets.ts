import type { TargetStatus } from "../../series/scrape/scrape-loop.ts";
import { toAnswer, type Endpoint } from "./api.ts";
import { createBadData, createInvalid, parseInteger } from "./parameters.ts";

/** `targets`: what is scraped, and how that went the last time. */
export const targets: Endpoint = ({ listTargets, about }, { parameters }) => {
  const state = (parameters.get("state") ?? "").toLowerCase();
  const pool = parameters.get("scrapePool") ?? "";
  const listed = listTargets().filter(({ job }) => pool === "" || job === pool);
  return toAnswer({
    ...(state !== "dropped" && {
      activeTargets: listed.map((target) => toTarget(target, about.scrapeIntervalSeconds)),
    }),
    ...(state === "dropped" && { activeTargets: [] }),
    droppedTargets: [],
    droppedTargetCounts: Object.fromEntries(listed.map(({ job }) => [job, 0])),
  });
};

/** `scrape_pools`: the jobs. */
export const scrapePools: Endpoint = ({ listTargets }) => {
  const jobs = new Set(listTargets().map(({ job }) => job));
  return toAnswer({ scrapePools: [...jobs].toSorted() });
};

/** `metadata`: what the targets say of their metrics; where they say different things, all of it. */
export const metadata: Endpoint = ({ listTargets }, { parameters }) => {
  const limit = readMetadataLimit(parameters, "limit");
  const limitPerMetric = readMetadataLimit(parameters, "limit_per_metric");
  const wanted = parameters.get("metric") ?? "";
  const byMetric = new Map<string, Map<string, object>>();
  for (const target of listTargets()) {
    for (const [metric, { type, help }] of target.metadata) {
      if (wanted !== "" && metric !== wanted) continue;
      const said = byMetric.get(metric) ?? new Map<string, object>();
      byMetric.set(metric, said.set(`${type} ${help}`, { type, help, unit: "" }));
    }
  }
  const kept = [...byMetric].slice(0, limit);
  return toAnswer(
    Object.fromEntries(
      kept.map(([metric, said]) => [metric, [...said.values()].slice(0, limitPerMetric)]),
    ),
  );
};

/** Zero and less are no limit. */
function readMetadataLimit(parameters: URLSearchParams, name: string): number {
  const text = parameters.get(name) ?? "";
  if (text === "") return Number.POSITIVE_INFINITY;
  const limit = parseInteger(text);
  if (limit === undefined) {
    throw name === "limit"
      ? createBadData("limit must be a number")
      : createInvalid(name, `${name} must be a number`);
  }
  return limit > 0 ? limit : Number.POSITIVE_INFINITY;
}

function toTarget(target: TargetStatus, intervalSeconds: number): object {
  const { job, instance, url, health, lastError, lastScrapeMs, lastDurationSeconds } = target;
  const { host, pathname, protocol } = new URL(url);
  const interval = `${intervalSeconds}s`;
  return {
    discoveredLabels: {
      __address__: host,
      __metrics_path__: pathname,
      __scheme__: protocol.replace(":", ""),
      __scrape_interval__: interval,
      __scrape_timeout__: interval,
      job,
    },
    labels: { instance, job },
    scrapePool: job,
    scrapeUrl: url,
    globalUrl: url,
    lastError,
    lastScrape: lastScrapeMs === null ? ZERO_TIME : new Date(lastScrapeMs).toISOString(),
    lastScrapeDuration: lastDurationSeconds,
    health,
    scrapeInterval: interval,
    scrapeTimeout: interval,
  };
}

/** Go's word for no time at all. */
const ZERO_TIME = "0001-01-01T00:00:00Z";
