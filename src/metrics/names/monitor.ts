import type { MetricDeclaration } from "./declaration.ts";

/** Metrics of the built-in monitor, of remote write, and of series that were dropped. */
export const MONITOR_METRICS = {
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
