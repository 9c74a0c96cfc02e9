import type { MetricDeclaration } from "./declaration.ts";

/** From the latency of a fast server to the longest time-out of clients. */
const LOAD_SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

/** Metrics of the load generator. Times are those that its users see, including the network and its own queue. */
export const LOAD_METRICS = {
  users: {
    name: "load_users",
    type: "gauge",
    help: "Number of active virtual users. In an open model: number of iterations in progress.",
    labels: [],
    aggregator: "sum",
  },
  requests: {
    name: "load_requests_total",
    type: "counter",
    help: "Total number of completed requests, by endpoint and status (0 = no response).",
    labels: ["endpoint", "status"],
  },
  failures: {
    name: "load_failures_total",
    type: "counter",
    help: "Total number of failed requests, by endpoint and reason: a status, a failed check or a connection error.",
    labels: ["endpoint", "reason"],
  },
  duration: {
    name: "load_request_duration_seconds",
    type: "histogram",
    help: "Duration of successful requests in seconds: from the scheduled time in an open model, from sending in a closed model.",
    labels: ["endpoint"],
    buckets: LOAD_SECONDS,
  },
  dropped: {
    name: "load_dropped_total",
    type: "counter",
    help: "Total number of arrivals of an open model that were not sent because no user was free.",
    labels: [],
  },
  abandoned: {
    name: "load_abandoned_total",
    type: "counter",
    help: "Total number of requests without a response at the end of their run, by endpoint.",
    labels: ["endpoint"],
  },
  utilisation: {
    name: "load_generator_utilisation_ratio",
    type: "gauge",
    help: "Share of the last second in which the event loop of the busiest load generator was busy, from 0 to 1; NaN without a run.",
    labels: [],
    aggregator: "max",
  },
} as const satisfies Record<string, MetricDeclaration>;
