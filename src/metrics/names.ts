/**
 * Every metric that Tepal exposes: name, help, type, labels, buckets. Dashboards, rules and docs import them, so that a name is spelled in
 * one place. Units are base units, as Prometheus recommends.
 */

/**
 * The combination of the values of several processes of one server (see `--workers`). `distinct` counts the different things that all
 * processes have seen together; each process knows only its own.
 */
export type Aggregator = "sum" | "max" | "first" | "distinct";

interface Declaration {
  readonly name: string;
  readonly help: string;
  /** Labels, in the order in which a series is opened. Each has a bounded set of values, and none comes from a client. */
  readonly labels: readonly string[];
  /** `drift`: a metric with a series for each bin of each feature. These come last in a response and have limits of their own. */
  readonly group?: "drift";
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

/** A row takes microseconds and a request less than a millisecond, so the bounds start there. */
const LATENCY_SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
];
/** Stages take microseconds, unless a client or a queue is slow. */
const STAGE_SECONDS = [0.00001, 0.0001, 0.001, 0.005, 0.025, 0.1, 0.5, 2.5];
/** From a small file to an upload of a day. */
const STREAM_SECONDS = [0.1, 1, 10, 60, 600, 3_600, 21_600, 86_400];
const INFERENCE_SECONDS = [
  0.000002, 0.000005, 0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.005, 0.025, 0.1,
  0.5,
];
const BYTES = [64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216];
const ROWS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];
const CONFIDENCE = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1];
/** Fine steps where decisions are made: a share of x of ordinary rows has a calibrated p-value of at most x. */
const P_VALUES = [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 1];

const ROUTE = ["method", "route", "status"] as const;
const MODEL = ["model", "version"] as const;

export const METRICS = {
  apiRequests: {
    name: "api_requests_total",
    type: "counter",
    help: "Total number of completed HTTP requests, by method, route template and status (499 = the client closed the connection first).",
    labels: ROUTE,
  },
  apiRequestLatency: {
    name: "api_request_latency_seconds",
    type: "histogram",
    help: "Time from the head of an HTTP request to the end of its response, in seconds; without streamed uploads.",
    labels: ROUTE,
    buckets: LATENCY_SECONDS,
  },
  apiStreamDuration: {
    name: "api_stream_duration_seconds",
    type: "histogram",
    help: "Duration of a streamed upload of rows in seconds, from the head of its request to the end of its response. Its client decides it, so it is no request latency.",
    labels: ROUTE,
    buckets: STREAM_SECONDS,
  },
  apiRequestsInFlight: {
    name: "api_requests_in_flight",
    type: "gauge",
    help: "Number of HTTP requests in progress, without scrapes of /metrics.",
    labels: [],
    aggregator: "sum",
  },
  apiRequestSize: {
    name: "api_request_size_bytes",
    type: "histogram",
    help: "Size of HTTP request bodies in bytes, from the Content-Length header.",
    labels: ["route"],
    buckets: BYTES,
  },
  apiResponseSize: {
    name: "api_response_size_bytes",
    type: "histogram",
    help: "Size of HTTP response bodies in bytes.",
    labels: ["route"],
    buckets: BYTES,
  },
  apiUniqueClients: {
    name: "api_unique_clients",
    type: "gauge",
    help: "Number of distinct client IP addresses in the last 5 minutes, at most 10000 per minute.",
    labels: [],
    aggregator: "distinct",
  },
  apiConnectionErrors: {
    name: "api_connection_errors_total",
    type: "counter",
    help: "Total number of connections rejected before they sent a valid request, by reason.",
    labels: ["reason"],
  },
  apiAuthFailures: {
    name: "api_auth_failures_total",
    type: "counter",
    help: "Total number of requests rejected for their API key, by reason: missing, unknown or role.",
    labels: ["reason"],
  },
  apiOverload: {
    name: "api_overload_total",
    type: "counter",
    help: "Total number of prediction requests rejected because of overload, by reason: in_flight, event_loop or body_memory.",
    labels: ["reason"],
  },
  predictions: {
    name: "model_predictions_total",
    type: "counter",
    help: "Total number of predicted rows, by predicted class (empty for a regression).",
    labels: [...MODEL, "class"],
  },
  modelRequests: {
    name: "model_requests_total",
    type: "counter",
    help: "Total number of prediction requests, by result: success, input_error (the client's) or error (the server's).",
    labels: [...MODEL, "result"],
  },
  modelRequestDuration: {
    name: "model_request_duration_seconds",
    type: "histogram",
    help: "Time from the head of a successful prediction request to its encoded response, in seconds; without streamed uploads.",
    labels: MODEL,
    buckets: LATENCY_SECONDS,
  },
  modelStageDuration: {
    name: "model_stage_duration_seconds",
    type: "histogram",
    help: "Duration of the stages of a prediction request in seconds: body (its arrival), queue (wait for its turn), decode, check (trust check), inference and encode; without streamed uploads.",
    labels: [...MODEL, "stage"],
    buckets: STAGE_SECONDS,
  },
  classReferenceRatio: {
    name: "model_class_reference_ratio",
    type: "gauge",
    help: "Share of each class in the training rows, from 0 to 1.",
    labels: [...MODEL, "class"],
    aggregator: "first",
  },
  inferenceDuration: {
    name: "model_inference_duration_seconds",
    type: "histogram",
    help: "Duration of one call of the model in seconds, for any number of rows.",
    labels: MODEL,
    buckets: INFERENCE_SECONDS,
  },
  batchRows: {
    name: "model_batch_rows",
    type: "histogram",
    help: "Number of rows per call of the model: the rows of a request, or a group of rows of a stream.",
    labels: MODEL,
    buckets: ROWS,
  },
  confidence: {
    name: "model_confidence",
    type: "histogram",
    help: "Highest class probability of a predicted row.",
    labels: MODEL,
    buckets: CONFIDENCE,
  },
  outOfDistribution: {
    name: "model_ood_total",
    type: "counter",
    help: "Total number of flagged rows, by reason: p_value (at or below alpha), range (a value outside the training range) missing (a missing value) or unchecked (no p-value, because a value is missing).",
    labels: [...MODEL, "reason"],
  },
  pValue: {
    name: "model_ood_p_value",
    type: "histogram",
    help: "Conformal p-value of a checked row. Small values mean that the row is unlike the training data.",
    labels: MODEL,
    buckets: P_VALUES,
  },
  featureBin: {
    name: "model_feature_bin_total",
    type: "counter",
    help: "Total number of rows, by feature and bin. The bins are quantiles of the training data.",
    group: "drift",
    labels: [...MODEL, "feature", "bin"],
  },
  featureReferenceRatio: {
    name: "model_feature_reference_ratio",
    type: "gauge",
    help: "Share of the training rows in each bin of a feature, from 0 to 1.",
    group: "drift",
    labels: [...MODEL, "feature", "bin"],
    aggregator: "first",
  },
  referenceRows: {
    name: "model_reference_rows",
    type: "gauge",
    help: "Number of training rows, from which the reference shares of the features were computed.",
    labels: MODEL,
    aggregator: "first",
  },
  outputBin: {
    name: "model_output_bin_total",
    type: "counter",
    help: "Total number of rows, by output (prediction, confidence or p_value) and bin. Rare classes share a bin.",
    labels: [...MODEL, "output", "bin"],
  },
  outputReferenceRatio: {
    name: "model_output_reference_ratio",
    type: "gauge",
    help: "Share of held-out training rows in each bin of an output, from 0 to 1.",
    labels: [...MODEL, "output", "bin"],
    aggregator: "first",
  },
  outputReferenceRows: {
    name: "model_output_reference_rows",
    type: "gauge",
    help: "Number of held-out training rows from which the reference shares of an output were computed.",
    labels: [...MODEL, "output"],
    aggregator: "first",
  },
  rowComparisons: {
    name: "model_row_comparisons_total",
    type: "counter",
    help: "Total number of comparisons of a row with one of the 1024 rows before it.",
    labels: MODEL,
  },
  rowMatches: {
    name: "model_row_matches_total",
    type: "counter",
    help: "Total number of comparisons of a row with one of the 1024 rows before it that found it equal.",
    labels: MODEL,
  },
  rowReferenceMatchRatio: {
    name: "model_reference_match_ratio",
    type: "gauge",
    help: "Share of pairs of training rows that are equal, from 0 to 1.",
    labels: MODEL,
    aggregator: "first",
  },
  inputErrors: {
    name: "model_input_errors_total",
    type: "counter",
    help: "Total number of prediction requests and stream rows rejected for their input, by reason.",
    labels: ["reason"],
  },
  modelInfo: {
    name: "model_info",
    type: "gauge",
    help: "A ready model version and its task. The value is always 1.",
    labels: [...MODEL, "task"],
    aggregator: "first",
  },
  modelDefault: {
    name: "model_default",
    type: "gauge",
    help: "The model version that serves /predict. The value is always 1.",
    labels: MODEL,
    aggregator: "first",
  },
  defaultModelReady: {
    name: "tepal_default_model_ready",
    type: "gauge",
    help: "1 if a model is ready to serve /predict, otherwise 0.",
    labels: [],
    aggregator: "max",
  },
  modelLoaded: {
    name: "model_loaded_timestamp_seconds",
    type: "gauge",
    help: "Unix time at which a model version became ready, in seconds.",
    labels: MODEL,
    aggregator: "max",
  },
  modelLoads: {
    name: "model_loads_total",
    type: "counter",
    help: "Total number of attempts to load a model version, by result: ready or failed.",
    labels: ["result"],
  },
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
  monitorSeries: {
    name: "tepal_monitor_series",
    type: "gauge",
    help: "Number of series in the history of the built-in monitor.",
    labels: [],
    aggregator: "sum",
  },
  monitorBytes: {
    name: "tepal_monitor_history_bytes",
    type: "gauge",
    help: "Memory used by the samples of the built-in monitor in bytes, compressed and uncompressed.",
    labels: [],
    aggregator: "sum",
  },
  monitorSamples: {
    name: "tepal_monitor_samples_total",
    type: "counter",
    help: "Total number of samples stored by the built-in monitor.",
    labels: [],
  },
  monitorSamplesDropped: {
    name: "tepal_monitor_samples_dropped_total",
    type: "counter",
    help: "Total number of samples not stored by the built-in monitor, by reason: series_limit (--max-series), drift_limit (--max-drift-series), duplicate, late, or ahead (of a clock that was ahead).",
    labels: ["reason"],
  },
  monitorRestarts: {
    name: "tepal_monitor_restarts_total",
    type: "counter",
    help: "Total number of restarts of the thread of the built-in monitor.",
    labels: [],
  },
  remoteWriteSamples: {
    name: "tepal_remote_write_samples_total",
    type: "counter",
    help: "Total number of samples that the receiver of --remote-write acknowledged.",
    labels: [],
  },
  remoteWriteSamplesLost: {
    name: "tepal_remote_write_samples_lost_total",
    type: "counter",
    help: "Total number of samples that the receiver of --remote-write never gets, by reason: failed (it rejected them), or dropped (they left the history first).",
    labels: ["reason"],
  },
  remoteWriteRetries: {
    name: "tepal_remote_write_retries_total",
    type: "counter",
    help: "Total number of requests of --remote-write that failed and were repeated.",
    labels: [],
  },
  remoteWritePending: {
    name: "tepal_remote_write_samples_pending",
    type: "gauge",
    help: "Number of samples that the receiver of --remote-write has not acknowledged yet, at most.",
    labels: [],
    aggregator: "sum",
  },
  remoteWriteLag: {
    name: "tepal_remote_write_lag_seconds",
    type: "gauge",
    help: "Age of the oldest sample that the receiver of --remote-write has not acknowledged yet, in seconds; 0 if there is none.",
    labels: [],
    aggregator: "max",
  },
  seriesDropped: {
    name: "metrics_series_dropped_total",
    type: "counter",
    help: "Total number of series dropped because their metric had too many series, by metric.",
    labels: ["metric"],
  },
} as const satisfies Record<string, MetricDeclaration>;

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
