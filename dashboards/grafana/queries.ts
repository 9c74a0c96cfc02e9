/** Builders of the PromQL expressions that dashboards use. */
import { METRICS, type HistogramDeclaration } from "../../src/metrics/names.ts";
import { MONITORING_ROUTES } from "../../src/default-rules/selectors.ts";

/** Grafana's variable for rate windows: at least four scrape intervals, and at least the step of the graph. */
export const RATE_INTERVAL = "$__rate_interval";
/** Time range of the dashboard. */
export const RANGE = "$__range";
/** Time between two points of a graph. */
export const STEP = "$__interval";

const API = ['job=~"$job"', 'instance=~"$instance"'] as const;

type Matchers = readonly string[];

/** Selects series of the server. */
export function ofApi(name: string, ...matchers: Matchers): string {
  return `${name}{${[...API, ...matchers].join(", ")}}`;
}

/** Selects series with a route, without those of monitoring. */
export function ofClients(name: string, ...matchers: Matchers): string {
  return ofApi(name, `route!~"${MONITORING_ROUTES}"`, ...matchers);
}

/** Selects series of models. */
export function ofModel(name: string, ...matchers: Matchers): string {
  return ofApi(name, 'model=~"$model"', ...matchers);
}

/**
 * Selects alerts of the chosen jobs and instances, and alerts of none, for example of an absent series. Excludes the watchdog, which
 * always fires.
 */
export function ofAlerts(name: string, ...matchers: Matchers): string {
  const chosen = ['alertname!="Watchdog"', 'job=~"$job|"', 'instance=~"$instance|"'];
  return `${name}{${[...chosen, ...matchers].join(", ")}}`;
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

/**
 * Rate of each combination of labels that grew in the selected time range. Without the condition, series that are always 0 would fill the
 * legend and outline the stack below them in their color; with `> 0` alone, the lines would end and the last value would be an old one.
 */
export function occurring(selector: string, by: readonly string[]): string {
  const grew = sum(`increase(${selector}[${RANGE}] @ end())`, by);
  return `${sum(rate(selector), by)} and on (${by.join(", ")}) ${grew} > 0`;
}

/** Mean for each combination of labels that occurred in the selected time range, for a stack. */
export function occurringMean(histogram: Histogram, by: readonly string[]): string {
  const counts = histogram.select(`${histogram.declaration.name}_count`);
  const grew = sum(`increase(${counts}[${RANGE}] @ end())`, by);
  return `${mean(histogram, RATE_INTERVAL, by)} and on (${by.join(", ")}) ${grew} > 0`;
}

/** A share from 0 to 1: 0 if `part` is empty, and no value if `whole` is 0. */
export function share(part: string, whole: string): string {
  return `(${part} or vector(0)) / (${whole} > 0)`;
}

/** A histogram of the server with its selector. */
export interface Histogram {
  readonly declaration: HistogramDeclaration;
  readonly select: (name: string, ...matchers: Matchers) => string;
}

export const LATENCY: Histogram = {
  declaration: METRICS.apiRequestLatency,
  select: ofClients,
};

/**
 * Predictions of one row with status 2xx, or 499 (the client closed the connection): the latency objective is one for these. The latency
 * of a batch depends on its number of rows, and rejections are fast.
 */
export const SINGLE_PREDICTIONS: Histogram = {
  declaration: METRICS.apiRequestLatency,
  select: (name, ...matchers) =>
    ofApi(name, 'route=~".*/predict"', 'status=~"2..|499"', ...matchers),
};

/** A quantile; NaN without observations, which graphs draw as a gap. `isNumber` removes NaN from current values. */
export function quantile(
  q: number,
  { declaration, select }: Histogram,
  window: string = RATE_INTERVAL,
  by: readonly string[] = [],
): string {
  const byBound = sum(rate(select(`${declaration.name}_bucket`), window), ["le", ...by]);
  return `histogram_quantile(${q}, ${byBound})`;
}

/** Mean of the observations; no value without observations. */
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

/** Rate of observations by cumulative bucket, as heatmaps require. */
export function buckets({ declaration, select }: Histogram): string {
  return sum(rate(select(`${declaration.name}_bucket`)), ["le"]);
}

/** Observations of the selected time range by cumulative bucket. */
export function bucketTotals({ declaration, select }: Histogram): string {
  return roundCount(sum(increase(select(`${declaration.name}_bucket`)), ["le"]));
}

/** Matches a bucket bound: Prometheus 3 stores 1 as "1.0", older versions store it as exposed. */
function matchBound(bound: number): string {
  return Number.isInteger(bound) ? String.raw`le=~"${bound}(\\.0)?"` : `le="${bound}"`;
}

/** Number of events. An increase is extrapolated to the bounds of its range, so it has decimals. */
export function roundCount(expr: string): string {
  return `round(${expr})`;
}

/** Removes NaN, which a stat panel would display. */
export function isNumber(expr: string): string {
  return `${expr} >= 0`;
}
