import { federate } from "./federate.ts";
import { QUERY_ENDPOINTS, type Endpoints } from "./query-endpoints.ts";
import { parseQuery, queryExemplars } from "./query.ts";
import { alerts, rules } from "./rules.ts";
import {
  alertmanagers,
  config,
  flags,
  notifications,
  runtimeinfo,
  tsdbBlocks,
  walreplay,
} from "./status.ts";
import { relabelSteps, scrapePoolConfig, scrapePools, targetsMetadata } from "./targets.ts";

/** The endpoints by their path below `/api/v1/`, or with a slash at the beginning. */
export const ENDPOINTS: Endpoints = {
  ...QUERY_ENDPOINTS,
  query_exemplars: queryExemplars,
  parse_query: parseQuery,
  "targets/metadata": targetsMetadata,
  "targets/relabel_steps": relabelSteps,
  scrape_pools: scrapePools,
  "scrape_pools/config": scrapePoolConfig,
  alertmanagers,
  rules,
  alerts,
  notifications,
  "/federate": federate,
  "status/config": config,
  "status/flags": flags,
  "status/runtimeinfo": runtimeinfo,
  "status/tsdb/blocks": tsdbBlocks,
  "status/walreplay": walreplay,
};
