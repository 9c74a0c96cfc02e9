import { METRICS } from "../../src/metrics/names.ts";
import { OBJECTIVES } from "../objectives.ts";
import type { DashboardDefinition } from "./definition.ts";
import {
  INFERENCE,
  LATENCY_LIMITS,
  LATENCY_MEANING,
  latencyHeatmap,
  latencyPercentiles,
  meanAgainstMedian,
} from "./panel-parts.ts";
import {
  LATENCY,
  RANGE,
  RATE_INTERVAL,
  bucketTotals,
  buckets,
  increase,
  isNumber,
  mean,
  ofClients,
  quantile,
  shareWithin,
  sum,
} from "./queries.ts";

/** The same window, some time before. */
function before(expr: string, time: string): string {
  return expr.replaceAll(`[${RATE_INTERVAL}]`, `[${RATE_INTERVAL}] offset ${time}`);
}

const EARLIER = [
  ["an hour ago", "1h", "Nothing while there are no requests from an hour ago."],
  ["a day ago", "1d", "Nothing while there are no requests from a day ago."],
] as const;

function compared(
  what: string,
  expr: string,
): DashboardDefinition["rows"][number]["panels"][number] {
  return {
    kind: "graph",
    title: `${what} against earlier`,
    description: `Is it other than it was an hour ago, or at this time of yesterday?`,
    unit: "s",
    queries: [
      { expr, legend: "now" },
      ...EARLIER.map(([legend, time, mayBeEmpty]) => ({
        expr: before(expr, time),
        legend,
        mayBeEmpty,
      })),
    ],
  };
}

function formatBound(seconds: number): string {
  return seconds < 1 ? `${Number((seconds * 1_000).toPrecision(6))} ms` : `${seconds} s`;
}

export const LATENCY_ANALYSIS: DashboardDefinition = {
  uid: "tepal-latency",
  title: "Latency Analysis",
  description:
    "How long do clients wait, where, and since when? Scrapes and health checks are left out.",
  rows: [
    {
      title: "The selected range",
      panels: [
        ...([0.5, 0.95, 0.99] as const).map((q) => ({
          kind: "stat" as const,
          title: q === 0.5 ? "Median latency (p50)" : `p${q * 100} latency`,
          description: `Within which time were ${q * 100} % of the requests of the selected range answered? ${LATENCY_MEANING}`,
          unit: "s",
          limits: LATENCY_LIMITS,
          queries: [{ expr: isNumber(quantile(q, LATENCY, RANGE)), legend: `p${q * 100}` }],
        })),
        {
          kind: "stat",
          title: "Mean latency",
          description: `How long did a request of the selected range take on average? ${LATENCY_MEANING}`,
          unit: "s",
          limits: LATENCY_LIMITS,
          queries: [{ expr: mean(LATENCY, RANGE), legend: "mean" }],
        },
      ],
    },
    {
      title: "Over time",
      panels: [
        latencyPercentiles("Latency percentiles"),
        meanAgainstMedian("Mean against median"),
        { ...latencyHeatmap("Latency heatmap"), width: 24, height: 10 },
      ],
    },
    {
      title: "Distribution",
      panels: [
        {
          kind: "bars",
          title: "Latency distribution",
          description:
            "How many requests of the selected range fell into each bucket? Named by its upper bound in seconds.",
          unit: "short",
          decimals: 0,
          height: 12,
          isHistogram: true,
          queries: [{ expr: bucketTotals(LATENCY), legend: "{{le}}" }],
        },
        {
          kind: "bars",
          title: "Share under each bound",
          description:
            "Which share of the requests of the selected range was answered within each bound? Counted, not estimated.",
          unit: "percentunit",
          decimals: 2,
          min: 0,
          max: 1,
          height: 12,
          queries: METRICS.apiRequestLatency.buckets.map((bound) => ({
            expr: shareWithin(LATENCY, bound, RANGE),
            legend: `≤ ${formatBound(bound)}`,
          })),
        },
        {
          kind: "graph",
          title: "Answered in time",
          description: `Which share of requests is answered within ${formatBound(OBJECTIVES.latencySeconds)}? The dashed line: the objective of ${OBJECTIVES.latencyShare * 100} %.`,
          unit: "percentunit",
          width: 24,
          max: 1,
          limits: [
            { from: Number.NEGATIVE_INFINITY, color: "red" },
            { from: OBJECTIVES.latencyShare, color: "green" },
          ],
          queries: [
            {
              expr: shareWithin(LATENCY, OBJECTIVES.latencySeconds),
              legend: `within ${formatBound(OBJECTIVES.latencySeconds)}`,
            },
          ],
        },
      ],
    },
    {
      title: "By route",
      panels: [
        {
          kind: "graph",
          title: "p95 latency by route",
          description: "Which routes are slow?",
          unit: "s",
          queries: [
            { expr: quantile(0.95, LATENCY, RATE_INTERVAL, ["route"]), legend: "{{route}}" },
          ],
        },
        {
          kind: "graph",
          title: "Mean latency by route",
          description: "On which routes does a request take long on average?",
          unit: "s",
          queries: [{ expr: mean(LATENCY, RATE_INTERVAL, ["route"]), legend: "{{route}}" }],
        },
        {
          kind: "table",
          title: "Latency by route",
          description: "How long did requests of the selected range take on each route?",
          unit: "s",
          width: 24,
          labels: { route: "Route" },
          queries: [
            {
              expr: `${sum(increase(ofClients(METRICS.apiRequests.name)), ["route"])} > 0`,
              legend: "Requests",
            },
            { expr: mean(LATENCY, RANGE, ["route"]), legend: "Mean" },
            ...[0.5, 0.95, 0.99].map((q) => ({
              expr: isNumber(quantile(q, LATENCY, RANGE, ["route"])),
              legend: `p${q * 100}`,
            })),
          ],
          units: { Requests: "short" },
        },
      ],
    },
    {
      title: "Against earlier",
      panels: [
        compared("p95 latency", quantile(0.95, LATENCY)),
        compared("Mean latency", mean(LATENCY)),
      ],
    },
    {
      title: "The model's part",
      panels: [
        {
          kind: "graph",
          title: "Time in the model",
          description:
            "How long does the model itself take for one call, whatever its number of rows?",
          unit: "s",
          queries: [0.5, 0.99].map((q) => ({
            expr: quantile(q, INFERENCE, RATE_INTERVAL, ["model"]),
            legend: `{{model}} p${q * 100}`,
          })),
        },
        {
          kind: "heatmap",
          title: "Time in the model, heatmap",
          description: "Where do the model's times lie? Large batches make a group of their own.",
          unit: "s",
          queries: [{ expr: buckets(INFERENCE), legend: "{{le}}" }],
        },
      ],
    },
  ],
};
