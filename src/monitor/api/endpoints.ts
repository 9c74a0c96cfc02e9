import type { Endpoint } from "./api.ts";
import { labels, labelValues, series } from "./labels.ts";
import { formatQuery, query, queryExemplars, queryRange } from "./query.ts";
import { alerts, rules } from "./rules.ts";
import { buildinfo, config, flags, runtimeinfo, tsdb } from "./status.ts";
import { metadata, scrapePools, targets } from "./targets.ts";

/** The endpoints by their path below `/api/v1/`. */
const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  query,
  query_range: queryRange,
  query_exemplars: queryExemplars,
  format_query: formatQuery,
  labels,
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

/** Finds the endpoint of a path, with the label name in the path; undefined for an unknown path. */
export function findEndpoint(
  path: string,
): { readonly endpoint: Endpoint; readonly name: string } | undefined {
  const [, name] = /^label\/([^]*)\/values$/.exec(path) ?? [];
  if (name !== undefined) return { endpoint: labelValues, name };
  const endpoint = Object.hasOwn(ENDPOINTS, path) ? ENDPOINTS[path] : undefined;
  return endpoint && { endpoint, name: "" };
}
