/**
 * The Prometheus HTTP API over the monitor's history: the arguments and the result of an endpoint. An endpoint is a pure function
 * of its arguments. The only part of HTTP here is the status of an error.
 *
 * Shapes, messages and number formats are those of Prometheus 3, so that clients of Prometheus work with it.
 */
import type { Clock } from "../../kernel/clock.ts";
import type { Alerting } from "../../alerts/alerts.ts";
import type { TargetStatus } from "../../series/scrape/scrape-loop.ts";
import type { ExemplarStore } from "../../series/store/exemplar-store.ts";
import type { SeriesStore } from "../../series/store/series-store.ts";
import type { JsonBytes } from "./json-bytes.ts";

/** The data sources of the endpoints. */
export interface ApiParts {
  readonly store: Pick<
    SeriesStore,
    "select" | "find" | "labelNames" | "labelValues" | "statistics"
  >;
  readonly exemplars: Pick<ExemplarStore, "find">;
  listTargets(): readonly TargetStatus[];
  readonly alerting: Pick<Alerting, "listGroups" | "listAlerts">;
  readonly clock: Clock;
  readonly limits: QueryLimits;
  readonly info: MonitorInfo;
}

export interface QueryLimits {
  readonly timeoutSeconds: number;
  readonly maxSamples: number;
}

/** The data of the status endpoints. */
export interface MonitorInfo {
  /** Tepal's version. */
  readonly version: string;
  /** Milliseconds since 1970. */
  readonly startedMs: number;
  readonly folder: string;
  readonly retentionSeconds: number;
  readonly scrapeIntervalSeconds: number;
  /** The options of the monitor as strings, by the name of the flag. */
  readonly flags: Readonly<Record<string, string>>;
  /** Labels of `--external-label`. */
  readonly externalLabels: Readonly<Record<string, string>>;
  /** URLs to which alerts are posted, without credentials and path prefix, which may be secrets. */
  readonly alertmanagers: readonly string[];
  /** Scrape targets and rule files, in the form of Prometheus's configuration. */
  readonly config: Readonly<Record<string, unknown>> & {
    readonly scrape_configs?: readonly { readonly job_name: string }[];
  };
}

/** A request to an endpoint. */
export interface ApiCall {
  /** Parameters of the form in the body, then of the query string. */
  readonly parameters: URLSearchParams;
  /** The label name of `label/NAME/values`; otherwise "". */
  readonly name: string;
  /** Time that the request waited for its turn. */
  readonly waitedSeconds: number;
}

export type ApiResult = DataResult | ExpositionResult;

export interface DataResult {
  /** Writes the value of `data` as JSON. It may be large. */
  readonly write: (out: JsonBytes) => void;
  readonly warnings?: readonly string[];
  readonly infos?: readonly string[];
}

/** A reply in the Prometheus text format. */
export interface ExpositionResult {
  readonly writeExposition: (out: JsonBytes) => void;
}

/** @throws TepalError QUERY_INVALID, QUERY_FAILED, QUERY_TIMEOUT or NOT_FOUND; any other error is a bug */
export type Endpoint = (parts: ApiParts, call: ApiCall) => ApiResult;

/** Creates a result of a small value. */
export function toResult(data: unknown, warnings: readonly string[] = []): DataResult {
  return { write: (out) => out.add(JSON.stringify(data)), warnings };
}

export const TRUNCATED = "results truncated due to limit";
