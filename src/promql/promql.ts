/**
 * PromQL over a reader of series: what goes into a query and what comes out of it. This file is the room's door.
 *
 * The semantics are those of Prometheus 3 for classic float series; docs/promql.md says what is left out. A query is
 * evaluated at once, synchronously: who must not be held up runs it in a worker thread.
 */
import type { Clock } from "../kernel/clock.ts";
import type { Labels, SeriesReader } from "../series/series.ts";

export interface Engine {
  /**
   * The value at one moment. Of a range selector: its samples.
   *
   * @param timeMs milliseconds since 1970
   * @throws TepalError QUERY_INVALID (`bad_data`), QUERY_FAILED (`execution`) or QUERY_TIMEOUT (`timeout`)
   */
  queryInstant(
    reader: SeriesReader,
    query: string,
    timeMs: number,
    options?: QueryOptions,
  ): QueryResult;
  /**
   * The values at start, start + step, … up to end.
   *
   * @throws TepalError as above; also when end is before start, the step is not above zero, or there are too many steps
   */
  queryRange(
    reader: SeriesReader,
    query: string,
    range: TimeRange,
    options?: QueryOptions,
  ): QueryResult;
}

/** For one query alone. */
export interface QueryOptions {
  /** At most the engine's own. */
  readonly timeoutSeconds?: number;
  readonly lookbackSeconds?: number;
}

/** All in milliseconds; times since 1970. */
export interface TimeRange {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

export interface QueryResult {
  readonly value: QueryValue;
  /** What is probably wrong, in Prometheus's words, with the place in the query. */
  readonly warnings: readonly string[];
  /** What may be wrong. */
  readonly infos: readonly string[];
}

export type QueryValue =
  | { readonly type: "scalar"; readonly timeMs: number; readonly value: number }
  | { readonly type: "string"; readonly timeMs: number; readonly value: string }
  /** In the order of `sort` or `topk`, if one of them comes last. */
  | { readonly type: "vector"; readonly timeMs: number; readonly samples: readonly VectorSample[] }
  /** Sorted by labels. */
  | { readonly type: "matrix"; readonly series: readonly MatrixSeries[] };

export interface VectorSample {
  readonly labels: Labels;
  readonly value: number;
}

/** Points by time; never none. */
export interface MatrixSeries {
  readonly labels: Labels;
  /** Milliseconds since 1970. */
  readonly times: Float64Array;
  readonly values: Float64Array;
}

export interface EngineOptions {
  /** How far back an instant selector looks for a sample. @default 300 */
  readonly lookbackSeconds: number;
  /** The step of a subquery that names none (Prometheus: its evaluation interval). @default 60 */
  readonly subqueryStepSeconds: number;
  /** Metric names that an operation drops are dropped at the end of the query only (a feature flag in Prometheus). @default false */
  readonly delayedNameRemoval: boolean;
  readonly limits: QueryLimits;
  /** @default the system's */
  readonly clock: Clock;
}

/** What a query that passes one of them gets is the error that Prometheus would give. */
export interface QueryLimits {
  /** Samples that a query holds in memory at once. @default 50,000,000 */
  readonly maxSamples: number;
  /** @default 120 */
  readonly timeoutSeconds: number;
  /** Steps of a range query. @default 11,000 */
  readonly maxSteps: number;
  /** Characters. @default 65,536 */
  readonly maxLength: number;
  /** Levels of an expression. @default 500 */
  readonly maxDepth: number;
}
