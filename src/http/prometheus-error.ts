import type { TepalError } from "../kernel/errors.ts";

/** The path of the Prometheus HTTP API. Its clients read errors in Prometheus's shape only. */
const PATH = /^\/prometheus(?:[/?]|$)/;

/** @param url a path with or without a query string, or a route template */
export function isPrometheusPath(url: string): boolean {
  return PATH.test(url);
}

/** Advice of general errors that does not fit the Prometheus HTTP API. */
const MESSAGES: Readonly<Partial<Record<TepalError["requestCode"], string>>> = {
  UNSUPPORTED_MEDIA_TYPE:
    "Header Content-Type: Expected application/x-www-form-urlencoded or multipart/form-data.",
  NOT_FOUND:
    "Expected a path of the Prometheus HTTP API of a server with --monitor. /prometheus/ lists them.",
  INTERNAL: "The server failed. Its log has the details.",
  BODY_TOO_LARGE: "Expected a form of at most 1 MiB.",
};

/** The error types of Prometheus by status; all other errors are of the client. */
const TYPES: Readonly<Record<number, string>> = {
  404: "not_found",
  500: "internal",
  503: "unavailable",
};

/** Returns the body of an error that arose before the monitor got the request. */
export function toPrometheusError({ requestCode, status, message }: TepalError): object {
  const error = MESSAGES[requestCode] ?? message;
  return { status: "error", errorType: TYPES[status] ?? "bad_data", error };
}
