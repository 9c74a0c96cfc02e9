import type { Endpoint } from "./api.ts";
import { labels, labelValues, series } from "./labels.ts";
import type { ApiPath } from "./paths.ts";
import { formatQuery, query, queryExemplars, queryRange } from "./query.ts";
import { alerts, rules } from "./rules.ts";
import { buildinfo, config, flags, runtimeinfo, tsdb } from "./status.ts";
import { metadata, scrapePools, targets } from "./targets.ts";

/** Every endpoint by its path below `/api/v1/`. */
export const ENDPOINTS: Readonly<Record<ApiPath, Endpoint>> = {
  query,
  query_range: queryRange,
  query_exemplars: queryExemplars,
  format_query: formatQuery,
  labels,
  "label/:name/values": labelValues,
  series,
  metadata,
  targets,
  scrape_pools: scrapePools,
  rules,
  alerts,
  "status/buildinfo": buildinfo,
  "status/config": config,
  "status/flags": flags,
  "status/runtimeinfo": runtimeinfo,
  "status/tsdb": tsdb,
};
