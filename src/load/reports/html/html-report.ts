import type { Invalid, RunReport, Verdict } from "../../contract/report.ts";
import { getProfile } from "../../profiles/profiles.ts";
import { describeProfile } from "../describe-profile.ts";
import { formatMs, formatNumber, formatSeconds, formatShare } from "../format-number.ts";
import { drawChart, type Chart } from "./chart.ts";
import { Html, html } from "./html.ts";
import {
  renderExceptions,
  renderFailures,
  renderGenerator,
  renderRequests,
  renderThresholds,
  renderTimes,
  toFailureShare,
} from "./report-tables.ts";
import { STYLE } from "./style.ts";

/** Renders a run as one self-contained HTML document: no scripts, no other hosts, with its own styles and drawings, and printable. */
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
            ${describeLoad(report)}${report.plan.run_time_seconds === null ? "" : `, for ${formatSeconds(report.plan.run_time_seconds)}`}.
            <span class="soft">Random seed ${report.plan.seed}.</span>
          </p>
          ${renderInvalid(report.generator.invalid)}
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
          <h2>Over time</h2>
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
    title: "Time of successful requests in milliseconds",
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
  machine_busy: "Invalid: machine busy",
  incomplete: "Invalid: incomplete",
  threshold_crossed: "Threshold crossed",
};

function renderInvalid(invalid: Invalid | null): Html {
  if (invalid === null) return html``;
  return html`<p class="note"><b class="bad">These results are invalid:</b> ${invalid.message}</p>`;
}

function renderVerdict(verdict: Verdict | null): Html {
  if (verdict === null) return html`<span class="verdict">In progress</span>`;
  return html`<span class="verdict ${verdict.exit_code === 0 ? "good" : "bad"}"
    >${OUTCOMES[verdict.outcome]}</span
  >`;
}

function describeTime({ started_at_ms: from, elapsed_seconds: seconds }: RunReport): string {
  if (from === null) return "Not started.";
  const at = new Date(from).toISOString().replace("T", " ").slice(0, 19);
  return `Started ${at} UTC, duration ${formatSeconds(seconds)}.`;
}

function describeLoad({ plan: { profile } }: RunReport): string {
  const model = getProfile(profile).model === "open" ? "Open model" : "Closed model";
  return `${model}: ${describeProfile(profile)}`;
}

function renderSummary({ total, recovery, series }: RunReport): Html {
  const time = total.response_time ?? total.service_time;
  const cards: (readonly [string, string])[] = [
    ["Requests", formatNumber(total.requests)],
    ["Failures", `${formatNumber(total.failures)} (${formatShare(toFailureShare(total))})`],
    ["Requests per second", formatNumber(total.requests_per_second)],
    ["p50", formatMs(time.p50_ms)],
    ["p95", formatMs(time.p95_ms)],
    ["p99", formatMs(time.p99_ms)],
    ["Maximum users", formatNumber(series.reduce((top, { users }) => Math.max(top, users), 0))],
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
