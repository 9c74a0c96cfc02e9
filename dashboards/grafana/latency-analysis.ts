import { METRICS } from "../../src/metrics/names.ts";
import { OBJECTIVES } from "../objectives.ts";
import type { DashboardDefinition } from "./dashboard-definition.ts";
import {
  INFERENCE,
  MISSED,
  latencyHeatmap,
  latencyPercentiles,
  meanAndMedian,
} from "./panel-parts.ts";
import {
  LATENCY,
  RANGE,
  RATE_INTERVAL,
  SINGLE_PREDICTIONS,
  bucketTotals,
  buckets,
  roundCount,
  increase,
  isNumber,
  mean,
  occurringMean,
  ofClients,
  ofModel,
  quantile,
  shareWithin,
  sum,
  type Histogram,
} from "./queries.ts";

/** Shifts every range selector of an expression into the past. */
function addOffset(expr: string, time: string): string {
  return expr.replaceAll(`[${RATE_INTERVAL}]`, `[${RATE_INTERVAL}] offset ${time}`);
}

const EARLIER = [
  ["1 hour ago", "1h", "The hour-ago series requires requests at that time."],
  ["1 day ago", "1d", "The day-ago series requires requests at that time."],
] as const;

function createComparison(
  title: string,
  expr: string,
): DashboardDefinition["rows"][number]["panels"][number] {
  return {
    kind: "graph",
    title,
    description: "Latency now, one hour ago, and one day ago at the same time.",
    unit: "s",
    queries: [
      { expr, legend: "now" },
      ...EARLIER.map(([legend, time, mayBeEmpty]) => ({
        expr: addOffset(expr, time),
        legend,
        mayBeEmpty,
      })),
    ],
  };
}

function formatBound(seconds: number): string {
  return seconds < 1 ? `${Number((seconds * 1_000).toPrecision(6))} ms` : `${seconds} s`;
}

const STREAM_DURATION: Histogram = {
  declaration: METRICS.apiStreamDuration,
  select: ofClients,
};
const STAGES: Histogram = { declaration: METRICS.modelStageDuration, select: ofModel };
const LONGEST = Math.max(...METRICS.apiRequestLatency.buckets);

export const LATENCY_ANALYSIS: DashboardDefinition = {
  uid: "tepal-latency",
  title: "Latency Analysis",
  description:
    "How long do clients wait, on which routes, and since when? Monitoring and pages are excluded.",
  rows: [
    {
      title: "Selected time range",
      panels: [
        ...([0.5, 0.95, 0.99] as const).map((q) => ({
          kind: "stat" as const,
          title: q === 0.5 ? "Median latency (p50)" : `p${q * 100} latency`,
          description: `${q === 0.5 ? "Median" : `${q * 100}th percentile of the`} request latency over the selected time range, all routes.`,
          unit: "s",
          queries: [{ expr: isNumber(quantile(q, LATENCY, RANGE)), legend: `p${q * 100}` }],
        })),
        {
          kind: "stat",
          title: "Mean latency",
          description: "Mean request latency over the selected time range, all routes.",
          unit: "s",
          queries: [{ expr: mean(LATENCY, RANGE), legend: "mean" }],
        },
      ],
    },
    {
      title: "Over time",
      panels: [
        latencyPercentiles("Latency percentiles"),
        meanAndMedian("Mean and median latency"),
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
            "Requests of the selected time range in each histogram bucket, by the upper bound of the bucket.",
          unit: "short",
          height: 12,
          buckets: [
            ...METRICS.apiRequestLatency.buckets.map(
              (bound) => [bound, `≤ ${formatBound(bound)}`] as const,
            ),
            [Number.POSITIVE_INFINITY, `> ${formatBound(LONGEST)}`],
          ],
          queries: [{ expr: bucketTotals(LATENCY), legend: "{{le}}" }],
        },
        {
          kind: "bars",
          title: "Cumulative latency distribution",
          description:
            "Share of requests of the selected time range completed within each bucket bound. Exact, not interpolated.",
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
          title: "Predictions within the latency objective",
          description: `Share of one-row predictions completed within ${formatBound(OBJECTIVES.latencySeconds)}; the latency of a batch depends on its rows. Dashed line: the objective of ${OBJECTIVES.latencyShare * 100} %.`,
          unit: "percentunit",
          width: 24,
          softMin: MISSED.latencyShare,
          max: 1,
          hasLimitColors: true,
          limits: [
            { from: Number.NEGATIVE_INFINITY, color: "red" },
            { from: OBJECTIVES.latencyShare, color: "green" },
          ],
          queries: [
            {
              expr: shareWithin(SINGLE_PREDICTIONS, OBJECTIVES.latencySeconds),
              mayBeEmpty: "Empty without one-row predictions.",
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
          description: "95th percentile of request latency for each route.",
          unit: "s",
          height: 10,
          queries: [
            { expr: quantile(0.95, LATENCY, RATE_INTERVAL, ["route"]), legend: "{{route}}" },
          ],
        },
        {
          kind: "graph",
          title: "Mean latency by route",
          description: "Mean request latency for each route.",
          unit: "s",
          height: 10,
          queries: [{ expr: mean(LATENCY, RATE_INTERVAL, ["route"]), legend: "{{route}}" }],
        },
        {
          kind: "table",
          title: "Latency by route",
          description: "Number and latency of requests on each route over the selected time range.",
          unit: "s",
          width: 24,
          labels: { route: "Route" },
          queries: [
            {
              expr: `${roundCount(sum(increase(ofClients(METRICS.apiRequests.name)), ["route"]))} > 0`,
              legend: "Requests",
            },
            { expr: mean(LATENCY, RANGE, ["route"]), legend: "Mean" },
            ...[0.5, 0.95, 0.99].map((q) => ({
              expr: isNumber(quantile(q, LATENCY, RANGE, ["route"])),
              legend: `p${q * 100}`,
            })),
          ],
          units: { Requests: "short" },
          widths: { Route: 420 },
          sortBy: [["Requests", "descending"]],
        },
      ],
    },
    {
      title: "Comparison with the past",
      panels: [
        createComparison("p95 latency compared", quantile(0.95, LATENCY)),
        createComparison("Mean latency compared", mean(LATENCY)),
      ],
    },
    {
      title: "Streams and model inference",
      panels: [
        {
          kind: "graph",
          title: "Streamed uploads",
          description:
            "Duration of streamed uploads of rows. The client decides it, so it is no part of the request latencies above. The longest bucket ends at one day.",
          unit: "s",
          empty: "No upload was streamed",
          queries: [0.5, 0.95].map((q) => ({
            expr: isNumber(quantile(q, STREAM_DURATION)),
            legend: `p${q * 100}`,
            mayBeEmpty: "Empty without streamed uploads.",
          })),
        },
        {
          kind: "graph",
          title: "Stages of a prediction",
          description:
            "Mean duration of each stage of a prediction request. body: until the body has arrived; queue: until its turn; decode, check (trust check), inference and encode: work of the server.",
          unit: "s",
          softMax: 0.000_01,
          stacked: true,
          legend: "list",
          queries: [{ expr: occurringMean(STAGES, ["stage"]), legend: "{{stage}}" }],
        },
        {
          kind: "graph",
          title: "Inference time",
          description:
            "Duration of model calls, without HTTP and JSON. A call predicts one row or a whole batch.",
          unit: "s",
          softMax: 0.000_01,
          legend: "list",
          queries: [0.5, 0.99].map((q) => ({
            expr: quantile(q, INFERENCE, RATE_INTERVAL, ["model"]),
            legend: `{{model}} p${q * 100}`,
          })),
        },
        {
          kind: "heatmap",
          title: "Inference time heatmap",
          description:
            "Distribution of model call durations over time. Large batches form a separate band.",
          unit: "s",
          queries: [{ expr: buckets(INFERENCE), legend: "{{le}}" }],
        },
      ],
    },
  ],
};
