/**
 * PromQL over a reader of series: queries, results, settings and limits. This is the entry file of the module.
 *
 * The semantics are those of Prometheus 3 for classic float series; docs/promql.md lists the exceptions. A query runs
 * synchronously: run it in a worker thread if the event loop must stay responsive.
 */
import type { Clock } from "../kernel/clock.ts";
import type { Labels, SeriesReader } from "../series/series.ts";
import type { Expr } from "./syntax/ast.ts";

export interface Engine {
  /**
   * Evaluates an instant query. For a range selector, returns its samples.
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
   * Evaluates a range query at start, start + step, … up to end.
   *
   * @throws TepalError as above; also if end is before start, the step is not positive, or there are too many steps
   */
  queryRange(
    reader: SeriesReader,
    query: string,
    range: TimeRange,
    options?: QueryOptions,
  ): QueryResult;
}

/** For one query. */
export interface QueryOptions {
  /** At most the engine's own limit. */
  readonly timeoutSeconds?: number;
  readonly lookbackSeconds?: number;
  /** True to measure each node of the expression. @default false */
  readonly tree?: boolean;
}

/** All in milliseconds; times since 1970. */
export interface TimeRange {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepMs: number;
}

export interface QueryResult {
  readonly value: QueryValue;
  /** Probable errors, in Prometheus's words, with the position in the query. */
  readonly warnings: readonly string[];
  /** Possible errors. */
  readonly infos: readonly string[];
  readonly statistics: QueryStatistics;
  /** The cost of each node; undefined without the option `tree`. */
  readonly tree: NodeStatistics | undefined;
}

/** The cost of a query. */
export interface QueryStatistics {
  /** Samples that selectors returned at all steps. A sample counts once for each step whose window has it. */
  readonly samples: number;
  /** Series that selectors returned. A series counts once for each selector. */
  readonly series: number;
  /** Maximum number of samples in memory; `maxSamples` limits it. */
  readonly peakSamples: number;
  readonly parseSeconds: number;
  readonly evaluationSeconds: number;
}

/** The cost and the result of a node of an expression, over all steps. */
export interface NodeStatistics {
  readonly kind: Expr["kind"];
  /** Source range of the node in the query, in UTF-16 units. */
  readonly start: number;
  readonly end: number;
  /** Number of times at which the node was evaluated: within a subquery, the steps of the subquery. */
  readonly steps: number;
  /** Series of the result with at least one sample; 0 for a scalar or a string. */
  readonly series: number;
  /** Samples of the result at all steps; for a range vector, those of all windows. */
  readonly samples: number;
  /** Time with the nodes below. */
  readonly seconds: number;
  /** Time without the nodes below. */
  readonly ownSeconds: number;
  /** Labels of the result, those with the most values first. At most 20; none after the first 200 nodes. */
  readonly labels: readonly NodeLabel[];
  /** The evaluated nodes below, in the order of evaluation. */
  readonly children: readonly NodeStatistics[];
}

export interface NodeLabel {
  readonly name: string;
  /** Number of distinct values. */
  readonly values: number;
  /** At most 5 values with most series. */
  readonly top: readonly { readonly value: string; readonly series: number }[];
}

export type QueryValue =
  | { readonly type: "scalar"; readonly timeMs: number; readonly value: number }
  | { readonly type: "string"; readonly timeMs: number; readonly value: string }
  /** Sorted as `sort` or `topk` demands, if one of them is the outermost call. */
  | { readonly type: "vector"; readonly timeMs: number; readonly samples: readonly VectorSample[] }
  /** Sorted by labels. */
  | { readonly type: "matrix"; readonly series: readonly MatrixSeries[] };

export interface VectorSample {
  readonly labels: Labels;
  readonly value: number;
}

/** Points by time; at least one. */
export interface MatrixSeries {
  readonly labels: Labels;
  /** Milliseconds since 1970. */
  readonly times: Float64Array;
  readonly values: Float64Array;
}

export interface EngineOptions {
  /** Seconds that an instant selector looks back for a sample. @default 300 */
  readonly lookbackSeconds: number;
  /** Step of a subquery without one, in seconds (Prometheus: its evaluation interval). @default 60 */
  readonly subqueryStepSeconds: number;
  /** True to drop metric names at the end of a query only (a feature flag in Prometheus). @default false */
  readonly delayedNameRemoval: boolean;
  readonly limits: QueryLimits;
  /** @default the system clock */
  readonly clock: Clock;
}

/** Limits of a query. A query that exceeds one fails with Prometheus's error. */
export interface QueryLimits {
  /** Maximum number of samples in memory at once. @default 50,000,000 */
  readonly maxSamples: number;
  /** Time limit in seconds. @default 120 */
  readonly timeoutSeconds: number;
  /** Maximum number of steps of a range query. @default 11,000 */
  readonly maxSteps: number;
  /** Maximum length of an expression in characters. @default 65,536 */
  readonly maxLength: number;
  /** Maximum nesting depth of an expression. @default 500 */
  readonly maxDepth: number;
}
