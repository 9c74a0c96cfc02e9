import { createEngine, type EngineSettings } from "../../promql/engine.ts";
import { createTimeoutError } from "../../promql/errors.ts";
import { formatFloat } from "../../promql/format-number.ts";
import { listSelectors } from "../../promql/list-selectors.ts";
import { parse } from "../../promql/syntax/parser.ts";
import { print } from "../../promql/syntax/print.ts";
import { describeExpr } from "./describe-expr.ts";
import type { Engine, QueryOptions, QueryResult, QueryValue } from "../../promql/promql.ts";
import {
  toResult,
  TRUNCATED,
  type ApiResult,
  type ApiCall,
  type ApiParts,
  type Endpoint,
} from "./api.ts";
import {
  withParameterName,
  createBadData,
  createInvalid,
  readDuration,
  readLimit,
  readOptionalDuration,
  readOptionalTime,
  readTime,
} from "./parameters.ts";
import { writeValue } from "./write-value.ts";

/** Value of `stats` that adds the cost of each node, as `tree`. It is Tepal's own. */
const TREE = "tree";
/** Maximum number of intervals between the first and the last step of a range query. */
const MAX_STEPS = 11_000;

/** `query`: the value at one time, by default now. */
export const query: Endpoint = (parts, call) => {
  const { parameters } = call;
  const limit = readLimit(parameters);
  const timeMs = readOptionalTime(parameters, "time", parts.clock.nowMs());
  return evaluate(parts, call, limit, (engine, promql) =>
    engine.queryInstant(parts.store, promql, timeMs, readOptions(parameters)),
  );
};

/** `query_range`: the values from start to end, one per step. */
export const queryRange: Endpoint = (parts, call) => {
  const { parameters } = call;
  const limit = readLimit(parameters);
  const startMs = readTime(parameters, "start");
  const endMs = readTime(parameters, "end");
  if (endMs < startMs) {
    throw createInvalid("end", "end timestamp must not be before start time");
  }
  const stepMs = Math.trunc(readDuration(parameters, "step") * 1_000);
  if (stepMs <= 0) {
    const problem = "zero or negative query resolution step widths are not accepted";
    throw createInvalid("step", `${problem}. Try a positive integer`);
  }
  if (Math.floor((endMs - startMs) / stepMs) > MAX_STEPS) {
    throw createBadData(
      `exceeded maximum resolution of ${MAX_STEPS.toLocaleString("en")} points per timeseries. ` +
        "Try decreasing the query resolution (?step=XX)",
    );
  }
  return evaluate(parts, call, limit, (engine, promql) =>
    engine.queryRange(parts.store, promql, { startMs, endMs, stepMs }, readOptions(parameters)),
  );
};

/** `query_exemplars`: the exemplars of the series that any selector of a query selects. */
export const queryExemplars: Endpoint = ({ exemplars }, { parameters }) => {
  const startMs = readOptionalTime(parameters, "start", Number.NEGATIVE_INFINITY);
  const endMs = readOptionalTime(parameters, "end", Number.POSITIVE_INFINITY);
  if (endMs < startMs) throw createBadData("end timestamp must not be before start timestamp");
  const selectors = listSelectors(parse(parameters.get("query") ?? ""));
  const found = exemplars.find(
    selectors.map(({ matchers }) => matchers),
    startMs,
    endMs,
  );
  return toResult(
    found.map((one) => ({
      seriesLabels: Object.fromEntries(one.series),
      exemplars: one.exemplars.map(({ labels, value, timeMs }) => ({
        labels,
        value: formatFloat(value),
        timestamp: timeMs / 1_000,
      })),
    })),
  );
};

/** `parse_query`: the syntax tree of the query. */
export const parseQuery: Endpoint = (_parts, { parameters }) =>
  toResult(describeExpr(withParameterName("query", () => parse(parameters.get("query") ?? ""))));

/** `format_query`: the query in Prometheus's format, on one line. */
export const formatQuery: Endpoint = (_parts, { parameters }) =>
  toResult(print(withParameterName("query", () => parse(parameters.get("query") ?? ""))));

function evaluate(
  parts: ApiParts,
  call: ApiCall,
  limit: number,
  run: (engine: Engine, promql: string) => QueryResult,
): ApiResult {
  const engine = createEngine(toSettings(parts, call));
  const promql = call.parameters.get("query") ?? "";
  const result = withParameterName("query", () => run(engine, promql));
  const { value, warnings, infos } = result;
  const kept = truncate(value, limit);
  const { wanted, deprecation } = readStats(call.parameters);
  return {
    write: (out) => writeValue(out, kept, wanted ? toStats(result, call) : undefined),
    warnings: [
      ...warnings,
      ...(kept === value ? [] : [TRUNCATED]),
      ...(deprecation === undefined ? [] : [deprecation]),
    ],
    infos,
  };
}

const STATS = new Set(["true", "all", TREE]);

const readOptions = (parameters: URLSearchParams): QueryOptions => ({
  tree: parameters.get("stats") === TREE,
});

function readStats(parameters: URLSearchParams): { wanted: boolean; deprecation?: string } {
  const written = parameters.get("stats") ?? "";
  if (written === "") return { wanted: false };
  if (STATS.has(written)) return { wanted: true };
  const deprecation =
    `value ${JSON.stringify(written)} for parameter "stats" is deprecated and will be rejected in the next major release, ` +
    'use "true" or "all"';
  return { wanted: true, deprecation };
}

/** Returns the statistics that the parameter `stats` requests. The numbers per step need a feature flag in Prometheus; they are absent. */
function toStats({ statistics, tree }: QueryResult, { waitedSeconds }: ApiCall): object {
  const { samples, series, peakSamples, parseSeconds, evaluationSeconds } = statistics;
  return {
    timings: {
      evalTotalTime: evaluationSeconds,
      resultSortTime: 0,
      queryPreparationTime: parseSeconds,
      innerEvalTime: evaluationSeconds,
      execQueueTime: waitedSeconds,
      execTotalTime: waitedSeconds + parseSeconds + evaluationSeconds,
    },
    samples: {
      totalQueryableSamples: samples,
      samplesRead: samples,
      seriesTouched: series,
      peakSamples,
    },
    ...(tree !== undefined && { tree }),
  };
}

function toSettings(
  { limits, clock }: ApiParts,
  { parameters, waitedSeconds }: ApiCall,
): EngineSettings {
  const requested = readOptionalDuration(parameters, "timeout") ?? Number.POSITIVE_INFINITY;
  const lookback = readOptionalDuration(parameters, "lookback_delta") ?? 0;
  const timeoutSeconds = Math.min(limits.timeoutSeconds, requested) - waitedSeconds;
  if (timeoutSeconds <= 0) throw createTimeoutError("query queue");
  return {
    ...(lookback > 0 && { lookbackSeconds: lookback }),
    limits: { timeoutSeconds, maxSamples: limits.maxSamples, maxSteps: MAX_STEPS },
    clock,
  };
}

/** Limits the number of series. @returns the same object if the limit is not exceeded */
function truncate(value: QueryValue, limit: number): QueryValue {
  if (value.type === "vector" && value.samples.length > limit) {
    return { ...value, samples: value.samples.slice(0, limit) };
  }
  if (value.type === "matrix" && value.series.length > limit) {
    return { ...value, series: value.series.slice(0, limit) };
  }
  return value;
}
