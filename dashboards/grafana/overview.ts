import { METRICS } from "../../src/metrics/names.ts";
import { OBJECTIVES } from "../objectives.ts";
import type { DashboardDefinition } from "./dashboard-definition.ts";
import { SCRAPE } from "./external-metrics.ts";
import {
  FOR_NOW,
  MISSED,
  NOW,
  UNSEEN,
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
  serversUp,
} from "./panel-parts.ts";
import {
  LATENCY,
  RANGE,
  RATE_INTERVAL,
  SINGLE_PREDICTIONS,
  isNumber,
  mean,
  ofAlerts,
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
    "Is the server healthy, and do requests succeed in time? Monitoring and pages are excluded from requests and latencies.",
  rows: [
    {
      title: "Alerts",
      panels: [
        {
          kind: "table",
          title: "Firing alerts",
          description:
            "Alerts of the selected jobs and instances, and alerts that concern none, with the time since which their condition holds. The watchdog, which always fires, is left out.",
          unit: "short",
          width: 24,
          height: 4,
          empty: "No alert is firing",
          labels: {
            severity: "Severity",
            alertname: "Alert",
            instance: "Instance",
            model: "Model",
            version: "Version",
            feature: "Feature",
            window: "Window",
          },
          queries: [
            {
              expr: `max by (severity, alertname, instance, model, version, feature, window) (${ofAlerts(SCRAPE.alertsSince)} and ignoring (alertstate) ${ofAlerts(SCRAPE.alerts, 'alertstate="firing"')}) * 1000`,
              legend: "Since",
              mayBeEmpty: "Empty if no alert is firing.",
            },
          ],
          units: { Since: "dateTimeAsIso" },
          valueColors: { Severity: { critical: "red", warning: "orange", info: "blue" } },
          widths: { Severity: 90, Alert: 220, Since: 170 },
        },
      ],
    },
    {
      title: "Requests (last minute)",
      panels: [
        requestsSinceStart("Total requests"),
        {
          kind: "stat",
          title: "Request rate",
          description: "Requests per second over the last minute.",
          unit: "reqps",
          queries: [
            { expr: sum(rate(ofClients(REQUESTS), NOW)), legend: "requests", fixedWindow: FOR_NOW },
          ],
        },
        {
          kind: "stat",
          title: "Error rate",
          description:
            "Share of requests with status 5xx over the last minute. Yellow above 0, red from 1 %. Empty without requests.",
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
          description: "Requests in progress, without scrapes.",
          unit: "short",
          queries: [{ expr: sum(ofApi(METRICS.apiRequestsInFlight.name)), legend: "in flight" }],
        },
        ...([0.5, 0.95, 0.99] as const).map((q) => ({
          kind: "stat" as const,
          title: q === 0.5 ? "Median latency (p50)" : `p${q * 100} latency`,
          description: `${q === 0.5 ? "Median" : `${q * 100}th percentile of the`} request latency over the last minute, all routes.`,
          unit: "s",
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
          description: "Mean request latency over the last minute, all routes.",
          unit: "s",
          queries: [{ expr: mean(LATENCY, NOW), legend: "mean", fixedWindow: FOR_NOW }],
        },
      ],
    },
    {
      title: "Service level objectives (selected time range)",
      panels: [
        {
          kind: "stat",
          title: "Availability",
          description: `Share of requests without status 5xx, multiplied by the share of time in which servers were up: requests to a server that is down count as failed. ${UNSEEN} Yellow below the objective of ${OBJECTIVES.availability * 100} %, red below ${MISSED.availability * 100} %.`,
          unit: "percentunit",
          decimals: 3,
          limits: below(OBJECTIVES.availability, MISSED.availability),
          queries: [{ expr: availability(), legend: "availability" }],
        },
        {
          kind: "stat",
          title: "Error budget remaining",
          description: `Share of the failures that the objective of ${OBJECTIVES.availability * 100} % allows in the selected time range and that have not happened. Down time counts as failures. Yellow below 50 %, red below 0 %.`,
          unit: "percentunit",
          decimals: 1,
          limits: below(0.5, 0),
          queries: [{ expr: budgetLeft(), legend: "budget remaining" }],
        },
        {
          kind: "stat",
          title: "Within latency objective",
          description: `Share of one-row predictions completed within ${OBJECTIVES.latencySeconds * 1_000} ms; the latency of a batch depends on its rows. Yellow below the objective of ${OBJECTIVES.latencyShare * 100} %, red below ${MISSED.latencyShare * 100} %.`,
          unit: "percentunit",
          decimals: 2,
          limits: below(OBJECTIVES.latencyShare, MISSED.latencyShare),
          queries: [
            {
              expr: shareWithin(SINGLE_PREDICTIONS, OBJECTIVES.latencySeconds, RANGE),
              legend: "within objective",
              mayBeEmpty: "Empty without one-row predictions.",
            },
          ],
        },
        {
          kind: "stat",
          title: "Servers up",
          description:
            "Share of the scrapes that reached a server, averaged over the servers. Down time lowers it until it leaves the selected time range; the alert ServerDown shows a server that is down now. The built-in monitor of a server does not scrape while that server is down. Limits are those of the availability.",
          unit: "percentunit",
          decimals: 2,
          limits: below(OBJECTIVES.availability, MISSED.availability),
          queries: [{ expr: serversUp(), legend: "up" }],
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
          title: "Error rate over time",
          description:
            "Share of requests with status 5xx. Dashed line: the share that the objective allows. A gap means no requests.",
          unit: "percentunit",
          min: 0,
          limits: [
            { from: Number.NEGATIVE_INFINITY, color: "green" },
            { from: Number((1 - OBJECTIVES.availability).toPrecision(6)), color: "red" },
          ],
          // Neither red nor green: a line at 0 is good, and one above the limit is not, on the same panel.
          colors: [["errors", "blue"]],
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
          title: "Out-of-distribution rows",
          description:
            "Share of rows whose p-value is at or below --ood-alpha. For rows like the training data this is --ood-alpha itself (default 1 %). A gap means no rows.",
          unit: "percentunit",
          min: 0,
          softMax: 0.05,
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
