import {
  PERCENTILES,
  type Distribution,
  type EndpointStatistics,
  type RunReport,
  type SeriesPoint,
} from "../contract/report.ts";
import { formatCsv, type Cell } from "./csv.ts";

/** The four tables that Locust writes, by the suffix of the file: `PREFIX_stats.csv` and so on. */
export const CSV_TABLES = {
  stats: formatRequestsCsv,
  failures: formatFailuresCsv,
  exceptions: formatExceptionsCsv,
  stats_history: formatHistoryCsv,
} as const satisfies Record<string, (report: RunReport) => string>;

/** Locust's names of PERCENTILES. */
const PERCENTILE_COLUMNS = PERCENTILES.map(
  ({ share }) => `${Number((share * 100).toPrecision(6))}%`,
);

/** Returns the time for a table with one time: response time in an open model, otherwise service time. Unlike Locust's, it excludes failures. */
export function toShownTime(endpoint: EndpointStatistics): Distribution {
  return endpoint.response_time ?? endpoint.service_time;
}

/** Returns the bytes of reply bodies per completed request, as Locust does; null without requests. */
export function toMeanBytes({
  requests,
  received_bytes: bytes,
}: Pick<EndpointStatistics, "requests" | "received_bytes">): number | null {
  return requests === 0 ? null : bytes / requests;
}

/** Returns the endpoints in Locust's order: by name, then by method. */
export function sortEndpoints({ endpoints }: RunReport): readonly EndpointStatistics[] {
  return endpoints.toSorted((a, b) => compare(a.name, b.name) || compare(a.method, b.method));
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Rounds to whole milliseconds. Scripts for Locust parse percentiles as integers. */
function toWholeMs(ms: number | null): number | null {
  return ms === null ? null : Math.round(ms);
}

/** Formats one row for each endpoint and one for all. Times are milliseconds; percentiles and the median are whole ones. */
export function formatRequestsCsv(report: RunReport): string {
  const header = [
    "Type",
    "Name",
    "Request Count",
    "Failure Count",
    "Median Response Time",
    "Average Response Time",
    "Min Response Time",
    "Max Response Time",
    "Average Content Size",
    "Requests/s",
    "Failures/s",
    ...PERCENTILE_COLUMNS,
  ];
  const rows = [...sortEndpoints(report), report.total].map((endpoint): Cell[] => {
    const time = toShownTime(endpoint);
    return [
      endpoint.method,
      endpoint.name,
      endpoint.requests,
      endpoint.failures,
      toWholeMs(time.p50_ms),
      time.mean_ms,
      time.min_ms,
      time.max_ms,
      toMeanBytes(endpoint),
      endpoint.requests_per_second,
      endpoint.failures_per_second,
      ...PERCENTILES.map(({ field }) => toWholeMs(time[field])),
    ];
  });
  return formatCsv(header, rows);
}

export function formatFailuresCsv({ failures }: RunReport): string {
  return formatCsv(
    ["Method", "Name", "Error", "Occurrences", "First Seen", "Last Seen"],
    failures.map(({ method, name, kind, count, first_seen_ms: first, last_seen_ms: last }) => [
      method,
      name,
      kind,
      count,
      formatTime(first),
      formatTime(last),
    ]),
  );
}

export function formatExceptionsCsv({ exceptions }: RunReport): string {
  return formatCsv(
    ["Count", "Message", "Traceback", "Nodes"],
    exceptions.map(({ count, message, traceback, generators }) => [
      count,
      message,
      traceback,
      generators.join(", "),
    ]),
  );
}

/**
 * Formats one row for each second, of all endpoints together. Rates are those of the second; percentiles and totals those since the
 * start or a reset, as Locust writes them without `--csv-full-history`. Reports of earlier versions have no totals (N/A).
 */
export function formatHistoryCsv(report: RunReport): string {
  const header = [
    "Timestamp",
    "User Count",
    "Type",
    "Name",
    "Requests/s",
    "Failures/s",
    ...PERCENTILE_COLUMNS,
    "Total Request Count",
    "Total Failure Count",
    "Total Median Response Time",
    "Total Average Response Time",
    "Total Min Response Time",
    "Total Max Response Time",
    "Total Average Content Size",
  ];
  const rows = toSeconds(report).map(([timestamp, point]): Cell[] => {
    const { total } = point;
    const percentiles = PERCENTILES.map((_, i) => total?.percentiles_ms[i] ?? null);
    return [
      timestamp,
      point.users,
      "",
      report.total.name,
      point.requests_per_second,
      point.failures_per_second,
      ...percentiles.map(toWholeMs),
      total?.requests ?? null,
      total?.failures ?? null,
      toWholeMs(percentiles[0]!),
      total?.mean_ms ?? null,
      total?.min_ms ?? null,
      percentiles.at(-1)!,
      total === undefined ? null : toMeanBytes(total),
    ];
  });
  return formatCsv(header, rows);
}

/**
 * Returns a point for each second of a run, by the second in which it ends, in seconds since 1970. The last point of a run is shorter: it
 * belongs to the second before it, with its totals. A point that spans several seconds, on a machine that stalls, has its rates in all
 * of them and its totals in the last.
 */
function toSeconds({ started_at_ms: started, series }: RunReport): [number, SeriesPoint][] {
  const seconds: [number, SeriesPoint][] = [];
  const begun = Math.floor((started ?? 0) / 1_000);
  let previous = 0;
  for (const point of series) {
    const length = point.elapsed_seconds - previous;
    previous = point.elapsed_seconds;
    const timestamp = begun + Math.round(point.elapsed_seconds);
    const last = seconds.at(-1);
    if (last !== undefined && last[0] >= timestamp) {
      last[1] = join(last[1], point, length);
      continue;
    }
    const { requests_per_second, failures_per_second } = point;
    for (let at = (last?.[0] ?? timestamp) + 1; at < timestamp; at++) {
      seconds.push([at, { ...last![1], requests_per_second, failures_per_second }]);
    }
    seconds.push([timestamp, point]);
  }
  return seconds;
}

/** Adds a part of a second to the point before it. */
function join(point: SeriesPoint, part: SeriesPoint, seconds: number): SeriesPoint {
  const add = (a: number, b: number): number => (a + b * seconds) / (1 + seconds);
  return {
    ...part,
    requests_per_second: add(point.requests_per_second, part.requests_per_second),
    failures_per_second: add(point.failures_per_second, part.failures_per_second),
  };
}

/** Formats a time as Locust does: in whole seconds, UTC. */
function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
