import { LOAD_METRICS, METRICS } from "../../src/metrics/names.ts";
import type { DashboardDefinition } from "./dashboard-definition.ts";
import { NEEDS_LOAD } from "./external-metrics.ts";
import {
  above,
  errorShare,
  eventLoop,
  inFlight,
  latencyHeatmap,
  latencyPercentiles,
  processCpu,
  requestsByStatus,
  requestsInRange,
  residentMemory,
} from "./panel-parts.ts";
import {
  LATENCY,
  RANGE,
  STEP,
  increase,
  isNumber,
  occurring,
  ofApi,
  ofClients,
  quantile,
  rate,
  sum,
} from "./queries.ts";

const REQUESTS = METRICS.apiRequests.name;
const requestRate = sum(rate(ofClients(REQUESTS)));

/** Selects a series of the load generator, which measures what its users experience, including network and queueing. */
function ofLoad(name: string): string {
  return `${name}{job="loadtest"}`;
}

const loadPercentile = (q: number): string =>
  `histogram_quantile(${q}, ${sum(rate(ofLoad(`${LOAD_METRICS.duration.name}_bucket`)), ["le"])})`;

export const LOAD_TESTING: DashboardDefinition = {
  uid: "tepal-load",
  title: "Load Testing",
  description:
    "How much load can the server take, and what saturates first? Server metrics are always shown, load generator metrics while it runs.",
  rows: [
    {
      title: "Server metrics (selected time range)",
      panels: [
        requestsInRange("Requests"),
        {
          kind: "stat",
          title: "Peak request rate",
          description: "Highest request rate within the selected time range.",
          unit: "reqps",
          queries: [
            {
              expr: `max_over_time((${requestRate})[${RANGE}:${STEP}])`,
              legend: "requests",
            },
          ],
        },
        {
          kind: "stat",
          title: "p95 latency",
          description:
            "95th percentile of the request latency over the selected time range, all routes.",
          unit: "s",
          queries: [{ expr: isNumber(quantile(0.95, LATENCY, RANGE)), legend: "p95" }],
        },
        {
          kind: "stat",
          title: "Error rate",
          description:
            "Share of requests with status 5xx over the selected time range, including rejections for overload (503). Yellow from 0.1 %, red from 1 %.",
          unit: "percentunit",
          decimals: 2,
          limits: above(0.001, 0.01),
          queries: [{ expr: errorShare((selector) => increase(selector)), legend: "errors" }],
        },
      ],
    },
    {
      title: "Requests under load",
      panels: [
        requestsByStatus("Requests by status"),
        latencyPercentiles("Latency percentiles"),
        {
          kind: "graph",
          title: "Request rate and latency",
          description:
            "Request rate, and p95 latency on the right axis (dashed). Where latency rises but the rate does not, the server is saturated.",
          unit: "reqps",
          rightAxis: { series: "latency", unit: "s" },
          queries: [
            { expr: requestRate, legend: "requests" },
            { expr: quantile(0.95, LATENCY), legend: "p95 latency" },
          ],
        },
        latencyHeatmap("Latency heatmap"),
      ],
    },
    {
      title: "Load generator",
      panels: [
        {
          kind: "graph",
          title: "Users and request rate",
          description:
            "Request rate measured by the server and by the load generator, and simulated users on the right axis (dashed).",
          unit: "reqps",
          rightAxis: { series: "^users$", unit: "short" },
          queries: [
            { expr: requestRate, legend: "requests (server)" },
            {
              expr: sum(rate(ofLoad(LOAD_METRICS.requests.name))),
              legend: "requests (load generator)",
              mayBeEmpty: NEEDS_LOAD,
            },
            { expr: sum(ofLoad(LOAD_METRICS.users.name)), legend: "users", mayBeEmpty: NEEDS_LOAD },
          ],
        },
        {
          kind: "graph",
          title: "p95 latency: client and server",
          description:
            "95th percentile of the latency measured by the load generator and by the server. The difference is network time and waiting for a connection.",
          unit: "s",
          queries: [
            { expr: quantile(0.95, LATENCY), legend: "p95 (server)" },
            { expr: loadPercentile(0.95), legend: "p95 (load generator)", mayBeEmpty: NEEDS_LOAD },
          ],
        },
        {
          kind: "graph",
          title: "Load requests by endpoint",
          description: "Requests of the load generator per second, by endpoint.",
          unit: "reqps",
          stacked: true,
          queries: [
            {
              expr: occurring(ofLoad(LOAD_METRICS.requests.name), ["endpoint"]),
              legend: "{{endpoint}}",
              mayBeEmpty: NEEDS_LOAD,
            },
          ],
        },
        {
          kind: "graph",
          title: "Load failures by reason",
          description:
            "Failed requests of the load generator per second, by reason. Includes failures that the server never sees, for example refused connections.",
          unit: "reqps",
          stacked: true,
          empty: "No request of the load generator failed",
          queries: [
            {
              expr: occurring(ofLoad(LOAD_METRICS.failures.name), ["reason"]),
              legend: "{{reason}}",
              mayBeEmpty: "Empty without failures, and without a running load generator.",
            },
          ],
        },
        {
          kind: "graph",
          title: "Load generator utilization",
          description:
            "Event loop utilization of the busiest load generator process. Near 100 % it measures its own delays rather than the server's: add processes with --workers.",
          unit: "percentunit",
          softMax: 1,
          queries: [
            {
              expr: `max(${ofLoad(LOAD_METRICS.utilisation.name)})`,
              legend: "busiest process",
              mayBeEmpty: NEEDS_LOAD,
            },
          ],
        },
        {
          kind: "graph",
          title: "Dropped and abandoned requests",
          description:
            "Dropped: due in an open model, but no user was free. Abandoned: still without a response when the run ended. Percentiles include neither.",
          unit: "reqps",
          queries: [
            {
              expr: sum(rate(ofLoad(LOAD_METRICS.dropped.name))),
              legend: "dropped",
              mayBeEmpty: NEEDS_LOAD,
            },
            {
              expr: sum(rate(ofLoad(LOAD_METRICS.abandoned.name))),
              legend: "abandoned",
              mayBeEmpty: NEEDS_LOAD,
            },
          ],
        },
      ],
    },
    {
      title: "Saturation",
      panels: [
        eventLoop("Event loop"),
        inFlight("In flight"),
        {
          kind: "graph",
          title: "Rejected for overload",
          description:
            "Predictions rejected by overload protection per second, by limit: in_flight is --max-in-flight, event_loop is --max-event-loop-lag, body_memory is --body-memory.",
          unit: "reqps",
          width: 8,
          empty: "No prediction was rejected",
          queries: [
            {
              expr: occurring(ofApi(METRICS.apiOverload.name), ["reason"]),
              legend: "{{reason}}",
              mayBeEmpty: "Empty if none was rejected.",
            },
          ],
        },
        { ...processCpu("CPU"), width: 8 },
        { ...residentMemory("Memory"), width: 8 },
        {
          kind: "graph",
          title: "Connection errors",
          description:
            "Connections that failed before a complete request arrived, per second and by reason. Under load, timeouts and resets appear first.",
          unit: "ops",
          width: 24,
          height: 7,
          empty: "No connection failed",
          queries: [
            {
              expr: occurring(ofApi(METRICS.apiConnectionErrors.name), ["reason"]),
              legend: "{{reason}}",
              mayBeEmpty: "Empty if no connection failed.",
            },
          ],
        },
      ],
    },
  ],
};
