/**
 * Every metric that Tepal exposes: name, help, type, labels, buckets. Dashboards, rules and docs import
 * them from here, so that a name is spelled in one place. Units are base units, as Prometheus asks.
 */

/**
 * How the values of several processes of one server are combined (see `--workers`). `distinct`: as the number of
 * different things that they have seen together, of which each knows its own.
 */
export type Aggregator = "sum" | "max" | "first" | "distinct";

interface Declaration {
  readonly name: string;
  readonly help: string;
  /** In the order in which a series is opened. Each has a bounded set of values: none comes from a client. */
  readonly labels: readonly string[];
}
export interface CounterDeclaration extends Declaration {
  readonly type: "counter";
}
export interface GaugeDeclaration extends Declaration {
  readonly type: "gauge";
  readonly aggregator: Aggregator;
}
export interface HistogramDeclaration extends Declaration {
  readonly type: "histogram";
  /** Upper bounds, ascending; +Inf is implied. */
  readonly buckets: readonly number[];
}
export type MetricDeclaration = CounterDeclaration | GaugeDeclaration | HistogramDeclaration;

/** A row takes microseconds and a request less than a millisecond, so the bounds begin there. */
const LATENCY_SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
];
const INFERENCE_SECONDS = [
  0.000002, 0.000005, 0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.005, 0.025, 0.1,
  0.5,
];
const BYTES = [64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216];
const ROWS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];
const CONFIDENCE = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1];
/** Fine where decisions fall: a calibrated p-value is at most x in a share of x of ordinary rows. */
const P_VALUES = [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 1];

const ROUTE = ["method", "route", "status"] as const;
const MODEL = ["model", "version"] as const;

export const METRICS = {
  apiRequests: {
    name: "api_requests_total",
    type: "counter",
    help: "Requests that ended, by method, route template and status (499: the client went away first).",
    labels: ROUTE,
  },
  apiRequestLatency: {
    name: "api_request_latency_seconds",
    type: "histogram",
    help: "Time from a request's head to the end of its reply.",
    labels: ROUTE,
    buckets: LATENCY_SECONDS,
  },
  apiRequestsInFlight: {
    name: "api_requests_in_flight",
    type: "gauge",
    help: "Requests that have begun and not ended.",
    labels: [],
    aggregator: "sum",
  },
  apiRequestSize: {
    name: "api_request_size_bytes",
    type: "histogram",
    help: "Size of request bodies as announced by Content-Length.",
    labels: ["route"],
    buckets: BYTES,
  },
  apiResponseSize: {
    name: "api_response_size_bytes",
    type: "histogram",
    help: "Size of reply bodies.",
    labels: ["route"],
    buckets: BYTES,
  },
  apiUniqueClients: {
    name: "api_unique_clients",
    type: "gauge",
    help: "Distinct client addresses seen in the last 5 minutes, at most 10000 per minute.",
    labels: [],
    aggregator: "distinct",
  },
  apiConnectionErrors: {
    name: "api_connection_errors_total",
    type: "counter",
    help: "Connections refused before they made a request, by reason.",
    labels: ["reason"],
  },
  apiAuthFailures: {
    name: "api_auth_failures_total",
    type: "counter",
    help: "Requests refused for their key, by reason: missing, unknown, role.",
    labels: ["reason"],
  },
  apiOverload: {
    name: "api_overload_total",
    type: "counter",
    help: "Predictions refused because the server has too much to do, by reason: in_flight, event_loop.",
    labels: ["reason"],
  },
  predictions: {
    name: "model_predictions_total",
    type: "counter",
    help: "Rows predicted, by predicted class (empty for regression).",
    labels: [...MODEL, "class"],
  },
  classReferenceRatio: {
    name: "model_class_reference_ratio",
    type: "gauge",
    help: "Share of each class among the training rows.",
    labels: [...MODEL, "class"],
    aggregator: "first",
  },
  inferenceDuration: {
    name: "model_inference_duration_seconds",
    type: "histogram",
    help: "Time that the model took for one call, whatever its number of rows.",
    labels: MODEL,
    buckets: INFERENCE_SECONDS,
  },
  batchRows: {
    name: "model_batch_rows",
    type: "histogram",
    help: "Rows that were predicted at once: those of a request, or a group of those of a stream.",
    labels: MODEL,
    buckets: ROWS,
  },
  confidence: {
    name: "model_confidence",
    type: "histogram",
    help: "Highest class probability of each predicted row.",
    labels: MODEL,
    buckets: CONFIDENCE,
  },
  outOfDistribution: {
    name: "model_ood_total",
    type: "counter",
    help: "Rows flagged, by reason: p_value (at or below alpha), range (a feature outside training), missing.",
    labels: [...MODEL, "reason"],
  },
  pValue: {
    name: "model_ood_p_value",
    type: "histogram",
    help: "Conformal p-value of each judged row: small means unlike the training rows.",
    labels: MODEL,
    buckets: P_VALUES,
  },
  featureBin: {
    name: "model_feature_bin_total",
    type: "counter",
    help: "Rows by bin of each feature; bins are quantiles of the training rows.",
    labels: [...MODEL, "feature", "bin"],
  },
  featureReferenceRatio: {
    name: "model_feature_reference_ratio",
    type: "gauge",
    help: "Share of the training rows in each bin of each feature.",
    labels: [...MODEL, "feature", "bin"],
    aggregator: "first",
  },
  referenceRows: {
    name: "model_reference_rows",
    type: "gauge",
    help: "Training rows without missing values: how many rows the reference shares were counted from.",
    labels: MODEL,
    aggregator: "first",
  },
  inputErrors: {
    name: "model_input_errors_total",
    type: "counter",
    help: "Prediction requests refused for their input, and bad rows of streams, by reason.",
    labels: ["reason"],
  },
  modelInfo: {
    name: "model_info",
    type: "gauge",
    help: "1 for each model version that is ready.",
    labels: [...MODEL, "task"],
    aggregator: "first",
  },
  modelDefault: {
    name: "model_default",
    type: "gauge",
    help: "1 for the model version that answers /predict.",
    labels: MODEL,
    aggregator: "first",
  },
  modelLoaded: {
    name: "model_loaded_timestamp_seconds",
    type: "gauge",
    help: "When a model version became ready, in seconds since 1970.",
    labels: MODEL,
    aggregator: "max",
  },
  modelLoads: {
    name: "model_loads_total",
    type: "counter",
    help: "Attempts to load a model version, by result: ready or failed.",
    labels: ["result"],
  },
  eventLoopActive: {
    name: "nodejs_eventloop_active_seconds_total",
    type: "counter",
    help: "Time that the event loops of all processes that serve were busy: the rate is 1 for each full core.",
    labels: [],
  },
  workers: {
    name: "tepal_workers",
    type: "gauge",
    help: "Processes that answer requests.",
    labels: [],
    aggregator: "sum",
  },
  workersWanted: {
    name: "tepal_workers_wanted",
    type: "gauge",
    help: "Processes that should answer requests: --workers.",
    labels: [],
    aggregator: "sum",
  },
  workerRestarts: {
    name: "tepal_worker_restarts_total",
    type: "counter",
    help: "Worker processes that had to be replaced, by reason: exit (it ended), hung (it was silent for --worker-timeout).",
    labels: ["reason"],
  },
  monitorSeries: {
    name: "tepal_monitor_series",
    type: "gauge",
    help: "Series in the history of the monitor built in.",
    labels: [],
    aggregator: "sum",
  },
  monitorBytes: {
    name: "tepal_monitor_history_bytes",
    type: "gauge",
    help: "Memory that the samples of the monitor's history take, packed and unpacked.",
    labels: [],
    aggregator: "sum",
  },
  monitorSamples: {
    name: "tepal_monitor_samples_total",
    type: "counter",
    help: "Samples that the monitor has stored.",
    labels: [],
  },
  monitorSamplesDropped: {
    name: "tepal_monitor_samples_dropped_total",
    type: "counter",
    help: "Samples that the monitor did not store, by reason: series_limit (too many series), duplicate, late.",
    labels: ["reason"],
  },
  monitorRestarts: {
    name: "tepal_monitor_restarts_total",
    type: "counter",
    help: "Times that the monitor's thread ended and was started again.",
    labels: [],
  },
  seriesDropped: {
    name: "metrics_series_dropped_total",
    type: "counter",
    help: "Series that were not opened because their metric has too many.",
    labels: ["metric"],
  },
} as const satisfies Record<string, MetricDeclaration>;

/**
 * Metrics of the process and of Node.js that the client library collects, as far as dashboards and
 * rules use them. A test compares the list with what is exposed.
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

/** From what a quick server needs to what nobody waits for. */
const LOAD_SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
];

/** What the load generator exposes: what its users see, the network and its own queue included. */
export const LOAD_METRICS = {
  users: {
    name: "load_users",
    type: "gauge",
    help: "Virtual users now; in an open model iterations in progress.",
    labels: [],
    aggregator: "sum",
  },
  requests: {
    name: "load_requests_total",
    type: "counter",
    help: "Requests that ended, by endpoint and status (0: no reply came).",
    labels: ["endpoint", "status"],
  },
  failures: {
    name: "load_failures_total",
    type: "counter",
    help: "Requests that failed, by endpoint and reason: a status, a check, or what the connection did.",
    labels: ["endpoint", "reason"],
  },
  duration: {
    name: "load_request_duration_seconds",
    type: "histogram",
    help: "Time of successful requests: from when they were due in an open model, from when they were sent in a closed one.",
    labels: ["endpoint"],
    buckets: LOAD_SECONDS,
  },
  dropped: {
    name: "load_dropped_total",
    type: "counter",
    help: "Arrivals of an open model that were not sent, for want of free users.",
    labels: [],
  },
  abandoned: {
    name: "load_abandoned_total",
    type: "counter",
    help: "Requests without a reply when their run was over, by endpoint.",
    labels: ["endpoint"],
  },
  utilisation: {
    name: "load_generator_utilisation_ratio",
    type: "gauge",
    help: "Share of the last second in which the busiest generator's event loop was busy.",
    labels: [],
    aggregator: "max",
  },
} as const satisfies Record<string, MetricDeclaration>;
