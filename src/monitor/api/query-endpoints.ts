import type { Endpoint } from "./api.ts";
import { features } from "./features.ts";
import { labels, labelValues, series } from "./labels.ts";
import { formatQuery, query, queryRange } from "./query.ts";
import { buildinfo, tsdb } from "./status.ts";
import { metadata, targets } from "./targets.ts";

export type Endpoints = Readonly<Record<string, Endpoint>>;

/** The endpoints that pages need to query series. They need nothing of Node.js, so the lab has them in the browser. */
export const QUERY_ENDPOINTS: Endpoints = {
  query,
  query_range: queryRange,
  format_query: formatQuery,
  labels,
  series,
  metadata,
  targets,
  features,
  "status/buildinfo": buildinfo,
  "status/tsdb": tsdb,
};

/** Finds the endpoint of a path, with the label name in the path; undefined for an unknown path. */
export function findEndpoint(
  path: string,
  endpoints: Endpoints,
): { readonly endpoint: Endpoint; readonly name: string } | undefined {
  const [, name] = /^label\/([^]*)\/values$/.exec(path) ?? [];
  if (name !== undefined) return { endpoint: labelValues, name };
  const endpoint = Object.hasOwn(endpoints, path) ? endpoints[path] : undefined;
  return endpoint && { endpoint, name: "" };
}
