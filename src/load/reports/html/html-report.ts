import type { Profile } from "../../contract/plan.ts";
import type {
  Distribution,
  EndpointStatistics,
  RunReport,
  Verdict,
} from "../../contract/report.ts";
import { drawChart, type Chart } from "./chart.ts";
import { formatBytes, formatNumber, formatSeconds, formatShare } from "./format-number.ts";
import { Html, html } from "./html.ts";
import { STYLE } from "./style.ts";

/**
 * A run as one HTML document that needs nothing else: no script, no other host, its own styles and drawings. It may be opened from a
 * disk, sent and printed.
 */
export function renderHtmlReport(report: RunReport, version: string): string {
  const title = `Load test of ${report.plan.host}`;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta
          http-equiv="Content-Security-Policy"
          content="default-src 'none'; style-src 'unsafe-inline'"
        />
        <title>${title}</title>
        <style>
          ${new Html(STYLE)}
        </style>
      </head>
      <body>
        <header>
          <h1>${title}</h1>
          <p>${renderVerdict(report.verdict)} <span class="soft">${describeTime(report)}</span></p>
          <p>
            ${describeProfile(report.plan.profile)}${report.plan.run_time_seconds === null ? "" : `, for ${formatSeconds(report.plan.run_time_seconds)}`}.
            <span class="soft">Seed ${report.plan.seed}.</span>
          </p>
          ${report.generator.overloaded === null ? [] : html`<p class="note"><b class="bad">The load generator was overloaded; these figures are not to be trusted:</b> ${report.generator.overloaded}</p>`}
          ${report.notes.map((note) => html`<p class="note">${note}</p>`)} ${renderSummary(report)}
        </header>
        <main>
          ${renderThresholds(report)}
          <h2>Requests</h2>
          ${renderRequests(report)}
          <h2>
            ${report.total.response_time === null ? "Service time" : "Response time"} in
            milliseconds
          </h2>
          <p class="soft">
            ${report.total.response_time === null ? "From sending a request to its complete reply." : "From when a request was due to its complete reply."}
            Successes only.
          </p>
          ${renderTimes(report, (endpoint) => endpoint.response_time ?? endpoint.service_time)}
          ${
            report.total.response_time === null
              ? []
              : html`<h2>Service time in milliseconds</h2>
                  <p class="soft">From sending a request to its complete reply. Successes only.</p>
                  ${renderTimes(report, (endpoint) => endpoint.service_time)}`
          }
          <h2>Course</h2>
          ${CHARTS.map((chart) => drawChart(chart, report.series, report.marks))}
          ${renderMarks(report)}
          <h2>Failures</h2>
          ${renderFailures(report)} ${renderExceptions(report)}
          <h2>Load generator</h2>
          ${renderGenerator(report)}
        </main>
        <footer><p class="soft">Run ${report.id}, by Tepal ${version}.</p></footer>
      </body>
    </html> `;
  return page.text;
}

const CHARTS: readonly Chart[] = [
  {
    title: "Requests per second",
    lines: [
      { name: "requests", color: "a", value: (point) => point.requests_per_second },
      { name: "failures", color: "bad", value: (point) => point.failures_per_second },
    ],
  },
  {
    title: "Time of successes in milliseconds",
    lines: [
      { name: "p50", color: "a", value: (point) => point.p50_ms },
      { name: "p95", color: "b", value: (point) => point.p95_ms },
      { name: "p99", color: "c", value: (point) => point.p99_ms },
    ],
  },
  {
    title: "Users",
    lines: [{ name: "users", color: "a", value: (point) => point.users }],
  },
];

const OUTCOMES: Readonly<Record<Verdict["outcome"], string>> = {
  passed: "Passed",
  failed_requests: "Requests failed",
  generator_overloaded: "Invalid: generator overloaded",
  threshold_crossed: "Threshold crossed",
};

function renderVerdict(verdict: Verdict | null): Html {
  if (verdict === null) return html`<span class="verdict">Not over</span>`;
  return html`<span class="verdict ${verdict.exit_code === 0 ? "good" : "bad"}"
    >${OUTCOMES[verdict.outcome]}</span
  >`;
}

function describeTime({ started_at_ms: from, elapsed_seconds: seconds }: RunReport): string {
  if (from === null) return "Not begun.";
  const at = new Date(from).toISOString().replace("T", " ").slice(0, 19);
  return `Began ${at} UTC, lasted ${formatSeconds(seconds)}.`;
}

function describeProfile(profile: Profile): string {
  switch (profile.kind) {
    case "users":
      return `Closed model: ${profile.users} users, of whom ${profile.spawn_rate} start each second`;
    case "constant_rate":
      return `Open model: ${profile.rate} a second${profile.poisson ? " (Poisson)" : ""}, at most ${profile.max_users} at a time`;
    case "ramping_rate":
      return `Open model: from ${profile.from_rate} to ${profile.to_rate} a second within ${formatSeconds(profile.ramp_seconds)}${profile.poisson ? " (Poisson)" : ""}, at most ${profile.max_users} at a time`;
    case "custom":
      return "Closed model: the script's own shape";
    case "baseline":
    case "gradual":
    case "stress":
    case "recovery":
      return `Closed model: shape ${profile.kind}, ${profile.users} users, ${formatSeconds(profile.stage_seconds)} a stage`;
  }
}

function renderSummary({ total, recovery, series }: RunReport): Html {
  const time = total.response_time ?? total.service_time;
  const cards: (readonly [string, string])[] = [
    ["Requests", formatNumber(total.requests)],
    [
      "Failures",
      `${formatNumber(total.failures)} (${formatShare(total.requests === 0 ? 0 : total.failures / total.requests)})`,
    ],
    ["Requests per second", formatNumber(total.requests_per_second)],
    ["p50", `${formatNumber(time.p50_ms)} ms`],
    ["p95", `${formatNumber(time.p95_ms)} ms`],
    ["p99", `${formatNumber(time.p99_ms)} ms`],
    ["Most users", formatNumber(series.reduce((top, { users }) => Math.max(top, users), 0))],
  ];
  if (recovery !== null) {
    cards.push([
      "Recovered after",
      recovery.seconds === null ? "never" : formatSeconds(recovery.seconds),
    ]);
  }
  return html`<dl>
    ${cards.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${value}</dd>
        </div>`,
    )}
  </dl>`;
}

/** @param texts how many columns at the left are texts */
function renderTable(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  { texts, hasTotal = false }: { readonly texts: number; readonly hasTotal?: boolean },
): Html {
  const kind = (index: number): string => (index < texts ? "text" : "number");
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

function renderRequests({ endpoints, total }: RunReport): Html {
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
      formatShare(endpoint.requests === 0 ? 0 : endpoint.failures / endpoint.requests),
      formatNumber(endpoint.requests_per_second),
      formatNumber(endpoint.failures_per_second),
      formatBytes(endpoint.received_bytes),
      formatNumber(endpoint.abandoned),
    ]),
    { texts: 2, hasTotal: true },
  );
}

function renderTimes(
  { endpoints, total }: RunReport,
  pick: (endpoint: EndpointStatistics) => Distribution,
): Html {
  return renderTable(
    ["Method", "Name", "Count", "Mean", "Min", "p50", "p90", "p95", "p99", "p99.9", "Max"],
    [...endpoints, total].map((endpoint) => {
      const time = pick(endpoint);
      const { mean_ms, min_ms, p50_ms, p90_ms, p95_ms, p99_ms, p999_ms, max_ms } = time;
      const times = [mean_ms, min_ms, p50_ms, p90_ms, p95_ms, p99_ms, p999_ms, max_ms];
      // Without a success there is no time, not one of 0.
      const shown = times.map((value) => (time.count === 0 ? "–" : formatNumber(value)));
      return [endpoint.method, endpoint.name, formatNumber(time.count), ...shown];
    }),
    { texts: 2, hasTotal: true },
  );
}

function renderThresholds({ thresholds }: RunReport): Html {
  if (thresholds.length === 0) return html``;
  return html`<h2>Thresholds</h2>
    ${renderTable(
      ["Threshold", "Measured", "Result"],
      thresholds.map(({ expression, actual, passed }) => [
        expression,
        actual === null ? "nothing" : formatNumber(actual),
        passed ? "passed" : "crossed",
      ]),
      { texts: 1 },
    )}`;
}

function renderMarks({ marks }: RunReport): Html {
  if (marks.length === 0) return html``;
  return html`<p class="soft">
    Dashed lines:
    ${marks
      .map(
        ({ elapsed_seconds: at, kind, text }) =>
          `${formatSeconds(at)} ${text === "" ? kind : `${kind} (${text})`}`,
      )
      .join("; ")}.
  </p>`;
}

function renderFailures({ failures }: RunReport): Html {
  if (failures.length === 0) return html`<p>None.</p>`;
  return renderTable(
    ["Method", "Name", "What went wrong", "Count", "First", "Last"],
    failures.map(({ method, name, kind, count, first_seen_ms: first, last_seen_ms: last }) => [
      method,
      name,
      kind,
      formatNumber(count),
      formatClock(first),
      formatClock(last),
    ]),
    { texts: 3 },
  );
}

function formatClock(ms: number): string {
  return `${new Date(ms).toISOString().slice(11, 19)} UTC`;
}

function renderExceptions({ exceptions }: RunReport): Html {
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

function renderGenerator({ generator }: RunReport): Html {
  return renderTable(
    [
      "Processes",
      "Lateness p99",
      "Busiest second",
      "Busy on average",
      "CPU time",
      "Memory",
      "Dropped arrivals",
    ],
    [
      [
        formatNumber(generator.processes),
        `${formatNumber(generator.lateness_p99_ms)} ms`,
        formatShare(generator.utilisation_max),
        formatShare(generator.utilisation_mean),
        formatSeconds(generator.cpu_seconds),
        formatBytes(generator.memory_bytes),
        formatNumber(generator.dropped),
      ],
    ],
    { texts: 0 },
  );
}
