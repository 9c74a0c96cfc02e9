/** Panels, queries and thresholds shared by several dashboards. */
import { METRICS, PROCESS_METRICS } from "../../src/metrics/names.ts";
import { OBJECTIVES } from "../objectives.ts";
import type {
  GraphPanel,
  Limit,
  PanelDefinition,
  QueryDefinition,
  StatPanel,
  TablePanel,
} from "./dashboard-definition.ts";
import {
  LATENCY,
  buckets,
  increase,
  mean,
  ofApi,
  ofClients,
  ofModel,
  quantile,
  rate,
  share,
  sum,
  type Histogram,
} from "./queries.ts";

/** Window of current values. */
export const NOW = "1m";
export const FOR_NOW = "A current value must not depend on the size of the panel";

/** Returns thresholds for a value of which more is worse. */
export function above(warning: number, bad: number): readonly Limit[] {
  return [
    { from: Number.NEGATIVE_INFINITY, color: "green" },
    { from: warning, color: "yellow" },
    { from: bad, color: "red" },
  ];
}

/** Returns thresholds for a value of which less is worse. */
export function below(warning: number, bad: number): readonly Limit[] {
  return [
    { from: Number.NEGATIVE_INFINITY, color: "red" },
    { from: bad, color: "yellow" },
    { from: warning, color: "green" },
  ];
}

const { latencySeconds } = OBJECTIVES;
export const LATENCY_LIMITS = above(latencySeconds / 2, latencySeconds);
export const LATENCY_MEANING = `Yellow from ${(latencySeconds / 2) * 1_000} ms, red from the objective of ${latencySeconds * 1_000} ms.`;

const REQUESTS = METRICS.apiRequests.name;
const FAILURES = 'status=~"5.."';

/** Share of requests with status 5xx. */
export function errorShare(growth: (selector: string) => string): string {
  return share(sum(growth(ofClients(REQUESTS, FAILURES))), sum(growth(ofClients(REQUESTS))));
}

/** Share of requests without status 5xx, over the selected time range. */
export function availability(): string {
  return `1 - ${errorShare((selector) => increase(selector))}`;
}

/** Remaining share of the error budget; negative if the objective is missed. */
export function budgetLeft(): string {
  const allowed = Number((1 - OBJECTIVES.availability).toPrecision(6));
  return `1 - (${errorShare((selector) => increase(selector))}) / ${allowed}`;
}

/** Mean event loop utilization of the serving processes, from 0 to 1. */
export function eventLoopBusy(by: readonly string[], window?: string): string {
  const busy = sum(rate(ofApi(METRICS.eventLoopActive.name), window), by);
  return `${busy} / ${sum(ofApi(METRICS.workers.name), by)}`;
}

export const STATUS_COLORS = [
  ["^2", "green"],
  ["^3", "blue"],
  ["^4", "yellow"],
  ["^5", "red"],
] as const;

export function latencyPercentiles(title: string): GraphPanel {
  return {
    kind: "graph",
    title,
    description:
      "Request latency percentiles, interpolated within histogram buckets. Dashed lines: half the latency objective, and the objective.",
    unit: "s",
    limits: LATENCY_LIMITS,
    queries: [0.5, 0.9, 0.95, 0.99].map((q) => ({
      expr: quantile(q, LATENCY),
      legend: `p${q * 100}`,
    })),
  };
}

export function latencyHeatmap(title: string): PanelDefinition {
  return {
    kind: "heatmap",
    title,
    description:
      "Distribution of request latencies over time. Each row is a histogram bucket; darker cells have more requests per second.",
    unit: "s",
    queries: [{ expr: buckets(LATENCY), legend: "{{le}}" }],
  };
}

export function meanAndMedian(title: string): GraphPanel {
  return {
    kind: "graph",
    title,
    description: `Mean and median request latency. A mean far above the median is caused by a slow tail. The alert HighLatency fires when the mean is above ${OBJECTIVES.meanLatencySeconds} s.`,
    unit: "s",
    queries: [
      { expr: mean(LATENCY), legend: "mean" },
      { expr: quantile(0.5, LATENCY), legend: "median" },
    ],
  };
}

export function requestsSinceStart(title: string): StatPanel {
  return {
    kind: "stat",
    title,
    description: "Requests completed since the server started. A restart resets it to 0.",
    unit: "short",
    queries: [
      {
        expr: sum(ofClients(REQUESTS)),
        legend: "requests",
        total: "The panel shows the total",
      },
    ],
  };
}

export function requestsInRange(title: string): StatPanel {
  return {
    kind: "stat",
    title,
    description:
      "Requests completed in the selected time range, extrapolated to its bounds between scrapes.",
    unit: "short",
    decimals: 0,
    queries: [{ expr: sum(increase(ofClients(REQUESTS))), legend: "requests" }],
  };
}

export function requestsByStatus(title: string): GraphPanel {
  return {
    kind: "graph",
    title,
    description:
      "Requests per second by response status. 4xx: client errors; 5xx: server errors; 499: the client closed the connection.",
    unit: "reqps",
    stacked: true,
    colors: STATUS_COLORS,
    queries: [{ expr: sum(rate(ofClients(REQUESTS)), ["status"]), legend: "{{status}}" }],
  };
}

export function inFlight(title: string): GraphPanel {
  return {
    kind: "graph",
    title,
    description:
      "Requests in progress, including the scrape that reads this value. It rises when requests arrive faster than they complete.",
    unit: "short",
    queries: [
      {
        expr: sum(ofApi(METRICS.apiRequestsInFlight.name), ["instance"]),
        legend: "{{instance}}",
      },
    ],
  };
}

export function eventLoop(title: string): GraphPanel {
  return {
    kind: "graph",
    title,
    description: `Event loop utilization, averaged over the serving processes. At 100 % a process is saturated. Dashed line at ${OBJECTIVES.eventLoopBusy * 100} %, above which requests start to queue.`,
    unit: "percentunit",
    min: 0,
    max: 1,
    limits: [
      { from: Number.NEGATIVE_INFINITY, color: "green" },
      { from: OBJECTIVES.eventLoopBusy, color: "red" },
    ],
    queries: [{ expr: eventLoopBusy(["instance"]), legend: "{{instance}}" }],
  };
}

export function processCpu(title: string): GraphPanel {
  return {
    kind: "graph",
    title,
    description:
      "CPU usage of all server processes together, in cores. JavaScript of one process uses at most one core.",
    unit: "short",
    decimals: 2,
    queries: [
      {
        expr: sum(rate(ofApi(PROCESS_METRICS.cpuSeconds)), ["instance"]),
        legend: "{{instance}}",
      },
    ],
  };
}

export function residentMemory(title: string): GraphPanel {
  return {
    kind: "graph",
    title,
    description:
      "Resident memory of all server processes together. A line that only rises is a leak.",
    unit: "bytes",
    queries: [
      {
        expr: sum(ofApi(PROCESS_METRICS.residentMemory), ["instance"]),
        legend: "{{instance}}",
      },
    ],
  };
}

/** Queries of all rejected requests, by component and reason. */
export function rejections(growth: (selector: string) => string): readonly QueryDefinition[] {
  const reasons = [
    ["input", METRICS.inputErrors.name],
    ["key", METRICS.apiAuthFailures.name],
    ["overload", METRICS.apiOverload.name],
    ["connection", METRICS.apiConnectionErrors.name],
  ] as const;
  return reasons.map(([what, name]) => ({
    expr: sum(growth(ofApi(name)), ["reason"]),
    legend: `${what}: {{reason}}`,
  }));
}

export const CONFIDENCE: Histogram = { declaration: METRICS.confidence, select: ofModel };
export const P_VALUE: Histogram = { declaration: METRICS.pValue, select: ofModel };
export const BATCH_ROWS: Histogram = { declaration: METRICS.batchRows, select: ofModel };
export const INFERENCE: Histogram = { declaration: METRICS.inferenceDuration, select: ofModel };

export function predictionsByClass(title: string): GraphPanel {
  return {
    kind: "graph",
    title,
    description:
      "Rows predicted per second, by predicted class. A regression model has one line without a class.",
    unit: "rowsps",
    stacked: true,
    queries: [
      {
        expr: sum(rate(ofModel(METRICS.predictions.name)), ["model", "class"]),
        legend: "{{model}} {{class}}",
      },
    ],
  };
}

/**
 * Share of rows with a warning. For p-values, the share of the rows that have one; for unchecked rows, the share of all rows that the
 * trust check got, predicted or not.
 */
export function flaggedShare(
  reason: "p_value" | "range" | "missing" | "unchecked",
  window: (selector: string) => string,
): string {
  const flagged = sum(window(ofModel(METRICS.outOfDistribution.name, `reason="${reason}"`)));
  const checked = sum(window(ofModel(`${METRICS.pValue.name}_count`)));
  if (reason === "unchecked") return `${flagged} / (${checked} + ${flagged} > 0)`;
  const rows = reason === "p_value" ? checked : sum(window(ofModel(METRICS.predictions.name)));
  return `${flagged} / (${rows} > 0)`;
}

export function modelVersions(title: string): TablePanel {
  const aggregate = "max by (model, version, task)";
  const info = ofModel(METRICS.modelInfo.name);
  const on = "on (job, instance, model, version)";
  return {
    kind: "table",
    title,
    description: "Model versions that are ready, since when, and which one serves /predict.",
    unit: "short",
    labels: { model: "Model", version: "Version", task: "Task" },
    queries: [
      {
        expr: `${aggregate} (${info} * ${on} group_left () ${ofModel(METRICS.modelLoaded.name)}) * 1000`,
        legend: "Ready since",
      },
      {
        expr: `${aggregate} (${info} * ${on} group_left () ${ofModel(METRICS.modelDefault.name)} or ${info} * 0)`,
        legend: "Serves /predict",
      },
    ],
    units: { "Ready since": "dateTimeAsIso", "Serves /predict": "bool_yes_no" },
  };
}
