import { TepalError, toMessage } from "../../kernel/errors.ts";
import type { ThresholdResult } from "./report.ts";

/**
 * What a run must keep to:
 *
 *     threshold = [ endpoint ":" ] measure ( "<" | "<=" | ">" | ">=" ) number
 *     measure   = "p(" percent ")" | "mean" | "min" | "max" | "failures" | "rps"
 *
 * `p(95)`, `mean`, `min` and `max` are milliseconds of successes: response time in an open model, service time in a closed one.
 * `failures` is the share of requests that failed, 0…1; `rps` requests per second. Without an endpoint, all together.
 */
export interface Threshold {
  readonly expression: string;
  /** The name of an endpoint, or its path with or without the slash; null: all. */
  readonly endpoint: string | null;
  readonly measure: Measure;
  readonly comparison: "<" | "<=" | ">" | ">=";
  readonly limit: number;
}

type Measure =
  | { readonly kind: "percentile"; readonly share: number }
  | { readonly kind: "mean" | "min" | "max" | "failures" | "rps" };

/** What is measured of an endpoint, or of all. */
export interface Measured {
  readonly requests: number;
  readonly failures: number;
  readonly requestsPerSecond: number;
  /** Of successes, in seconds. */
  readonly time: {
    readonly count: number;
    readonly sum: number;
    readonly min: number;
    readonly max: number;
    quantile(share: number): number;
  };
}

const GRAMMAR =
  /^(?:(.+):)?\s*(?:p\(\s*([0-9.]+)\s*\)|(mean|min|max|failures|rps))\s*(<=|>=|<|>)\s*([0-9.]+)$/;

/** @throws TepalError INVALID_OPTION */
export function parseThreshold(expression: string): Threshold {
  const match = GRAMMAR.exec(expression.trim());
  const [, endpoint, percent, kind, comparison, number] = match ?? [];
  if (comparison === undefined || number === undefined) {
    fail(
      expression,
      "it is not understood; `predict:p(95)<50`, `p(99.9)<200`, `mean<20`, `max<1000` (milliseconds), `failures<0.01` (a share) and `rps>100` are examples",
    );
  }
  const limit = Number(number);
  if (!Number.isFinite(limit)) fail(expression, `${number} is no number`);
  const share = Number(percent) / 100;
  if (percent !== undefined && !(share > 0 && share <= 1)) {
    fail(expression, `p(${percent}) is no percentile; a number above 0 and up to 100 is expected`);
  }
  if (kind === "failures" && limit > 1) {
    fail(expression, "failures is a share from 0 to 1; 1 % is 0.01");
  }
  return {
    expression,
    endpoint: endpoint?.trim() ?? null,
    measure: percent === undefined ? { kind: toKind(kind) } : { kind: "percentile", share },
    comparison: toComparison(comparison),
    limit,
  };
}

/** What is wrong with an expression; null when nothing is. */
export function findThresholdFault(expression: unknown): string | null {
  try {
    parseThreshold(String(expression));
    return null;
  } catch (error) {
    return toMessage(error);
  }
}

/** @param measured undefined where there is no such endpoint, which does not pass */
export function judgeThreshold(
  threshold: Threshold,
  measured: Measured | undefined,
): ThresholdResult {
  const { expression, comparison, limit } = threshold;
  const actual = measured === undefined ? null : measure(threshold.measure, measured);
  return { expression, actual, passed: actual !== null && holds(actual, comparison, limit) };
}

function measure({ kind, ...rest }: Measure, { time, ...counted }: Measured): number | null {
  if (kind === "rps") return counted.requestsPerSecond;
  if (kind === "failures") {
    return counted.requests === 0 ? null : counted.failures / counted.requests;
  }
  if (time.count === 0) return null;
  if (kind === "mean") return (time.sum / time.count) * 1_000;
  if (kind === "percentile") return time.quantile("share" in rest ? rest.share : 1) * 1_000;
  return time[kind] * 1_000;
}

function holds(actual: number, comparison: Threshold["comparison"], limit: number): boolean {
  switch (comparison) {
    case "<":
      return actual < limit;
    case "<=":
      return actual <= limit;
    case ">":
      return actual > limit;
    case ">=":
      return actual >= limit;
  }
}

function toKind(kind: string | undefined): "mean" | "min" | "max" | "failures" | "rps" {
  switch (kind) {
    case "mean":
    case "min":
    case "max":
    case "failures":
      return kind;
    default:
      return "rps";
  }
}

function toComparison(text: string): Threshold["comparison"] {
  return text === "<" || text === "<=" || text === ">" ? text : ">=";
}

function fail(expression: string, reason: string): never {
  throw new TepalError("INVALID_OPTION", `The threshold ${JSON.stringify(expression)}: ${reason}`);
}
