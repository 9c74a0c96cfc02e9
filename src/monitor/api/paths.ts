/**
 * What can be asked below `/api/v1/`. In a file of its own, so that whoever only hands requests on does not load what
 * answers them.
 */
export const API_PATHS = [
  "query",
  "query_range",
  "query_exemplars",
  "format_query",
  "labels",
  "label/:name/values",
  "series",
  "metadata",
  "targets",
  "scrape_pools",
  "rules",
  "alerts",
  "status/buildinfo",
  "status/config",
  "status/flags",
  "status/runtimeinfo",
  "status/tsdb",
] as const;

export type ApiPath = (typeof API_PATHS)[number];

/** Those that take their parameters in a form too, by POST. */
export const FORM_PATHS: ReadonlySet<ApiPath> = new Set([
  "query",
  "query_range",
  "query_exemplars",
  "format_query",
  "labels",
  "series",
]);
