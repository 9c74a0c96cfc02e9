/**
 * PromQL selectors that can only name existing metrics: Tepal's metrics and labels from src/metrics/names.ts, and external
 * metrics from the list below. The rest of an expression is plain PromQL in a template string.
 */
import {
  METRICS,
  PROCESS_METRICS,
  type HistogramDeclaration,
  type MetricDeclaration,
} from "../metrics/names.ts";

/** Metrics of Prometheus and of exporters that rules use. */
export const EXTERNAL_METRICS = [
  "up",
  "node_memory_MemAvailable_bytes",
  "node_memory_MemTotal_bytes",
] as const;

type ExternalMetric =
  | (typeof EXTERNAL_METRICS)[number]
  | (typeof PROCESS_METRICS)[keyof typeof PROCESS_METRICS];

/** A string that a label must equal, or an operator with a value. Regular expressions are anchored at both ends. */
type Matcher = string | { readonly operator: "=~" | "!~" | "!="; readonly value: string };

/** Labels that Prometheus attaches to every series of a target. */
type TargetLabel = "job" | "instance";

type Matchers<Label extends string> = { readonly [label in Label | TargetLabel]?: Matcher };

export const matching = (value: string): Matcher => ({ operator: "=~", value });
export const notMatching = (value: string): Matcher => ({ operator: "!~", value });

/**
 * Returns the selector of a counter or gauge. `metric(METRICS.apiRequests, { route: "/predict" })` returns
 * `api_requests_total{route="/predict"}`.
 */
export function metric<M extends Exclude<MetricDeclaration, HistogramDeclaration>>(
  declaration: M,
  matchers: Matchers<M["labels"][number]> = {},
): string {
  return declaration.name + formatMatchers(matchers);
}

/** Returns the selector of a histogram's `_count`, `_sum` or `_bucket` series. `bucketUpTo` selects one bucket. */
export function histogram<M extends HistogramDeclaration>(
  declaration: M,
  part: "count" | "sum" | "bucket",
  matchers: Matchers<M["labels"][number]> = {},
): string {
  return `${declaration.name}_${part}${formatMatchers(matchers)}`;
}

/**
 * Returns the selector of the bucket that counts values up to `bound`.
 * @throws Error if the histogram has no such bound, since the series would not exist
 */
export function bucketUpTo<M extends HistogramDeclaration>(
  declaration: M,
  bound: number,
  matchers: Matchers<M["labels"][number]> = {},
): string {
  if (!declaration.buckets.includes(bound)) {
    throw new Error(`${declaration.name} has no bucket with the bound ${bound}`);
  }
  return `${declaration.name}_bucket${formatMatchers({ ...matchers, le: String(bound) })}`;
}

/** Returns the selector of a metric of the process, of Node.js or of an exporter. */
export function external(
  name: ExternalMetric,
  matchers: Readonly<Record<string, Matcher>> = {},
): string {
  return name + formatMatchers(matchers);
}

function formatMatchers(matchers: Readonly<Record<string, Matcher | undefined>>): string {
  const parts = Object.entries(matchers).flatMap(([label, matcher]) => {
    if (matcher === undefined) return [];
    const { operator, value } =
      typeof matcher === "string" ? { operator: "=", value: matcher } : matcher;
    return [`${label}${operator}${JSON.stringify(value)}`];
  });
  return parts.length === 0 ? "" : `{${parts.join(",")}}`;
}

/** Lists the metric names that a rule may use: declared metrics (histograms by their series) and external ones. */
export function listMetricNames(): ReadonlySet<string> {
  const declarations: readonly MetricDeclaration[] = Object.values(METRICS);
  const own = declarations.flatMap(({ name, type }) =>
    type === "histogram" ? ["bucket", "sum", "count"].map((part) => `${name}_${part}`) : [name],
  );
  return new Set([...own, ...Object.values(PROCESS_METRICS), ...EXTERNAL_METRICS]);
}
