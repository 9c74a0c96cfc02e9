/** The shapes of PromQL that dashboards are made of, so that each is written, and right, once. */
import { METRICS, type HistogramDeclaration } from "../../src/metrics/names.ts";

/** Grafana's variable: four scrapes at least, and no less than a pixel. */
export const RATE_INTERVAL = "$__rate_interval";
/** The time that the dashboard shows. */
export const RANGE = "$__range";
/** The time from one point to the next. */
export const STEP = "$__interval";

const API = ['job=~"$job"', 'instance=~"$instance"'] as const;
/** Routes that watchers ask: they say nothing of what clients meet. */
const WATCHERS = "/metrics|/health/.+|/prometheus/.+";

type Matchers = readonly string[];

/** Any series of the server. */
export function ofApi(name: string, ...matchers: Matchers): string {
  return `${name}{${[...API, ...matchers].join(", ")}}`;
}

/** Series by route: what clients asked, without scrapes and health checks. */
export function ofClients(name: string, ...matchers: Matchers): string {
  return ofApi(name, `route!~"${WATCHERS}"`, ...matchers);
}

/** Series of models. */
export function ofModel(name: string, ...matchers: Matchers): string {
  return ofApi(name, 'model=~"$model"', ...matchers);
}

export function rate(selector: string, window: string = RATE_INTERVAL): string {
  return `rate(${selector}[${window}])`;
}

export function increase(selector: string, window: string = RANGE): string {
  return `increase(${selector}[${window}])`;
}

export function sum(expr: string, by: readonly string[] = []): string {
  return by.length === 0 ? `sum(${expr})` : `sum by (${by.join(", ")}) (${expr})`;
}

/** A share from 0 to 1. No failures at all make 0 and not nothing; no requests make nothing and not 0 / 0. */
export function share(part: string, whole: string): string {
  return `(${part} or vector(0)) / (${whole} > 0)`;
}

/** A histogram of the server, with the selector that fits what it measures. */
export interface Histogram {
  readonly declaration: HistogramDeclaration;
  readonly select: (name: string, ...matchers: Matchers) => string;
}

export const LATENCY: Histogram = {
  declaration: METRICS.apiRequestLatency,
  select: ofClients,
};

/** NaN where nothing was observed: a graph has a gap there. `isNumber` takes those away from single numbers. */
export function quantile(
  q: number,
  { declaration, select }: Histogram,
  window: string = RATE_INTERVAL,
  by: readonly string[] = [],
): string {
  const byBound = sum(rate(select(`${declaration.name}_bucket`), window), ["le", ...by]);
  return `histogram_quantile(${q}, ${byBound})`;
}

/** Mean of what was observed; nothing where nothing was. */
export function mean(
  { declaration, select }: Histogram,
  window: string = RATE_INTERVAL,
  by: readonly string[] = [],
): string {
  const total = sum(rate(select(`${declaration.name}_sum`), window), by);
  const count = sum(rate(select(`${declaration.name}_count`), window), by);
  return `${total} / (${count} > 0)`;
}

/** Share of observations at or below one of the histogram's bounds. */
export function shareWithin(
  { declaration, select }: Histogram,
  bound: number,
  window: string = RATE_INTERVAL,
): string {
  const within = sum(rate(select(`${declaration.name}_bucket`, matchBound(bound)), window));
  const all = sum(rate(select(`${declaration.name}_count`), window));
  return `${within} / (${all} > 0)`;
}

/** Observations by bucket, cumulative, as heatmaps want them. */
export function buckets({ declaration, select }: Histogram): string {
  return sum(rate(select(`${declaration.name}_bucket`)), ["le"]);
}

/** Observations of the selected range by bucket, cumulative. */
export function bucketTotals({ declaration, select }: Histogram): string {
  return sum(increase(select(`${declaration.name}_bucket`)), ["le"]);
}

/** Prometheus 3 stores the bound 1 as "1.0", older ones as the server writes it. */
function matchBound(bound: number): string {
  return Number.isInteger(bound) ? String.raw`le=~"${bound}(\\.0)?"` : `le="${bound}"`;
}

/** Takes NaN away, so that a single number is not shown as such. */
export function isNumber(expr: string): string {
  return `${expr} >= 0`;
}
