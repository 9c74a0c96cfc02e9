import type { Endpoint } from "./api.ts";
import { labels, labelValues, series } from "./labels.ts";
import { features } from "./features.ts";
import { federate } from "./federate.ts";
import { formatQuery, parseQuery, query, queryExemplars, queryRange } from "./query.ts";
import { alerts, rules } from "./rules.ts";
import {
  alertmanagers,
  buildinfo,
  config,
  flags,
  notifications,
  runtimeinfo,
  tsdb,
  tsdbBlocks,
  walreplay,
} from "./status.ts";
import {
  metadata,
  relabelSteps,
  scrapePoolConfig,
  scrapePools,
  targets,
  targetsMetadata,
} from "./targets.ts";

/** The endpoints by their path below `/api/v1/`, or with a slash at the beginning. */
const ENDPOINTS: Readonly<Record<string, Endpoint>> = {
  query,
  query_range: queryRange,
  query_exemplars: queryExemplars,
  format_query: formatQuery,
  parse_query: parseQuery,
  labels,
  series,
  metadata,
  targets,
  "targets/metadata": targetsMetadata,
  "targets/relabel_steps": relabelSteps,
  scrape_pools: scrapePools,
  "scrape_pools/config": scrapePoolConfig,
  alertmanagers,
  rules,
  alerts,
  features,
  notifications,
  "/federate": federate,
  "status/buildinfo": buildinfo,
  "status/config": config,
  "status/flags": flags,
  "status/runtimeinfo": runtimeinfo,
  "status/tsdb": tsdb,
  "status/tsdb/blocks": tsdbBlocks,
  "status/walreplay": walreplay,
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
