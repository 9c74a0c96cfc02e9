import { describeMismatch } from "../../kernel/check.ts";
import type { ThresholdResult } from "./report.ts";

/**
 * A limit that a run has to keep:
 *
 *     threshold = [ endpoint ":" ] measure ( "<" | "<=" | ">" | ">=" ) number
 *     measure   = "p(" percent ")" | "mean" | "min" | "max" | "failures" | "rps"
 *
 * `p(95)`, `mean`, `min` and `max` are milliseconds of successes: response time in an open model, service time in a closed one.
 * `failures` is the share of failed requests, 0…1; `rps` is requests per second. Without an endpoint, the threshold applies to all.
 */
export interface Threshold {
  readonly expression: string;
  /** Name of an endpoint, or its path with or without the slash; null: all endpoints. */
  readonly endpoint: string | null;
  readonly measure: Measure;
  readonly comparison: Comparison;
  readonly limit: number;
}

type Measure =
  | { readonly kind: "percentile"; readonly share: number }
  | { readonly kind: "mean" | "min" | "max" | "failures" | "rps" };

type Comparison = "<" | "<=" | ">" | ">=";

/** Statistics of an endpoint, or of all endpoints. */
export interface Measured {
  readonly requests: number;
  readonly failures: number;
  readonly requestsPerSecond: number;
  /** Times of successes in seconds. */
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

/** @throws Error for an expression in which `findThresholdProblem` finds a problem */
export function parseThreshold(expression: string): Threshold {
  const parsed = read(expression);
  if (typeof parsed === "string") throw new Error(parsed);
  return parsed;
}

/** Returns a message if the expression is not a threshold. */
export function findThresholdProblem(expression: string): string | undefined {
  const parsed = read(expression);
  return typeof parsed === "string" ? parsed : undefined;
}

/** Returns the threshold, or a message about the expression. */
function read(expression: string): Threshold | string {
  const [, endpoint, percent, kind, comparison, number] = GRAMMAR.exec(expression.trim()) ?? [];
  const limit = Number(number);
  if (comparison === undefined || !Number.isFinite(limit)) {
    return describeMismatch(
      "a threshold, for example predict:p(95)<50, mean<20 (milliseconds), failures<0.01 or rps>100",
      expression,
    );
  }
  const share = Number(percent) / 100;
  if (percent !== undefined && !(share > 0 && share <= 1)) {
    return describeMismatch("a percentile > 0 and ≤ 100", expression);
  }
  if (kind === "failures" && limit > 1) {
    return describeMismatch("a share of failures from 0 to 1", expression, "Write 1 % as 0.01.");
  }
  return {
    expression,
    endpoint: endpoint?.trim() ?? null,
    measure: percent === undefined ? { kind: toKind(kind) } : { kind: "percentile", share },
    comparison: toComparison(comparison),
    limit,
  };
}

/** @param measured undefined if there is no such endpoint; then the threshold is crossed */
export function evaluateThreshold(
  { expression, measure, comparison, limit }: Threshold,
  measured: Measured | undefined,
): ThresholdResult {
  const actual = measured === undefined ? null : toActual(measure, measured);
  return { expression, actual, passed: actual !== null && holds(actual, comparison, limit) };
}

function toActual({ kind, ...rest }: Measure, { time, ...counted }: Measured): number | null {
  if (kind === "rps") return counted.requestsPerSecond;
  if (kind === "failures") {
    return counted.requests === 0 ? null : counted.failures / counted.requests;
  }
  if (time.count === 0) return null;
  if (kind === "mean") return (time.sum / time.count) * 1_000;
  if (kind === "percentile") return time.quantile("share" in rest ? rest.share : 1) * 1_000;
  return time[kind] * 1_000;
}

function holds(actual: number, comparison: Comparison, limit: number): boolean {
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

function toComparison(written: string): Comparison {
  return written === "<" || written === "<=" || written === ">" ? written : ">=";
}
