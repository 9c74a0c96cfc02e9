import { METRICS } from "../../src/metrics/names.ts";
import { OBJECTIVES } from "../objectives.ts";
import type { DashboardDefinition } from "./definition.ts";
import { SCRAPE } from "./exporters.ts";
import {
  FOR_NOW,
  LATENCY_LIMITS,
  LATENCY_MEANING,
  NOW,
  above,
  availability,
  below,
  budgetLeft,
  errorShare,
  eventLoop,
  flaggedShare,
  inFlight,
  latencyPercentiles,
  modelVersions,
  predictionsByClass,
  processCpu,
  requestsByStatus,
  requestsSinceStart,
  residentMemory,
} from "./panel-parts.ts";
import {
  LATENCY,
  RATE_INTERVAL,
  isNumber,
  mean,
  ofApi,
  ofClients,
  quantile,
  rate,
  shareWithin,
  sum,
} from "./queries.ts";

const REQUESTS = METRICS.apiRequests.name;

export const OVERVIEW: DashboardDefinition = {
  uid: "tepal-overview",
  title: "Overview",
  description:
    "Is the server well, and do clients get what they ask for? Scrapes and health checks are left out of requests and latencies.",
  rows: [
    {
      title: "Requests now",
      panels: [
        requestsSinceStart("Total requests"),
        {
          kind: "stat",
          title: "Request rate",
          description: "How many requests per second came in the last minute?",
          unit: "reqps",
          queries: [
            { expr: sum(rate(ofClients(REQUESTS), NOW)), legend: "requests", fixedWindow: FOR_NOW },
          ],
        },
        {
          kind: "stat",
          title: "Error share",
          description: `Which share of the requests of the last minute failed by our doing (5xx)? Yellow above 0, red from 1 %. Nothing without requests.`,
          unit: "percentunit",
          decimals: 2,
          limits: above(0.000_001, 0.01),
          queries: [
            {
              expr: errorShare((selector) => rate(selector, NOW)),
              legend: "errors",
              fixedWindow: FOR_NOW,
            },
          ],
        },
        {
          kind: "stat",
          title: "In flight",
          description:
            "How many requests have begun and not ended, now? The scrape that asks is one of them.",
          unit: "short",
          queries: [{ expr: sum(ofApi(METRICS.apiRequestsInFlight.name)), legend: "in flight" }],
        },
        ...([0.5, 0.95, 0.99] as const).map((q) => ({
          kind: "stat" as const,
          title: q === 0.5 ? "Median latency (p50)" : `p${q * 100} latency`,
          description: `Within which time were ${q * 100} % of the requests of the last minute answered? ${LATENCY_MEANING}`,
          unit: "s",
          limits: LATENCY_LIMITS,
          queries: [
            {
              expr: isNumber(quantile(q, LATENCY, NOW)),
              legend: `p${q * 100}`,
              fixedWindow: FOR_NOW,
            },
          ],
        })),
        {
          kind: "stat",
          title: "Mean latency",
          description: `How long did a request of the last minute take on average? Yellow from the objective of ${OBJECTIVES.latencySeconds * 1_000} ms, red from ${OBJECTIVES.meanLatencySeconds * 1_000} ms, at which an alert is raised.`,
          unit: "s",
          limits: above(OBJECTIVES.latencySeconds, OBJECTIVES.meanLatencySeconds),
          queries: [{ expr: mean(LATENCY, NOW), legend: "mean", fixedWindow: FOR_NOW }],
        },
      ],
    },
    {
      title: "Objectives, over the selected range",
      panels: [
        {
          kind: "stat",
          title: "Availability",
          description: `Which share of requests did not fail by our doing? The objective is ${OBJECTIVES.availability * 100} %: yellow below, red below 99 %.`,
          unit: "percentunit",
          decimals: 3,
          limits: below(OBJECTIVES.availability, 0.99),
          queries: [{ expr: availability(), legend: "availability" }],
        },
        {
          kind: "stat",
          title: "Error budget left",
          description: `If the objective of ${OBJECTIVES.availability * 100} % held for the selected range, which share of the failures that it allows is left? Yellow below a half, red when it is spent.`,
          unit: "percentunit",
          decimals: 1,
          limits: below(0.5, 0),
          queries: [{ expr: budgetLeft(), legend: "budget left" }],
        },
        {
          kind: "stat",
          title: "Answered in time",
          description: `Which share of requests was answered within ${OBJECTIVES.latencySeconds * 1_000} ms? The objective is ${OBJECTIVES.latencyShare * 100} %: yellow below, red below 95 %.`,
          unit: "percentunit",
          decimals: 2,
          limits: below(OBJECTIVES.latencyShare, 0.95),
          queries: [
            {
              expr: shareWithin(LATENCY, OBJECTIVES.latencySeconds, "$__range"),
              legend: "in time",
            },
          ],
        },
        {
          kind: "stat",
          title: "Servers up",
          description:
            "Which share of the servers that Prometheus knows answers it? Red below all.",
          unit: "percentunit",
          limits: [
            { from: Number.NEGATIVE_INFINITY, color: "red" },
            { from: 1, color: "green" },
          ],
          queries: [{ expr: `avg(${ofApi(SCRAPE.up)})`, legend: "up" }],
        },
      ],
    },
    {
      title: "Requests over time",
      panels: [
        requestsByStatus("Requests by status"),
        latencyPercentiles("Latency percentiles"),
        {
          kind: "graph",
          title: "Error share over time",
          description:
            "When did requests fail by our doing (5xx)? The dashed line: what the objective allows. A gap means no requests.",
          unit: "percentunit",
          min: 0,
          limits: [
            { from: Number.NEGATIVE_INFINITY, color: "green" },
            { from: Number((1 - OBJECTIVES.availability).toPrecision(6)), color: "red" },
          ],
          colors: [["errors", "red"]],
          queries: [{ expr: errorShare((selector) => rate(selector)), legend: "errors" }],
        },
        inFlight("In flight over time"),
      ],
    },
    {
      title: "Model",
      panels: [
        predictionsByClass("Predictions by class"),
        {
          kind: "graph",
          title: "Rows unlike the training data",
          description:
            "Which share of rows does the guard flag as out of distribution? Ordinary rows are flagged at the rate of --ood-alpha, 1 % unless told otherwise. A gap means no rows.",
          unit: "percentunit",
          min: 0,
          queries: [
            {
              expr: flaggedShare("p_value", (selector) => rate(selector, RATE_INTERVAL)),
              legend: "flagged",
            },
          ],
        },
        { ...modelVersions("Model versions"), width: 24, height: 6 },
      ],
    },
    {
      title: "Saturation",
      panels: [
        { ...eventLoop("Event loop"), width: 8 },
        { ...processCpu("CPU"), width: 8 },
        { ...residentMemory("Memory"), width: 8 },
      ],
    },
  ],
};
