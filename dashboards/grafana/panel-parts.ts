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
import { SCRAPE } from "./external-metrics.ts";
import {
  LATENCY,
  RANGE,
  buckets,
  roundCount,
  increase,
  mean,
  ofApi,
  ofClients,
  ofModel,
  quantile,
  occurring,
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

/**
 * Lower limits of objectives and warnings below limits, at which panels change color. They follow the settings, so that limits ascend for
 * every setting. An objective is missed by far at ten times the failures, or five times the slow predictions, that it allows.
 */
export const MISSED = {
  availability: round(Math.max(0, 1 - 10 * (1 - OBJECTIVES.availability))),
  latencyShare: round(Math.max(0, 1 - 5 * (1 - OBJECTIVES.latencyShare))),
} as const;
export const WARNINGS = {
  psi: round(OBJECTIVES.psi * 0.4),
  eventLoopBusy: round(OBJECTIVES.eventLoopBusy * 0.8),
} as const;

/** Rounds away the digits that binary fractions add. */
function round(value: number): number {
  return Number(value.toPrecision(6));
}

const REQUESTS = METRICS.apiRequests.name;
const FAILURES = 'status=~"5.."';

/** Share of requests with status 5xx. */
export function errorShare(growth: (selector: string) => string): string {
  return share(sum(growth(ofClients(REQUESTS, FAILURES))), sum(growth(ofClients(REQUESTS))));
}

/** Share of the scrapes in the selected time range that reached a server, averaged over the servers: down times lower it. */
export function serversUp(): string {
  return `avg(avg_over_time(${ofApi(SCRAPE.up)}[${RANGE}]))`;
}

/**
 * Share of requests that succeed, over the selected time range. Requests to a server that is down reach no counter, so a down time counts
 * as if all its requests failed: the servers' own error rate stays 0 while clients get refused connections.
 */
export function availability(): string {
  return `${serversUp()} * (1 - (${errorShare((selector) => increase(selector))} or vector(0)))`;
}

/** Remaining share of the error budget; negative if the objective is missed. */
export function budgetLeft(): string {
  const allowed = round(1 - OBJECTIVES.availability);
  return `1 - (1 - ${availability()}) / ${allowed}`;
}

/** Failures that the servers and their scrapes cannot show. */
export const UNSEEN =
  "Not included: requests that fail before a server, for example in a proxy or the network, and restarts between two scrapes.";

/** Mean event loop utilization of the serving processes, from 0 to 1. */
export function eventLoopBusy(by: readonly string[], window?: string): string {
  const busy = sum(rate(ofApi(METRICS.eventLoopActive.name), window), by);
  return `${busy} / ${sum(ofApi(METRICS.workers.name), by)}`;
}

/** Classes of status codes, from the bottom of a stack to its top: errors stand on the axis, where their height can be read. */
const STATUS_CLASSES = [
  ["5", "red"],
  ["4", "yellow"],
  ["3", "blue"],
  ["2", "green"],
] as const;

export function latencyPercentiles(title: string): GraphPanel {
  return {
    kind: "graph",
    title,
    description:
      "Request latency percentiles of all routes, interpolated within histogram buckets.",
    unit: "s",
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
    description: `Mean and median request latency. A mean far above the median is caused by a slow tail. The alert HighLatency fires when the mean of a prediction route is above ${OBJECTIVES.meanLatencySeconds} s.`,
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
    queries: [{ expr: roundCount(sum(increase(ofClients(REQUESTS)))), legend: "requests" }],
  };
}

export function requestsByStatus(title: string): GraphPanel {
  return {
    kind: "graph",
    title,
    description:
      "Requests per second by response status. Red: server errors (5xx); yellow: client errors (4xx; 499: the client closed the connection); green: success. Statuses without a request in the selected time range are left out.",
    unit: "reqps",
    stacked: true,
    colors: STATUS_CLASSES.map(([digit, color]) => [`^${digit}`, color] as const),
    queries: STATUS_CLASSES.map(([digit]) => ({
      expr: occurring(ofClients(REQUESTS, `status=~"${digit}.."`), ["status"]),
      legend: "{{status}}",
      ...(digit !== "2" && { mayBeEmpty: "A class of statuses may have no requests." }),
    })),
  };
}

export function inFlight(title: string): GraphPanel {
  return {
    kind: "graph",
    title,
    description:
      "Requests in progress, without scrapes. It rises when requests arrive faster than they complete.",
    unit: "short",
    decimals: 0,
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
    softMax: 0.1,
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
export function rejections(combine: (selector: string) => string): readonly QueryDefinition[] {
  const reasons = [
    ["input", METRICS.inputErrors.name],
    ["key", METRICS.apiAuthFailures.name],
    ["overload", METRICS.apiOverload.name],
    ["connection", METRICS.apiConnectionErrors.name],
  ] as const;
  return reasons.map(([what, name]) => ({
    expr: combine(ofApi(name)),
    legend: `${what}: {{reason}}`,
    mayBeEmpty: "Reasons without a rejection are left out.",
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
    legend: "list",
    queries: [
      {
        expr: occurring(ofModel(METRICS.predictions.name), ["model", "class"]),
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
    sortBy: [
      ["Model", "ascending"],
      ["Version", "ascending"],
    ],
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
