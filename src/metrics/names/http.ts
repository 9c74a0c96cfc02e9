import type { MetricDeclaration } from "./declaration.ts";

/** A row takes microseconds and a request less than a millisecond, so the bounds start there. */
const LATENCY_SECONDS = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
];
/** From a small file to an upload of a day. */
const STREAM_SECONDS = [0.1, 1, 10, 60, 600, 3_600, 21_600, 86_400];
const BYTES = [64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216];
const ROUTE = ["method", "route", "status"] as const;

/** Metrics of HTTP requests. */
export const HTTP_METRICS = {
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
} as const satisfies Record<string, MetricDeclaration>;
