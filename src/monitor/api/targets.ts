import { toAnswer, type ApiParts, type Endpoint } from "./api.ts";
import { createBadData, createInvalid, parseInteger } from "./parameters.ts";

/** `targets`: what is scraped, and how that went the last time. */
export const targets: Endpoint = ({ scraper }, { parameters }) => {
  const state = (parameters.get("state") ?? "").toLowerCase();
  const pool = parameters.get("scrapePool") ?? "";
  const listed = scraper.targets().filter(({ job }) => pool === "" || job === pool);
  return toAnswer({
    ...(state !== "dropped" && { activeTargets: listed.map(toTarget) }),
    ...(state === "dropped" && { activeTargets: [] }),
    droppedTargets: [],
    droppedTargetCounts: Object.fromEntries(listed.map(({ job }) => [job, 0])),
  });
};

/** `scrape_pools`: the jobs. */
export const scrapePools: Endpoint = ({ scraper }) => {
  const jobs = new Set(scraper.targets().map(({ job }) => job));
  return toAnswer({ scrapePools: [...jobs].toSorted() });
};

/** `metadata`: what the targets say of their metrics. */
export const metadata: Endpoint = ({ scraper }, { parameters }) => {
  const limit = readMetadataLimit(parameters, "limit");
  const limitPerMetric = readMetadataLimit(parameters, "limit_per_metric");
  const wanted = parameters.get("metric") ?? "";
  const byMetric: Record<string, readonly object[]> = {};
  let count = 0;
  for (const [metric, said] of scraper.metadata()) {
    if (wanted !== "" && metric !== wanted) continue;
    if (count >= limit) break;
    byMetric[metric] = said.slice(0, limitPerMetric);
    count += 1;
  }
  return toAnswer(byMetric);
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

type Target = ReturnType<ApiParts["scraper"]["targets"]>[number];

function toTarget(target: Target): object {
  const { job, instance, url, intervalSeconds, timeoutSeconds, lastScrapeMs, lastError } = target;
  const { host, pathname, protocol } = new URL(url);
  return {
    discoveredLabels: {
      __address__: host,
      __metrics_path__: pathname,
      __scheme__: protocol.replace(":", ""),
      __scrape_interval__: `${intervalSeconds}s`,
      __scrape_timeout__: `${timeoutSeconds}s`,
      job,
    },
    labels: { instance, job },
    scrapePool: job,
    scrapeUrl: url,
    globalUrl: url,
    lastError: lastError ?? "",
    lastScrape: lastScrapeMs === undefined ? ZERO_TIME : new Date(lastScrapeMs).toISOString(),
    lastScrapeDuration: target.lastSeconds ?? 0,
    health: lastScrapeMs === undefined ? "unknown" : lastError === undefined ? "up" : "down",
    scrapeInterval: `${intervalSeconds}s`,
    scrapeTimeout: `${timeoutSeconds}s`,
  };
}

/** Go's word for no time at all. */
const ZERO_TIME = "0001-01-01T00:00:00Z";
