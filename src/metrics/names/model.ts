import type { MetricDeclaration } from "./declaration.ts";

/** A row takes microseconds and a request less than a millisecond, so the bounds start there. */
const LATENCY_SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
];
/** Stages take microseconds, unless a client or a queue is slow. */
const STAGE_SECONDS = [0.00001, 0.0001, 0.001, 0.005, 0.025, 0.1, 0.5, 2.5];
const INFERENCE_SECONDS = [
  0.000002, 0.000005, 0.00001, 0.000025, 0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.005, 0.025, 0.1,
  0.5,
];
const ROWS = [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000];
const CONFIDENCE = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 1];
/** Fine steps where decisions are made: a share of x of ordinary rows has a calibrated p-value of at most x. */
const P_VALUES = [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 0.75, 1];
const MODEL = ["model", "version"] as const;

/** Metrics of models: predictions, time, trust check, drift, versions. */
export const MODEL_METRICS = {
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
    help: "Total number of flagged rows, by reason: p_value (at or below alpha), range (a value outside the training range), missing (a missing value) or unchecked (no p-value, because a value is missing).",
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
    help: "A ready model version, its task, and the engine that computes it: tepal or onnxruntime. The value is always 1.",
    labels: [...MODEL, "task", "engine"],
    aggregator: "first",
  },
  engineFailures: {
    name: "model_engine_failures_total",
    type: "counter",
    help: "Total number of processes of onnxruntime that ended too early, by reason: crash, timeout or memory.",
    labels: [...MODEL, "reason"],
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
} as const satisfies Record<string, MetricDeclaration>;
