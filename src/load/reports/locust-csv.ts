import type { Distribution, EndpointStatistics, RunReport } from "../contract/report.ts";
import { formatCsv, type Cell } from "./csv.ts";

/** The four tables that Locust writes, by the suffix of the file: `PREFIX_stats.csv` and so on. */
export const CSV_TABLES = {
  stats: formatRequestsCsv,
  failures: formatFailuresCsv,
  exceptions: formatExceptionsCsv,
  stats_history: formatHistoryCsv,
} as const satisfies Record<string, (report: RunReport) => string>;

const PERCENTILES = [
  ["50%", "p50_ms"],
  ["66%", "p66_ms"],
  ["75%", "p75_ms"],
  ["80%", "p80_ms"],
  ["90%", "p90_ms"],
  ["95%", "p95_ms"],
  ["98%", "p98_ms"],
  ["99%", "p99_ms"],
  ["99.9%", "p999_ms"],
  ["99.99%", "p9999_ms"],
  ["100%", "max_ms"],
] as const satisfies readonly (readonly [string, keyof Distribution])[];

/** Returns the time for a table with one time: response time in an open model, otherwise service time. Unlike Locust's, it excludes failures. */
export function toShownTime(endpoint: EndpointStatistics): Distribution {
  return endpoint.response_time ?? endpoint.service_time;
}

/** Returns the mean size of a reply body in bytes. */
export function toMeanBytes({ requests, received_bytes: bytes }: EndpointStatistics): number {
  return requests === 0 ? 0 : bytes / requests;
}

/** Formats one row for each endpoint and one for all. Times are milliseconds. */
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
    ...PERCENTILES.map(([name]) => name),
  ];
  const rows = [...report.endpoints, report.total].map((endpoint): Cell[] => {
    const time = toShownTime(endpoint);
    return [
      endpoint.method,
      endpoint.name,
      endpoint.requests,
      endpoint.failures,
      time.p50_ms,
      time.mean_ms,
      time.min_ms,
      time.max_ms,
      toMeanBytes(endpoint),
      endpoint.requests_per_second,
      endpoint.failures_per_second,
      ...PERCENTILES.map(([, field]) => time[field]),
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

/** Formats one row for each second, of all endpoints together. Columns that the report does not have by the second are N/A. */
export function formatHistoryCsv(report: RunReport): string {
  const header = [
    "Timestamp",
    "User Count",
    "Type",
    "Name",
    "Requests/s",
    "Failures/s",
    ...PERCENTILES.map(([name]) => name),
    "Total Request Count",
    "Total Failure Count",
    "Total Median Response Time",
    "Total Average Response Time",
    "Total Min Response Time",
    "Total Max Response Time",
    "Total Average Content Size",
  ];
  const started = report.started_at_ms ?? 0;
  let requests = 0;
  let failures = 0;
  let previous = 0;
  const rows = report.series.map((point): Cell[] => {
    const seconds = point.elapsed_seconds - previous;
    previous = point.elapsed_seconds;
    requests += point.requests_per_second * seconds;
    failures += point.failures_per_second * seconds;
    return [
      Math.floor(started / 1_000 + point.elapsed_seconds),
      point.users,
      "",
      report.total.name,
      point.requests_per_second,
      point.failures_per_second,
      ...PERCENTILES.map(([, field]) =>
        field === "p50_ms" || field === "p95_ms" || field === "p99_ms" ? point[field] : null,
      ),
      Math.round(requests),
      Math.round(failures),
      null,
      null,
      null,
      null,
      null,
    ];
  });
  return formatCsv(header, rows);
}

/** Formats a time as Locust does: in whole seconds, UTC. */
function formatTime(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}
