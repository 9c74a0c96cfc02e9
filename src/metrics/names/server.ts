import type { MetricDeclaration } from "./declaration.ts";

/** Metrics of the server and its processes. */
export const SERVER_METRICS = {
  eventLoopActive: {
    name: "nodejs_eventloop_active_seconds_total",
    type: "counter",
    help: "Total time in seconds that the event loops of all serving processes were busy. The rate is 1 per fully used core.",
    labels: [],
  },
  buildInfo: {
    name: "tepal_build_info",
    type: "gauge",
    help: "The version of Tepal and of Node.js. The value is always 1.",
    labels: ["version", "node_version"],
    aggregator: "first",
  },
  workers: {
    name: "tepal_workers",
    type: "gauge",
    help: "Number of processes that serve requests.",
    labels: [],
    aggregator: "sum",
  },
  memoryLimit: {
    name: "tepal_memory_limit_bytes",
    type: "gauge",
    help: "Memory that the processes of the server may use together: the limit of the container, or the memory of the host.",
    labels: [],
    aggregator: "max",
  },
  workersWanted: {
    name: "tepal_workers_wanted",
    type: "gauge",
    help: "Number of processes that should serve requests (--workers).",
    labels: [],
    aggregator: "sum",
  },
  workerRestarts: {
    name: "tepal_worker_restarts_total",
    type: "counter",
    help: "Total number of replaced worker processes, by reason: exit (the process ended) or hung (no heartbeat for --worker-timeout seconds).",
    labels: ["reason"],
  },
} as const satisfies Record<string, MetricDeclaration>;
