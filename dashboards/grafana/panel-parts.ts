/** Panels that several dashboards show, and what their limits mean. */
import { METRICS, PROCESS_METRICS } from "../../src/metrics/names.ts";
import { OBJECTIVES } from "../objectives.ts";
import type {
  GraphPanel,
  Limit,
  PanelDefinition,
  QueryDefinition,
  StatPanel,
  TablePanel,
} from "./definition.ts";
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

/** The window of single numbers for now: as in the tutorial that many begin with. */
export const NOW = "1m";
export const FOR_NOW = "A single number for now, that does not change with the size of the panel";

/** More is worse. */
export function above(warning: number, bad: number): readonly Limit[] {
  return [
    { from: Number.NEGATIVE_INFINITY, color: "green" },
    { from: warning, color: "yellow" },
    { from: bad, color: "red" },
  ];
}

/** Less is worse. */
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

/** Share of requests that failed by our doing. */
export function errorShare(growth: (selector: string) => string): string {
  return share(sum(growth(ofClients(REQUESTS, FAILURES))), sum(growth(ofClients(REQUESTS))));
}

/** Share of requests that did not. */
export function availability(): string {
  return `1 - ${errorShare((selector) => increase(selector))}`;
}

/** Share of the allowed failures that are left; below 0 the objective is missed. */
export function budgetLeft(): string {
  const allowed = Number((1 - OBJECTIVES.availability).toPrecision(6));
  return `1 - (${errorShare((selector) => increase(selector))}) / ${allowed}`;
}

/** Processes' event loops: 1 is a full core of JavaScript for each. */
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
      "How long do most requests take, and how long the slowest? Estimated within the histogram's buckets. The dashed lines: half of the objective, and the objective.",
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
      "Where do latencies lie, and do they fall into groups? Each column is a moment, each row a bucket of the histogram; darker is more requests per second.",
    unit: "s",
    queries: [{ expr: buckets(LATENCY), legend: "{{le}}" }],
  };
}

export function meanAgainstMedian(title: string): GraphPanel {
  return {
    kind: "graph",
    title,
    description: `Does a slow tail pull the mean away from what the middle request meets? An alert is raised when the mean is above ${OBJECTIVES.meanLatencySeconds} s.`,
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
    description:
      "How many requests have ended since the server started? Begins at 0 when it starts again.",
    unit: "short",
    queries: [
      {
        expr: sum(ofClients(REQUESTS)),
        legend: "requests",
        total: "The total itself is the question",
      },
    ],
  };
}

export function requestsInRange(title: string): StatPanel {
  return {
    kind: "stat",
    title,
    description:
      "How many requests ended in the selected range? Estimated to its ends between scrapes.",
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
      "How many requests come, and how do they end? 4xx: the client's doing; 5xx: ours; 499: the client went away first.",
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
      "How many requests have begun and not ended? It climbs when they come faster than they are answered. The scrape that asks is one of them.",
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
    description: `How much of their time do the event loops work? At 100 % a process can do no more. The dashed line: ${OBJECTIVES.eventLoopBusy * 100} %, from where requests begin to wait.`,
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
      "How many cores does the server use, all of its processes together? JavaScript of one process fills one.",
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
      "How much memory does the server hold, all of its processes together? One that only grows leaks.",
    unit: "bytes",
    queries: [
      {
        expr: sum(ofApi(PROCESS_METRICS.residentMemory), ["instance"]),
        legend: "{{instance}}",
      },
    ],
  };
}

/** Why requests were refused, whoever refused them. */
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
      "What does the model answer, in rows per second? A regression has no classes and one line.",
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

/** Rows flagged, of those that could be: only rows without missing values have a p-value. */
export function flaggedShare(
  reason: "p_value" | "range" | "missing",
  window: (selector: string) => string,
): string {
  const flagged = sum(window(ofModel(METRICS.outOfDistribution.name, `reason="${reason}"`)));
  const rows =
    reason === "p_value"
      ? ofModel(`${METRICS.pValue.name}_count`)
      : ofModel(METRICS.predictions.name);
  return `${flagged} / (${sum(window(rows))} > 0)`;
}

export function modelVersions(title: string): TablePanel {
  const with3 = "max by (model, version, task)";
  const info = ofModel(METRICS.modelInfo.name);
  const on = "on (job, instance, model, version)";
  return {
    kind: "table",
    title,
    description: "Which versions are ready, since when, and which one answers /predict?",
    unit: "short",
    labels: { model: "Model", version: "Version", task: "Task" },
    queries: [
      {
        expr: `${with3} (${info} * ${on} group_left () ${ofModel(METRICS.modelLoaded.name)}) * 1000`,
        legend: "Ready since",
      },
      {
        expr: `${with3} (${info} * ${on} group_left () ${ofModel(METRICS.modelDefault.name)} or ${info} * 0)`,
        legend: "Answers /predict",
      },
    ],
    units: { "Ready since": "dateTimeAsIso", "Answers /predict": "bool_yes_no" },
  };
}
