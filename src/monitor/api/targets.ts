import type { TargetStatus } from "../../series/scrape/scrape-loop.ts";
import { toResult, type Endpoint } from "./api.ts";
import { createBadData, createInvalid, parseInteger } from "./parameters.ts";

/** `targets`: the targets with the result of their last scrape. */
export const targets: Endpoint = ({ listTargets, info }, { parameters }) => {
  const state = (parameters.get("state") ?? "").toLowerCase();
  const pool = parameters.get("scrapePool") ?? "";
  const listed = listTargets().filter(({ job }) => pool === "" || job === pool);
  return toResult({
    ...(state !== "dropped" && {
      activeTargets: listed.map((target) => toTarget(target, info.scrapeIntervalSeconds)),
    }),
    ...(state === "dropped" && { activeTargets: [] }),
    droppedTargets: [],
    droppedTargetCounts: Object.fromEntries(listed.map(({ job }) => [job, 0])),
  });
};

/** `scrape_pools`: the jobs. */
export const scrapePools: Endpoint = ({ listTargets }) => {
  const jobs = new Set(listTargets().map(({ job }) => job));
  return toResult({ scrapePools: [...jobs].toSorted() });
};

/** `metadata`: types and help of metrics. If targets disagree info a metric, all variants are listed. */
export const metadata: Endpoint = ({ listTargets }, { parameters }) => {
  const limit = readMetadataLimit(parameters, "limit");
  const limitPerMetric = readMetadataLimit(parameters, "limit_per_metric");
  const requested = parameters.get("metric") ?? "";
  const byMetric = new Map<string, Map<string, object>>();
  for (const target of listTargets()) {
    for (const [metric, { type, help }] of target.metadata) {
      if (requested !== "" && metric !== requested) continue;
      const variants = byMetric.get(metric) ?? new Map<string, object>();
      byMetric.set(metric, variants.set(`${type} ${help}`, { type, help, unit: "" }));
    }
  }
  const kept = [...byMetric].slice(0, limit);
  return toResult(
    Object.fromEntries(
      kept.map(([metric, variants]) => [metric, [...variants.values()].slice(0, limitPerMetric)]),
    ),
  );
};

/** Values ≤ 0 mean no limit. */
function readMetadataLimit(parameters: URLSearchParams, name: string): number {
  const written = parameters.get(name) ?? "";
  if (written === "") return Number.POSITIVE_INFINITY;
  const limit = parseInteger(written);
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

/** Go's zero time: never scraped. */
const ZERO_TIME = "0001-01-01T00:00:00Z";
