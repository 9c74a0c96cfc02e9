import type { TargetStatus } from "../../series/scrape/scrape-loop.ts";
import { toResult, type Endpoint } from "./api.ts";
import { createLabels } from "../../series/labels.ts";
import { createBadData, createInvalid, parseInteger, withParameterName } from "./parameters.ts";
import { readSelector } from "./selectors.ts";

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

/** `scrape_pools/config`: the configuration of a job. */
export const scrapePoolConfig: Endpoint = ({ info }, { parameters }) => {
  const job = parameters.get("scrapePool") ?? "";
  if (job === "") throw createBadData("no scrapePool parameter provided");
  const found = info.config.scrape_configs?.find(({ job_name }) => job_name === job);
  if (found === undefined) {
    throw createBadData(
      `error retrieving scrape config: scrape pool ${JSON.stringify(job)} not found`,
    );
  }
  // JSON is valid YAML.
  return toResult({ yaml: `${JSON.stringify(found, null, 2)}\n` });
};

/** `targets/metadata`: types and help of metrics, by target. */
export const targetsMetadata: Endpoint = ({ listTargets }, { parameters }) => {
  const written = parameters.get("limit") ?? "";
  const limit = written === "" ? -1 : parseInteger(written);
  if (limit === undefined) throw createBadData("limit must be a number");
  const selector = parameters.get("match_target") ?? "";
  const matchers =
    selector === "" ? [] : withParameterName("match_target", () => readSelector(selector).matchers);
  const metric = parameters.get("metric") ?? "";
  const found: object[] = [];
  for (const { job, instance, metadata: entries } of listTargets()) {
    // A limit ends the list after the target that reaches it, as in Prometheus.
    if (limit >= 0 && found.length >= limit) break;
    const target = { instance, job };
    const labels = createLabels(Object.entries(target));
    if (!matchers.every((matcher) => matcher.matches(labels.get(matcher.name) ?? ""))) continue;
    for (const [name, { type, help }] of entries) {
      if (metric === "") found.push({ target, metric: name, type, help, unit: "" });
      else if (name === metric) found.push({ target, type, help, unit: "" });
    }
  }
  return toResult(found);
};

/** `targets/relabel_steps`: none, because targets are not relabeled. */
export const relabelSteps: Endpoint = () => toResult({ steps: [] });

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
