import { METRICS } from "../../src/metrics/names.ts";
import type { DashboardDefinition } from "./dashboard-definition.ts";
import {
  BATCH_ROWS,
  above,
  below,
  errorShare,
  rejections,
  requestsByStatus,
  requestsInRange,
  requestsSinceStart,
} from "./panel-parts.ts";
import {
  RANGE,
  RATE_INTERVAL,
  roundCount,
  increase,
  isNumber,
  mean,
  occurring,
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
    "Which routes get how many requests, of which size, and which requests are rejected? Monitoring and pages are excluded by default.",
  rows: [
    {
      title: "Totals",
      panels: [
        requestsSinceStart("Requests since start"),
        requestsInRange("Requests (selected range)"),
        {
          kind: "stat",
          title: "Predictions since start",
          description: "Rows predicted since the server started. A restart resets it to 0.",
          unit: "short",
          queries: [
            {
              expr: sum(ofModel(METRICS.predictions.name)),
              legend: "rows",
              total: "The panel shows the total",
            },
          ],
        },
        {
          kind: "stat",
          title: "Client errors (selected range)",
          description: "Requests with status 4xx in the selected time range.",
          unit: "short",
          queries: [
            {
              expr: `${roundCount(sum(increase(ofClients(REQUESTS, 'status=~"4.."'))))} or vector(0)`,
              legend: "client errors",
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
            "Requests in progress. Yellow from 50, red from 100. The server rejects predictions from --max-in-flight on.",
          unit: "short",
          min: 0,
          max: 150,
          limits: above(50, 100),
          queries: [{ expr: sum(ofApi(METRICS.apiRequestsInFlight.name)), legend: "in flight" }],
        },
        {
          kind: "gauge",
          title: "Success rate",
          description:
            "Share of requests with status 2xx in the selected time range. Yellow below 95 %, red below 80 %: see the rejected requests below.",
          unit: "percentunit",
          min: 0,
          max: 1,
          decimals: 1,
          limits: below(0.95, 0.8),
          queries: [
            {
              expr: `(${sum(increase(ofClients(REQUESTS, 'status=~"2.."')))} or vector(0)) / (${sum(increase(ofClients(REQUESTS)))} > 0)`,
              legend: "success",
            },
          ],
        },
        {
          kind: "gauge",
          title: "Error rate",
          description:
            "Share of requests with status 5xx in the selected time range. Yellow from 0.1 %, red from 1 %.",
          unit: "percentunit",
          min: 0,
          max: 0.05,
          decimals: 2,
          limits: above(0.001, 0.01),
          queries: [{ expr: errorShare((selector) => increase(selector)), legend: "errors" }],
        },
        {
          kind: "gauge",
          title: "Unique clients",
          description:
            "Distinct client IP addresses in the last 5 minutes, including Prometheus and health checks.",
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
            "Requests per second over three windows. If the short window is above the long one, traffic is increasing.",
          unit: "reqps",
          queries: ["1m", "5m", "15m"].map((window) => ({
            expr: sum(rate(ofClients(REQUESTS), window)),
            legend: `over ${window}`,
            fixedWindow: "The panel compares windows",
          })),
        },
        requestsByStatus("Requests by status"),
        {
          kind: "graph",
          title: "Requests by route",
          description:
            "Requests per second by route, including scrapes and health checks. `unmatched` stands for unknown paths.",
          unit: "reqps",
          stacked: true,
          height: 10,
          queries: [{ expr: occurring(ofApi(REQUESTS), ["route"]), legend: "{{route}}" }],
        },
        {
          kind: "graph",
          title: "Rejected requests by reason",
          description:
            "Rejected requests per second. input: invalid body or values; key: missing or wrong API key; overload: overload protection; connection: failed before a complete request arrived. Only reasons that occur are drawn.",
          unit: "reqps",
          stacked: true,
          height: 10,
          empty: "No request was rejected",
          queries: rejections((selector) => occurring(selector, ["reason"])),
        },
      ],
    },
    {
      title: "Selected time range",
      panels: [
        {
          kind: "table",
          title: "Requests by route and status",
          description:
            "Requests of the selected time range by method, route and status, including scrapes and health checks.",
          unit: "short",
          height: 10,
          labels: { method: "Method", route: "Route", status: "Status" },
          widths: { Method: 80, Status: 80, Requests: 90 },
          sortBy: [["Requests", "descending"]],
          queries: [
            {
              expr: `${roundCount(sum(increase(ofApi(REQUESTS)), ["method", "route", "status"]))} > 0`,
              legend: "Requests",
            },
          ],
        },
        {
          kind: "bars",
          title: "Rejected since start by reason",
          description: "Rejected requests since the server started, by component and reason.",
          unit: "short",
          height: 10,
          empty: "No request was rejected",
          queries: rejections((selector) => `sort_desc(${sum(selector, ["reason"])} > 0)`).map(
            (query) => ({
              ...query,
              total: "increase() would miss the first rejection of each reason",
            }),
          ),
        },
      ],
    },
    {
      title: "Sizes",
      panels: [
        {
          kind: "graph",
          title: "Request size",
          description: "Size of request bodies: median and 95th percentile.",
          unit: "bytes",
          queries: [0.5, 0.95].map((q) => ({
            expr: quantile(q, REQUEST_SIZE),
            legend: `p${q * 100}`,
          })),
        },
        {
          kind: "graph",
          title: "Response size",
          description: "Size of response bodies: median and 95th percentile.",
          unit: "bytes",
          queries: [0.5, 0.95].map((q) => ({
            expr: quantile(q, RESPONSE_SIZE),
            legend: `p${q * 100}`,
          })),
        },
        {
          kind: "graph",
          title: "Rows per request",
          description: "Rows per prediction request: mean, median and 99th percentile.",
          unit: "short",
          queries: [
            { expr: mean(BATCH_ROWS), legend: "mean" },
            { expr: quantile(0.5, BATCH_ROWS), legend: "p50" },
            { expr: quantile(0.99, BATCH_ROWS), legend: "p99" },
          ],
        },
        {
          kind: "graph",
          title: "Rows and prediction requests",
          description: "Rows, and prediction requests on the right axis (dashed), per second.",
          unit: "rowsps",
          rightAxis: { series: "^requests$", unit: "reqps" },
          queries: [
            {
              expr: sum(rate(BATCH_ROWS.select(`${BATCH_ROWS.declaration.name}_sum`))),
              legend: "rows",
            },
            {
              expr: sum(rate(BATCH_ROWS.select(`${BATCH_ROWS.declaration.name}_count`))),
              legend: "requests",
            },
          ],
        },
        {
          kind: "table",
          title: "Sizes by route",
          description: "Body sizes on each route over the selected time range.",
          unit: "bytes",
          width: 24,
          labels: { route: "Route" },
          widths: { Route: 420 },
          queries: [
            { expr: mean(RESPONSE_SIZE, RANGE, ["route"]), legend: "Mean response" },
            {
              expr: isNumber(quantile(0.95, RESPONSE_SIZE, RANGE, ["route"])),
              legend: "p95 response",
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
          description:
            "Distinct client IP addresses in the 5 minutes before each point, including Prometheus and health checks.",
          unit: "short",
          decimals: 0,
          queries: [
            {
              expr: sum(ofApi(METRICS.apiUniqueClients.name), ["instance"]),
              legend: "{{instance}}",
            },
          ],
        },
        {
          kind: "graph",
          title: "Body traffic",
          description: "Bytes of request and response bodies per second.",
          unit: "Bps",
          queries: [
            {
              expr: sum(rate(ofClients(`${REQUEST_SIZE.declaration.name}_sum`), RATE_INTERVAL)),
              legend: "received",
            },
            {
              expr: sum(rate(ofClients(`${RESPONSE_SIZE.declaration.name}_sum`), RATE_INTERVAL)),
              legend: "sent",
            },
          ],
        },
      ],
    },
  ],
};
