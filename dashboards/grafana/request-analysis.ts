import { METRICS } from "../../src/metrics/names.ts";
import type { DashboardDefinition } from "./definition.ts";
import {
  BATCH_ROWS,
  STATUS_COLORS,
  above,
  below,
  errorShare,
  rejections,
  requestsInRange,
  requestsSinceStart,
} from "./panel-parts.ts";
import {
  RANGE,
  RATE_INTERVAL,
  increase,
  isNumber,
  mean,
  ofApi,
  ofClients,
  ofModel,
  quantile,
  rate,
  sum,
  type Histogram,
} from "./queries.ts";

const REQUESTS = METRICS.apiRequests.name;
const REQUEST_SIZE: Histogram = { declaration: METRICS.apiRequestSize, select: ofClients };
const RESPONSE_SIZE: Histogram = { declaration: METRICS.apiResponseSize, select: ofClients };

export const REQUEST_ANALYSIS: DashboardDefinition = {
  uid: "tepal-requests",
  title: "Request Analysis",
  description:
    "Who asks for what, how much, and what is refused? Scrapes and health checks are left out unless a panel says otherwise.",
  rows: [
    {
      title: "Totals",
      panels: [
        requestsSinceStart("Requests since the start"),
        requestsInRange("Requests in the range"),
        {
          kind: "stat",
          title: "Predictions since the start",
          description: "How many rows were predicted since the server started?",
          unit: "short",
          queries: [
            {
              expr: sum(ofModel(METRICS.predictions.name)),
              legend: "rows",
              total: "The total itself is the question",
            },
          ],
        },
        {
          kind: "stat",
          title: "Refused in the range",
          description:
            "How many requests of the selected range ended with 4xx, by the client's doing?",
          unit: "short",
          decimals: 0,
          queries: [
            {
              expr: `${sum(increase(ofClients(REQUESTS, 'status=~"4.."')))} or vector(0)`,
              legend: "refused",
            },
          ],
        },
      ],
    },
    {
      title: "Gauges",
      panels: [
        {
          kind: "gauge",
          title: "In flight",
          description:
            "How many requests have begun and not ended? Yellow from 50, red from 100; what is refused begins at --max-in-flight.",
          unit: "short",
          min: 0,
          max: 150,
          limits: above(50, 100),
          queries: [{ expr: sum(ofApi(METRICS.apiRequestsInFlight.name)), legend: "in flight" }],
        },
        {
          kind: "gauge",
          title: "Answered well",
          description:
            "Which share of the requests of the selected range ended with 2xx? Yellow below 95 %, red below 80 %: look below what is refused.",
          unit: "percentunit",
          min: 0,
          max: 1,
          decimals: 1,
          limits: below(0.95, 0.8),
          queries: [
            {
              expr: `(${sum(increase(ofClients(REQUESTS, 'status=~"2.."')))} or vector(0)) / (${sum(increase(ofClients(REQUESTS)))} > 0)`,
              legend: "answered",
            },
          ],
        },
        {
          kind: "gauge",
          title: "Failed by our doing",
          description:
            "Which share of the requests of the selected range ended with 5xx? Yellow from 0.1 %, red from 1 %.",
          unit: "percentunit",
          min: 0,
          max: 0.05,
          decimals: 2,
          limits: above(0.001, 0.01),
          queries: [{ expr: errorShare((selector) => increase(selector)), legend: "failed" }],
        },
        {
          kind: "gauge",
          title: "Unique clients",
          description:
            "How many different addresses asked in the last 5 minutes? Prometheus and health checks are among them.",
          unit: "short",
          min: 0,
          max: 1_000,
          limits: [{ from: Number.NEGATIVE_INFINITY, color: "blue" }],
          queries: [{ expr: sum(ofApi(METRICS.apiUniqueClients.name)), legend: "clients" }],
        },
      ],
    },
    {
      title: "Rates",
      panels: [
        {
          kind: "graph",
          title: "Request rate over 1, 5 and 15 minutes",
          description:
            "Is there a trend? Where the short window lies above the long one, requests become more.",
          unit: "reqps",
          queries: ["1m", "5m", "15m"].map((window) => ({
            expr: sum(rate(ofClients(REQUESTS), window)),
            legend: `over ${window}`,
            fixedWindow: "Windows of different lengths are compared",
          })),
        },
        {
          kind: "graph",
          title: "Requests by status",
          description: "How do requests end? 499: the client went away first.",
          unit: "reqps",
          stacked: true,
          colors: STATUS_COLORS,
          queries: [{ expr: sum(rate(ofClients(REQUESTS)), ["status"]), legend: "{{status}}" }],
        },
        {
          kind: "graph",
          title: "Requests by route",
          description:
            "What is asked for? Scrapes and health checks are shown here too; `unmatched` are addresses that do not exist.",
          unit: "reqps",
          stacked: true,
          queries: [{ expr: sum(rate(ofApi(REQUESTS)), ["route"]), legend: "{{route}}" }],
        },
        {
          kind: "graph",
          title: "Rejected requests by reason",
          description:
            "Why are requests refused? Input: the body or its values; key: the API key; overload: too much to do; connection: broken before it was a request. Only reasons that occur are drawn.",
          unit: "reqps",
          stacked: true,
          queries: rejections((selector) => rate(selector)).map((query) => ({
            ...query,
            expr: `${query.expr} > 0`,
            mayBeEmpty: "Nothing where nothing was refused.",
          })),
        },
      ],
    },
    {
      title: "In the selected range",
      panels: [
        {
          kind: "table",
          title: "Requests by route and status",
          description: "How many requests ended how, on which route?",
          unit: "short",
          decimals: 0,
          labels: { method: "Method", route: "Route", status: "Status" },
          queries: [
            {
              expr: `sort_desc(${sum(increase(ofApi(REQUESTS)), ["method", "route", "status"])} > 0)`,
              legend: "Requests",
            },
          ],
        },
        {
          kind: "bars",
          title: "Rejected by reason",
          description: "How many requests were refused since the server started, and why?",
          unit: "short",
          decimals: 0,
          queries: rejections((selector) => selector).map((query) => ({
            ...query,
            total: "Refusals are few: a growth between scrapes would miss the first of each reason",
          })),
        },
      ],
    },
    {
      title: "Sizes",
      panels: [
        {
          kind: "graph",
          title: "Size of requests",
          description: "How large are the bodies that clients send?",
          unit: "bytes",
          queries: [0.5, 0.95].map((q) => ({
            expr: quantile(q, REQUEST_SIZE),
            legend: `p${q * 100}`,
          })),
        },
        {
          kind: "graph",
          title: "Size of replies",
          description: "How large are the bodies that the server sends?",
          unit: "bytes",
          queries: [0.5, 0.95].map((q) => ({
            expr: quantile(q, RESPONSE_SIZE),
            legend: `p${q * 100}`,
          })),
        },
        {
          kind: "graph",
          title: "Rows per request",
          description: "Do clients ask for one row or for many at a time?",
          unit: "short",
          queries: [
            { expr: mean(BATCH_ROWS), legend: "mean" },
            { expr: quantile(0.5, BATCH_ROWS), legend: "p50" },
            { expr: quantile(0.99, BATCH_ROWS), legend: "p99" },
          ],
        },
        {
          kind: "graph",
          title: "Rows and requests",
          description: "How many rows are behind the requests for predictions? Both per second.",
          unit: "rowsps",
          queries: [
            {
              expr: sum(rate(BATCH_ROWS.select(`${BATCH_ROWS.declaration.name}_sum`))),
              legend: "rows",
            },
            {
              expr: sum(rate(BATCH_ROWS.select(`${BATCH_ROWS.declaration.name}_count`))),
              legend: "requests for predictions",
            },
          ],
        },
        {
          kind: "table",
          title: "Sizes by route",
          description: "How large were requests and replies of the selected range on each route?",
          unit: "bytes",
          labels: { route: "Route" },
          queries: [
            { expr: mean(RESPONSE_SIZE, RANGE, ["route"]), legend: "Mean reply" },
            {
              expr: isNumber(quantile(0.95, RESPONSE_SIZE, RANGE, ["route"])),
              legend: "p95 reply",
            },
            { expr: mean(REQUEST_SIZE, RANGE, ["route"]), legend: "Mean request" },
            {
              expr: isNumber(quantile(0.95, REQUEST_SIZE, RANGE, ["route"])),
              legend: "p95 request",
            },
          ],
        },
        {
          kind: "graph",
          title: "Unique clients over time",
          description: "From how many different addresses do requests of the last 5 minutes come?",
          unit: "short",
          queries: [
            {
              expr: sum(ofApi(METRICS.apiUniqueClients.name), ["instance"]),
              legend: "{{instance}}",
            },
          ],
        },
        {
          kind: "graph",
          title: "Bytes in and out",
          description: "How much traffic do bodies make?",
          unit: "Bps",
          width: 24,
          queries: [
            {
              expr: sum(rate(ofClients(`${REQUEST_SIZE.declaration.name}_sum`), RATE_INTERVAL)),
              legend: "in",
            },
            {
              expr: sum(rate(ofClients(`${RESPONSE_SIZE.declaration.name}_sum`), RATE_INTERVAL)),
              legend: "out",
            },
          ],
        },
      ],
    },
  ],
};
