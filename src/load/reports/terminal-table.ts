import type { Distribution, EndpointStatistics, RunReport } from "../contract/report.ts";
import { NO_VALUE } from "./format-number.ts";

/** Formats the whole report for a terminal. */
export function formatSummary(report: RunReport): string {
  const { failures, exceptions, thresholds, generator, recovery } = report;
  const parts = [
    [formatLine(report)],
    formatEndpoints(report),
    failures.length === 0
      ? []
      : formatTable(
          ["Failures", "", ""],
          failures.map(({ method, name, kind, count }) => [
            kind,
            `${method} ${name}`,
            String(count),
          ]),
        ),
    exceptions.map(
      ({ message, count, traceback }) => `Exception (${count} times): ${message}\n${traceback}`,
    ),
    thresholds.map(
      ({ expression, actual, passed }) =>
        `${passed ? "passed " : "CROSSED"}  ${expression}  (${actual === null ? "no measurement" : `measured: ${toDigits(actual)}`})`,
    ),
    recovery === null
      ? []
      : [
          recovery.baseline_p95_ms === null
            ? "No recovery measured: there were no successes before the overload"
            : recovery.seconds === null
              ? `Not recovered: p95 stayed above 1.2 times the baseline of ${toDigits(recovery.baseline_p95_ms)} ms`
              : `Recovered ${toDigits(recovery.seconds)} s after the overload: p95 within 1.2 times the baseline of ${toDigits(recovery.baseline_p95_ms)} ms`,
        ],
    [
      `Generator: ${generator.processes} process(es), ${toDigits(generator.cpu_seconds)} CPU seconds, ` +
        `${toMegabytes(generator.memory_bytes)}, utilisation ${toPercent(generator.utilisation_mean)} (maximum ${toPercent(generator.utilisation_max)}), ` +
        `lateness ${toMs(generator.lateness_p99_ms)} (p99), ${generator.dropped} dropped`,
      ...(generator.invalid === null ? [] : [`INVALID: ${generator.invalid.message}`]),
      ...report.notes,
    ],
    report.verdict === null ? [] : [`Result: ${report.verdict.outcome.replaceAll("_", " ")}`],
  ];
  return parts
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join("\n"))
    .join("\n\n");
}

/** Formats the progress of a run as one line. */
export function formatLine({
  state,
  elapsed_seconds: elapsed,
  users,
  stage,
  total,
}: RunReport): string {
  const time = total.response_time ?? total.service_time;
  const progress = stage === "" ? state : `${state}, ${stage}`;
  return (
    `${elapsed.toFixed(0)} s  ${progress}  ${users} users  ${total.requests} requests, ${total.failures} failed  ` +
    `${toDigits(total.current_requests_per_second)}/s  p50 ${toMs(time.p50_ms)}  p95 ${toMs(time.p95_ms)}`
  );
}

function formatEndpoints({ endpoints, total }: RunReport): string[] {
  const hasDue = total.response_time !== null;
  const rows = [...endpoints, total].flatMap((endpoint) => [
    toRow(endpoint, endpoint.service_time, hasDue ? "service" : ""),
    ...(endpoint.response_time === null
      ? []
      : [toRow(endpoint, endpoint.response_time, "response")]),
  ]);
  const which = hasDue ? ["Time"] : [];
  const header = [
    "Endpoint",
    ...which,
    "Requests",
    "Failed",
    "/s",
    "Mean",
    "Min",
    "p50",
    "p90",
    "p95",
    "p99",
    "p99.9",
    "Max ms",
    "Abandoned",
  ];
  return formatTable(
    header,
    rows.map(([name = "", kind = "", ...rest]) => [name, ...(hasDue ? [kind] : []), ...rest]),
  );
}

function toRow(endpoint: EndpointStatistics, time: Distribution, kind: string): string[] {
  const { method, name, requests, failures, abandoned } = endpoint;
  return [
    method === "" ? name : `${method} ${name}`,
    kind,
    String(requests),
    String(failures),
    toDigits(endpoint.requests_per_second),
    ...[
      time.mean_ms,
      time.min_ms,
      time.p50_ms,
      time.p90_ms,
      time.p95_ms,
      time.p99_ms,
      time.p999_ms,
      time.max_ms,
    ].map(toDigits),
    String(abandoned),
  ];
}

/** Formats aligned columns: the first one to the left, the others to the right. */
function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = header.map((title, i) =>
    Math.max(title.length, ...rows.map((row) => (row[i] ?? "").length)),
  );
  const toLine = (row: readonly string[]): string =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .join("  ")
      .trimEnd();
  return [header, ...rows].map(toLine);
}

/** Formats a number with about three significant digits. */
function toDigits(value: number | null): string {
  if (value === null) return NO_VALUE;
  if (value === 0) return "0";
  if (value >= 100) return value.toFixed(0);
  return value >= 10 ? value.toFixed(1) : value >= 0.1 ? value.toFixed(2) : value.toPrecision(2);
}

function toMs(value: number | null): string {
  return value === null ? NO_VALUE : `${toDigits(value)} ms`;
}

function toMegabytes(bytes: number | null): string {
  return bytes === null ? NO_VALUE : `${toDigits(bytes / 2 ** 20)} MB`;
}

function toPercent(share: number | null): string {
  return share === null ? NO_VALUE : `${(share * 100).toFixed(0)} %`;
}
