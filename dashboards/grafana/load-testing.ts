import { LOAD_METRICS, METRICS } from "../../src/metrics/names.ts";
import type { DashboardDefinition } from "./definition.ts";
import { NEEDS_LOAD } from "./exporters.ts";
import {
  LATENCY_LIMITS,
  LATENCY_MEANING,
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
  RATE_INTERVAL,
  STEP,
  increase,
  isNumber,
  ofApi,
  ofClients,
  quantile,
  rate,
  sum,
} from "./queries.ts";

const REQUESTS = METRICS.apiRequests.name;
const requestRate = sum(rate(ofClients(REQUESTS)));

/** Series of the load generator: it sees what its users see, the network and its own queue included. */
function ofLoad(name: string): string {
  return `${name}{job="loadtest"}`;
}

const loadPercentile = (q: number): string =>
  `histogram_quantile(${q}, ${sum(rate(ofLoad(`${LOAD_METRICS.duration.name}_bucket`)), ["le"])})`;

export const LOAD_TESTING: DashboardDefinition = {
  uid: "tepal-load",
  title: "Load Testing",
  description:
    "How much does the server bear, and what gives way first? The server's side is always shown; the users' side while the load generator runs.",
  rows: [
    {
      title: "The selected range, as the server saw it",
      panels: [
        requestsInRange("Requests"),
        {
          kind: "stat",
          title: "Highest rate",
          description:
            "How many requests per second came at most, in any part of the selected range?",
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
          description: `Within which time were 95 % of the requests of the selected range answered? ${LATENCY_MEANING}`,
          unit: "s",
          limits: LATENCY_LIMITS,
          queries: [{ expr: isNumber(quantile(0.95, LATENCY, RANGE)), legend: "p95" }],
        },
        {
          kind: "stat",
          title: "Failed",
          description:
            "Which share of the requests of the selected range failed by our doing (5xx)? Refusals because of overload (503) are among them. Yellow from 0.1 %, red from 1 %.",
          unit: "percentunit",
          decimals: 2,
          limits: above(0.001, 0.01),
          queries: [{ expr: errorShare((selector) => increase(selector)), legend: "failed" }],
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
          title: "Rate against latency",
          description:
            "Does latency rise when the rate does, and from which rate on? Where latency climbs and the rate does not, the server is full. The dashed line has the axis on the right.",
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
      title: "Users beside the server",
      panels: [
        {
          kind: "graph",
          title: "Users and rate",
          description:
            "How many users does the load generator play, and how many requests does the server see of it? The dashed line has the axis on the right.",
          unit: "reqps",
          rightAxis: { series: "^users$", unit: "short" },
          queries: [
            { expr: requestRate, legend: "requests, seen by the server" },
            {
              expr: sum(rate(ofLoad(LOAD_METRICS.requests.name))),
              legend: "requests, sent by users",
              mayBeEmpty: NEEDS_LOAD,
            },
            { expr: sum(ofLoad(LOAD_METRICS.users.name)), legend: "users", mayBeEmpty: NEEDS_LOAD },
          ],
        },
        {
          kind: "graph",
          title: "p95, users' and server's",
          description:
            "How much longer do users wait than the server works? The difference is the network, and waiting for a connection.",
          unit: "s",
          queries: [
            { expr: quantile(0.95, LATENCY), legend: "p95, seen by the server" },
            { expr: loadPercentile(0.95), legend: "p95, seen by users", mayBeEmpty: NEEDS_LOAD },
          ],
        },
        {
          kind: "graph",
          title: "Users' requests by endpoint",
          description: "What do the users ask for?",
          unit: "reqps",
          stacked: true,
          queries: [
            {
              expr: sum(rate(ofLoad(LOAD_METRICS.requests.name)), ["endpoint"]),
              legend: "{{endpoint}}",
              mayBeEmpty: NEEDS_LOAD,
            },
          ],
        },
        {
          kind: "graph",
          title: "Users' failures by reason",
          description:
            "What goes wrong for the users? Also what the server never sees, such as refused connections.",
          unit: "reqps",
          stacked: true,
          queries: [
            {
              expr: sum(rate(ofLoad(LOAD_METRICS.failures.name)), ["reason"]),
              legend: "{{reason}}",
              mayBeEmpty: NEEDS_LOAD,
            },
          ],
        },
        {
          kind: "graph",
          title: "The load generator itself",
          description:
            "Does the load generator keep up? Near 1 its own event loop is full, and its figures tell of itself and not of the server: give it more processes (--workers).",
          unit: "percentunit",
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
          title: "Requests that are missing",
          description:
            "What was due and not sent, for want of free users (open model), or sent and without a reply when its run was over? Neither is in percentiles.",
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
          title: "Refused because of overload",
          description:
            "Does the server refuse predictions to protect itself? In flight: --max-in-flight; event loop: --max-event-loop-lag.",
          unit: "reqps",
          width: 8,
          queries: [
            { expr: sum(rate(ofApi(METRICS.apiOverload.name)), ["reason"]), legend: "{{reason}}" },
          ],
        },
        { ...processCpu("CPU"), width: 8 },
        { ...residentMemory("Memory"), width: 8 },
        {
          kind: "graph",
          title: "Connections that broke",
          description:
            "Do connections break before they are requests? Under load, timeouts and resets come first.",
          unit: "ops",
          width: 24,
          height: 7,
          queries: [
            {
              expr: sum(rate(ofApi(METRICS.apiConnectionErrors.name), RATE_INTERVAL), ["reason"]),
              legend: "{{reason}}",
            },
          ],
        },
      ],
    },
  ],
};
