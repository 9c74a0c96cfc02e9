import type { Distribution, EndpointStatistics, RunReport } from "../../contract/report.ts";
import {
  formatBytes,
  formatMs,
  formatNumber,
  formatSeconds,
  formatShare,
} from "../format-number.ts";
import { html, type Html } from "./html.ts";

/** The tables of the HTML report. */

/** Returns the share of failed requests; null without requests. */
export function toFailureShare({ requests, failures }: EndpointStatistics): number | null {
  return requests === 0 ? null : failures / requests;
}

export function renderRequests({ endpoints, total }: RunReport): Html {
  return renderTable(
    [
      "Method",
      "Name",
      "Requests",
      "Failures",
      "Share",
      "Requests/s",
      "Failures/s",
      "Received",
      "Abandoned",
    ],
    [...endpoints, total].map((endpoint) => [
      endpoint.method,
      endpoint.name,
      formatNumber(endpoint.requests),
      formatNumber(endpoint.failures),
      formatShare(toFailureShare(endpoint)),
      formatNumber(endpoint.requests_per_second),
      formatNumber(endpoint.failures_per_second),
      formatBytes(endpoint.received_bytes),
      formatNumber(endpoint.abandoned),
    ]),
    { strings: 2, hasTotal: true },
  );
}

export function renderTimes(
  { endpoints, total }: RunReport,
  pick: (endpoint: EndpointStatistics) => Distribution,
): Html {
  return renderTable(
    ["Method", "Name", "Count", "Mean", "Min", "p50", "p90", "p95", "p99", "p99.9", "Max"],
    [...endpoints, total].map((endpoint) => {
      const time = pick(endpoint);
      const { mean_ms, min_ms, p50_ms, p90_ms, p95_ms, p99_ms, p999_ms, max_ms } = time;
      const times = [mean_ms, min_ms, p50_ms, p90_ms, p95_ms, p99_ms, p999_ms, max_ms];
      return [endpoint.method, endpoint.name, formatNumber(time.count), ...times.map(formatNumber)];
    }),
    { strings: 2, hasTotal: true },
  );
}

export function renderThresholds({ thresholds }: RunReport): Html {
  if (thresholds.length === 0) return html``;
  return html`<h2>Thresholds</h2>
    ${renderTable(
      ["Threshold", "Measured", "Result"],
      thresholds.map(({ expression, actual, passed }) => [
        expression,
        actual === null ? "no measurement" : formatNumber(actual),
        passed ? "passed" : "crossed",
      ]),
      { strings: 1 },
    )}`;
}

export function renderFailures({ failures }: RunReport): Html {
  if (failures.length === 0) return html`<p>None.</p>`;
  return renderTable(
    ["Method", "Name", "Failure", "Count", "First", "Last"],
    failures.map(({ method, name, kind, count, first_seen_ms: first, last_seen_ms: last }) => [
      method,
      name,
      kind,
      formatNumber(count),
      formatClock(first),
      formatClock(last),
    ]),
    { strings: 3 },
  );
}

function formatClock(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 19)} UTC`;
}

export function renderExceptions({ exceptions }: RunReport): Html {
  if (exceptions.length === 0) return html``;
  return html`<h2>Exceptions</h2>
    ${exceptions.map(
      ({ message, traceback, count, generators }) =>
        html`<p>
            <b>${message}</b>
            <span class="soft">${formatNumber(count)} times, ${generators.join(", ")}</span>
          </p>
          <pre>${traceback}</pre>`,
    )}`;
}

export function renderGenerator({ generator }: RunReport): Html {
  return renderTable(
    [
      "Processes",
      "Lateness p99",
      "Maximum utilisation",
      "Mean utilisation",
      "CPU time",
      "Memory",
      "Dropped arrivals",
    ],
    [
      [
        formatNumber(generator.processes),
        formatMs(generator.lateness_p99_ms),
        formatShare(generator.utilisation_max),
        formatShare(generator.utilisation_mean),
        formatSeconds(generator.cpu_seconds),
        formatBytes(generator.memory_bytes),
        formatNumber(generator.dropped),
      ],
    ],
    { strings: 0 },
  );
}

/** @param strings number of columns with strings, at the left */
function renderTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  { strings, hasTotal = false }: { readonly strings: number; readonly hasTotal?: boolean },
): Html {
  const kind = (index: number): string => (index < strings ? "text" : "number");
  return html`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${header.map((name, index) => html`<th scope="col" class="${kind(index)}">${name}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (cells, row) =>
            html`<tr class="${hasTotal && row === rows.length - 1 ? "total" : "row"}">
              ${cells.map((cell, index) => html`<td class="${kind(index)}">${cell}</td>`)}
            </tr> `,
        )}
      </tbody>
    </table>
  </div>`;
}
