import { systemClock } from "../kernel/clock.ts";
import { withoutName } from "../series/labels.ts";
import type { SeriesReader } from "../series/series.ts";
import { createBudget } from "./evaluate/budget.ts";
import { createNotes, createRequestError } from "./errors.ts";
import { createEvaluation } from "./evaluate/evaluate.ts";
import { createCostTrace, NO_TRACE } from "./evaluate/trace.ts";
import { parse, PARSE_LIMITS } from "./syntax/parser.ts";
import type {
  Engine,
  EngineOptions,
  MatrixSeries,
  QueryOptions,
  QueryResult,
  QueryValue,
  TimeRange,
  VectorSample,
} from "./promql.ts";
import {
  mergeSame,
  sortByLabels,
  toTime,
  type Column,
  type Grid,
  type RangeValue,
  type Value,
  type VectorValue,
} from "./evaluate/values.ts";

const DEFAULTS: EngineOptions = {
  lookbackSeconds: 300,
  subqueryStepSeconds: 60,
  delayedNameRemoval: false,
  limits: { maxSamples: 50_000_000, timeoutSeconds: 120, maxSteps: 11_000, ...PARSE_LIMITS },
  clock: systemClock,
};

/** Options of an engine; missing ones have the defaults of `EngineOptions` and `QueryLimits`. */
export type EngineSettings = Partial<Omit<EngineOptions, "limits">> & {
  readonly limits?: Partial<EngineOptions["limits"]>;
};

/**
 * Creates a PromQL engine. It has no state: one engine can evaluate queries over any number of readers.
 *
 * Its queries run synchronously. The caller owns their results, but labels are shared with the reader, and the series
 * of a matrix may share one array of times.
 *
 * @param settings override the defaults: 5 minutes of lookback, 50,000,000 samples, 120 s and 11,000 steps per query
 * @example
 * ```ts
 * import { createEngine, createLabels, createMemoryStore } from "tepal/promql";
 *
 * const store = createMemoryStore();
 * const labels = createLabels({ __name__: "requests_total", job: "api" });
 * const times = Float64Array.of(0, 15_000, 30_000, 45_000); // ms since 1970
 * store.add(labels, times, Float64Array.of(3, 9, 15, 21));
 *
 * const { value } = createEngine().queryInstant(store, "rate(requests_total[1m])", 45_000);
 * if (value.type === "vector") console.log(value.samples[0]?.value); // 0.35
 * ```
 */
export function createEngine(settings: EngineSettings = {}): Engine {
  const limits = { ...DEFAULTS.limits, ...settings.limits };
  const options: EngineOptions = { ...DEFAULTS, ...settings, limits };
  return {
    queryInstant(reader, query, timeMs, own) {
      // An instant query has no step, but a grid needs a positive one.
      const range = { startMs: timeMs, endMs: timeMs, stepMs: 1 };
      return run(withOwn(options, own), reader, query, { range, isRange: false, own });
    },
    queryRange(reader, query, range, own) {
      const { startMs, endMs, stepMs } = range;
      if (!(stepMs > 0)) {
        throw createRequestError("zero or negative query resolution step widths are not accepted");
      }
      if (!(endMs >= startMs)) {
        throw createRequestError("end timestamp must not be before start time");
      }
      if ((endMs - startMs) / stepMs > limits.maxSteps) {
        throw createRequestError(
          `exceeded maximum resolution of ${limits.maxSteps.toLocaleString("en")} points per timeseries. ` +
            "Try decreasing the query resolution (?step=XX)",
        );
      }
      return run(withOwn(options, own), reader, query, { range, isRange: true, own });
    },
  };
}

function withOwn(options: EngineOptions, own: QueryOptions = {}): EngineOptions {
  const { limits } = options;
  const timeoutSeconds = Math.min(own.timeoutSeconds ?? Infinity, limits.timeoutSeconds);
  const { lookbackSeconds = options.lookbackSeconds } = own;
  return { ...options, lookbackSeconds, limits: { ...limits, timeoutSeconds } };
}

interface Run {
  readonly range: TimeRange;
  readonly isRange: boolean;
  readonly own: QueryOptions | undefined;
}

function run(
  options: EngineOptions,
  reader: SeriesReader,
  query: string,
  { range, isRange, own }: Run,
): QueryResult {
  const { startMs, endMs, stepMs } = range;
  const grid: Grid = { startMs, stepMs, count: Math.floor((endMs - startMs) / stepMs) + 1 };
  const { clock, limits } = options;
  const startSeconds = clock.monotonicSeconds();
  const expr = parse(query, limits);
  const parsedSeconds = clock.monotonicSeconds();
  const notes = createNotes(query);
  const budget = createBudget(limits, clock);
  const costs = own?.tree === true ? createCostTrace(clock) : undefined;
  const trace = costs ?? NO_TRACE;
  const env = createEvaluation({ options, reader, budget, notes, trace, query: range, isRange });
  const value = finish(env.evaluate(expr, grid));
  const result = isRange ? toMatrix(value, grid) : toInstant(value, grid);
  return {
    value: result,
    warnings: [...notes.warnings],
    infos: [...notes.infos],
    statistics: {
      ...budget.selected,
      peakSamples: budget.peak,
      parseSeconds: parsedSeconds - startSeconds,
      evaluationSeconds: clock.monotonicSeconds() - parsedSeconds,
    },
    tree: costs?.root,
  };
}

/** Removes the names whose removal was delayed. */
function finish(value: Value): Value {
  if (value.type !== "vector") return value;
  const columns = value.columns.map((column) =>
    column.dropName ? { ...column, labels: withoutName(column.labels) } : column,
  );
  return { type: "vector", columns: mergeSame(columns) };
}

function toInstant(value: Value, { startMs }: Grid): QueryValue {
  switch (value.type) {
    case "scalar":
      return { type: "scalar", timeMs: startMs, value: value.values[0]! };
    case "string":
      return { type: "string", timeMs: startMs, value: value.value };
    case "vector":
      return { type: "vector", timeMs: startMs, samples: toSamples(value) };
    case "range vector":
      return { type: "matrix", series: toWindow(value) };
  }
}

function toSamples({ columns }: VectorValue): VectorSample[] {
  return columns
    .filter(({ present }) => present[0] === 1)
    .map(({ labels, values }) => ({ labels, value: values[0]! }));
}

/** Returns the samples of the only window. */
function toWindow({ series }: RangeValue): MatrixSeries[] {
  const cut = series.map(({ labels, times, values, windows }) => {
    const begin = windows.begins[0]!;
    const end = windows.ends[0]!;
    return { labels, times: times.slice(begin, end), values: values.slice(begin, end) };
  });
  return sortByLabels(cut.filter(({ times }) => times.length > 0));
}

function toMatrix(value: Value, grid: Grid): QueryValue {
  if (value.type === "string" || value.type === "range vector") {
    const type = value.type === "string" ? "string" : "range vector";
    throw createRequestError(
      `invalid expression type "${type}" for range query, must be Scalar or instant Vector`,
    );
  }
  const times = Float64Array.from({ length: grid.count }, (_, i) => toTime(grid, i));
  if (value.type === "scalar") {
    return { type: "matrix", series: [{ labels: new Map(), times, values: value.values }] };
  }
  const series = value.columns.map((column) => toPoints(column, times));
  return { type: "matrix", series: sortByLabels(series.filter((one) => one.times.length > 0)) };
}

function toPoints({ labels, values, present }: Column, times: Float64Array): MatrixSeries {
  if (!present.includes(0)) return { labels, times, values };
  const isThere = (_: number, i: number): boolean => present[i] === 1;
  return { labels, times: times.filter(isThere), values: values.filter(isThere) };
}
