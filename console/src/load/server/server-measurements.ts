import type { RunReport } from "../../../../src/load/contract/report.ts";
import type { MatrixSeries } from "../../prometheus/client.ts";

/** Job of Tepal servers, as the built-in monitor and deploy/prometheus name it. */
const SERVER = 'job="tepal"';
/** Requests of the console and of queries are left out: the run does not send them. */
const REQUESTS = `${SERVER}, route!~"/prometheus.*|/console.*"`;

/** A measurement of the server over time. */
export interface Measurement {
  readonly id: "rate" | "p50" | "p95" | "p99" | "inFlight" | "cpu" | "lag";
  /** @param window a duration of PromQL */
  readonly toQuery: (window: string) => string;
  /** True if a value is the mean of a window, so that its moment is the middle of the window. */
  readonly isOfWindow: boolean;
}

export const MEASUREMENTS: readonly Measurement[] = [
  {
    id: "rate",
    toQuery: (window) => `sum(rate(api_requests_total{${REQUESTS}}[${window}]))`,
    isOfWindow: true,
  },
  ...([50, 95, 99] as const).map((percent): Measurement => ({
    id: `p${percent}`,
    toQuery: (window) => toPercentileQuery(percent / 100, window),
    isOfWindow: true,
  })),
  {
    id: "inFlight",
    toQuery: () => `sum(api_requests_in_flight{${SERVER}})`,
    isOfWindow: false,
  },
  {
    id: "cpu",
    toQuery: (window) => `100 * sum(rate(process_cpu_seconds_total{${SERVER}}[${window}]))`,
    isOfWindow: true,
  },
  {
    id: "lag",
    toQuery: () => `1000 * max(nodejs_eventloop_lag_p99_seconds{${SERVER}})`,
    isOfWindow: false,
  },
];

/** Returns the query of a percentile of the server's latency, in milliseconds. */
export function toPercentileQuery(share: number, window: string): string {
  return `1000 * histogram_quantile(${share}, sum by (le) (rate(api_request_latency_seconds_bucket{${REQUESTS}}[${window}])))`;
}

/** The part of the history that belongs to a run. */
export interface Span {
  /** Seconds since 1970. */
  readonly start: number;
  readonly end: number;
  /** Seconds between two values. */
  readonly step: number;
  /** Seconds that a rate covers. */
  readonly window: number;
}

/** Prometheus's limit is 11,000 points; a chart needs fewer. */
const MAX_POINTS = 1_000;
/** A rate needs two scrapes, and one may be late. */
const SCRAPES = 3;

/** @param scrapeSeconds interval of the scrapes of the server */
export function toSpan(
  { started_at_ms: startedMs, ended_at_ms: endedMs }: RunReport,
  scrapeSeconds: number,
  nowMs: number,
): Span {
  const start = (startedMs ?? nowMs) / 1_000;
  const window = SCRAPES * scrapeSeconds;
  // The last windows end after the run.
  const end = Math.min(nowMs / 1_000, (endedMs ?? nowMs) / 1_000 + window);
  const step = Math.max(scrapeSeconds, Math.ceil((end - start) / MAX_POINTS));
  return { start, end: Math.max(end, start), step, window };
}

/** A value at a moment, in seconds since the start of the run. */
export type TimedValue = readonly [seconds: number, value: number];

/** Returns the values of a reply. NaN, which percentiles have without requests, is left out. */
export function toValues(
  series: readonly MatrixSeries[],
  span: Span,
  { isOfWindow }: Pick<Measurement, "isOfWindow">,
): readonly TimedValue[] {
  const shift = span.start + (isOfWindow ? span.window / 2 : 0);
  return (series[0]?.values ?? [])
    .map(([time, value]): TimedValue => [time - shift, Number(value)])
    .filter(([seconds, value]) => seconds >= -span.step && Number.isFinite(value));
}

/**
 * Returns values at the moments of the client's points, so that both lie on one time axis: interpolated between two scrapes, null where
 * more than two scrapes are missing.
 */
export function interpolate(
  values: readonly TimedValue[],
  moments: readonly number[],
  step: number,
): readonly (number | null)[] {
  let at = 0;
  return moments.map((moment) => {
    while (at < values.length - 1 && values[at + 1]![0] <= moment) at++;
    const before = values[at];
    const after = values[at + 1];
    if (before === undefined) return null;
    const [seconds, value] = before;
    if (after === undefined || moment < seconds) {
      return Math.abs(moment - seconds) < step ? value : null;
    }
    const distance = after[0] - seconds;
    if (distance > 2.5 * step) return moment - seconds < step ? value : null;
    return value + ((after[1] - value) * (moment - seconds)) / distance;
  });
}
