/**
 * Every metric that Tepal exposes: name, help, type, labels, buckets. Dashboards, rules and docs import them, so that a name is spelled in
 * one place. Units are base units, as Prometheus recommends.
 */
import { HTTP_METRICS } from "./names/http.ts";
import { MODEL_METRICS } from "./names/model.ts";
import { MONITOR_METRICS } from "./names/monitor.ts";
import { SERVER_METRICS } from "./names/server.ts";

export type * from "./names/declaration.ts";
export { LOAD_METRICS } from "./names/load.ts";

/** The metrics of the server, in the order of a metrics response. */
export const METRICS = {
  ...HTTP_METRICS,
  ...MODEL_METRICS,
  ...SERVER_METRICS,
  ...MONITOR_METRICS,
} as const;

/**
 * Metrics of the process and of Node.js that the client library collects and that dashboards and rules use. A test compares the list with
 * the exposition.
 */
export const PROCESS_METRICS = {
  cpuSeconds: "process_cpu_seconds_total",
  residentMemory: "process_resident_memory_bytes",
  startTime: "process_start_time_seconds",
  openFileDescriptors: "process_open_fds",
  maxFileDescriptors: "process_max_fds",
  heapUsed: "nodejs_heap_size_used_bytes",
  heapTotal: "nodejs_heap_size_total_bytes",
  externalMemory: "nodejs_external_memory_bytes",
  gcDuration: "nodejs_gc_duration_seconds",
  eventLoopLagMean: "nodejs_eventloop_lag_mean_seconds",
  eventLoopLagP99: "nodejs_eventloop_lag_p99_seconds",
  versionInfo: "nodejs_version_info",
} as const;
