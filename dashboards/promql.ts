/**
 * Selectors of PromQL that can only name what exists: our metrics and their labels from src/metrics/names.ts, others'
 * from the list here. What surrounds a selector is plain PromQL in a template string.
 */
import {
  METRICS,
  PROCESS_METRICS,
  type HistogramDeclaration,
  type MetricDeclaration,
} from "../src/metrics/names.ts";

/** Metrics of Prometheus itself and of exporters, as far as queries use them. */
export const FOREIGN_METRICS = [
  "up",
  "node_memory_MemAvailable_bytes",
  "node_memory_MemTotal_bytes",
] as const;

type ForeignMetric =
  | (typeof FOREIGN_METRICS)[number]
  | (typeof PROCESS_METRICS)[keyof typeof PROCESS_METRICS];

/** The value that a label must have, or a regular expression that it must match, or must not, as a whole. */
type Matcher = string | { readonly operator: "=~" | "!~" | "!="; readonly value: string };

/** Labels that Prometheus gives every series of a target. */
type TargetLabel = "job" | "instance";

type Matchers<Label extends string> = { readonly [label in Label | TargetLabel]?: Matcher };

export const matching = (value: string): Matcher => ({ operator: "=~", value });
export const notMatching = (value: string): Matcher => ({ operator: "!~", value });

/** A counter or a gauge: `metric(METRICS.apiRequests, { route: "/predict" })` is `api_requests_total{route="/predict"}`. */
export function metric<M extends Exclude<MetricDeclaration, HistogramDeclaration>>(
  declaration: M,
  matchers: Matchers<M["labels"][number]> = {},
): string {
  return declaration.name + formatMatchers(matchers);
}

/** A histogram's `_count`, `_sum` or `_bucket`; of one bound alone with `bucketUpTo`. */
export function histogram<M extends HistogramDeclaration>(
  declaration: M,
  part: "count" | "sum" | "bucket",
  matchers: Matchers<M["labels"][number]> = {},
): string {
  return `${declaration.name}_${part}${formatMatchers(matchers)}`;
}

/**
 * Counts what was at most `bound`.
 * @throws Error when the histogram has no such bound, since the series would not exist
 */
export function bucketUpTo<M extends HistogramDeclaration>(
  declaration: M,
  bound: number,
  matchers: Matchers<M["labels"][number]> = {},
): string {
  if (!declaration.buckets.includes(bound)) {
    throw new Error(`${declaration.name} has no bucket up to ${bound}`);
  }
  return `${declaration.name}_bucket${formatMatchers({ ...matchers, le: String(bound) })}`;
}

/** A metric of the process, of Node.js or of an exporter. */
export function foreign(
  name: ForeignMetric,
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

/** Every name that a query may use: declared metrics with the parts of histograms, and foreign ones. */
export function listMetricNames(): ReadonlySet<string> {
  const declarations: readonly MetricDeclaration[] = Object.values(METRICS);
  const own = declarations.flatMap(({ name, type }) =>
    type === "histogram" ? ["bucket", "sum", "count"].map((part) => `${name}_${part}`) : [name],
  );
  return new Set([...own, ...Object.values(PROCESS_METRICS), ...FOREIGN_METRICS]);
}
