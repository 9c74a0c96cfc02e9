import type { FastifyReply } from "fastify";
import type { IncomingMessage } from "node:http";
import { ACCEPTED_CODINGS } from "./body/content-coding.ts";
import { closeSlowlyAfter } from "./connections/close-slowly.ts";
import { isWaiting } from "./connections/continue-request.ts";
import { isPrometheusPath, toPrometheusError } from "./prometheus-error.ts";
import { isClosing, markClosing, setHeaders } from "./reply-headers.ts";
import { TepalError, toMessage, type ErrorCode } from "../kernel/errors.ts";
import { PROBLEM_TYPE, toProblemDetails } from "../kernel/problem-details.ts";

/** Bytes of a body that are read and dropped, for a reply that leaves the connection open. */
const MAX_DROPPED_BYTES = 65_536;

/** Seconds after which a rejected client may retry, by status. The window of the rate limit is one second. */
const RETRY_AFTER_SECONDS: Readonly<Record<number, string>> = { 429: "1", 503: "5" };

/** Sends problem details; below /prometheus, an error in Prometheus's shape. All errors of Fastify routes pass here. */
export function sendProblem(reply: FastifyReply, error: TepalError): void {
  const { request } = reply;
  const isPrometheus = isPrometheusPath(request.routeOptions.url ?? request.url);
  setHeaders(reply, toProblemHeaders(error));
  const { raw } = request;
  const hasHeader = reply.hasHeader("connection");
  // Fastify closes the connection after every error of a body, which is only necessary if much of it may still arrive. A 415 does not wait
  // for the body, so chance decides how much of it has arrived.
  const isShort = hasShortBody(raw) || (raw.complete && error.status !== 415);
  if (isShort && !isClosing(raw.socket) && !isWaiting(raw)) {
    if (hasHeader) void reply.removeHeader("connection");
  } else if (hasHeader || isWaiting(raw)) markClosing(raw.socket);
  if (!raw.complete) closeSlowlyAfter(raw);
  if (isPrometheus) void reply.type("application/json").removeHeader("accept-encoding");
  const body = isPrometheus ? toPrometheusError(error) : toProblemDetails(error, request.id);
  void reply.code(error.status).send(JSON.stringify(body));
}

/** True if a body is short enough to be dropped, as all bodies on the fast path are. */
function hasShortBody({ headers }: IncomingMessage): boolean {
  const isChunked = headers["transfer-encoding"] !== undefined;
  return !isChunked && Number(headers["content-length"] ?? 0) <= MAX_DROPPED_BYTES;
}

/** Returns the headers of an error reply: lower-case names and values in turn. */
export function toProblemHeaders({ status, code }: TepalError): string[] {
  const headers = ["content-type", PROBLEM_TYPE];
  const retryAfter = RETRY_AFTER_SECONDS[status];
  if (retryAfter !== undefined) headers.push("retry-after", retryAfter);
  // The rest of a body that was only half read must not be parsed as the next request.
  const closes = status === 413 || status === 408 || code === "SHUTTING_DOWN";
  if (closes) headers.push("connection", "close");
  if (status === 415) headers.push("accept-encoding", ACCEPTED_CODINGS);
  return headers;
}

/** The errors of Fastify and its plugins, by their code. */
const FOREIGN: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_BAD_URL: "MALFORMED_REQUEST",
  FST_ERR_CTP_BODY_TOO_LARGE: "BODY_TOO_LARGE",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "MALFORMED_REQUEST",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "UNSUPPORTED_MEDIA_TYPE",
  FST_ERR_MAX_PARAM_LENGTH: "URI_TOO_LONG",
  FST_ERR_NOT_FOUND: "NOT_FOUND",
  ECONNRESET: "MALFORMED_REQUEST",
};

/** Converts anything thrown into a TepalError: the only place where unknown errors become 500 INTERNAL. */
export function toTepalError(thrown: unknown): TepalError {
  if (thrown instanceof TepalError) return thrown;
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  const known = FOREIGN[code];
  if (known === "UNSUPPORTED_MEDIA_TYPE") {
    return new TepalError(
      known,
      "Header Content-Type: Expected application/json; /predict/batch also accepts text/csv and application/x-ndjson.",
      { cause: thrown },
    );
  }
  if (known !== undefined) return new TepalError(known, toMessage(thrown), { cause: thrown });
  // Client errors of plugins, for example a Range or an If-Match that cannot be satisfied.
  const status = thrown instanceof Error && "statusCode" in thrown ? Number(thrown.statusCode) : 0;
  if (status >= 400 && status < 500) {
    return new TepalError(
      status === 403 || status === 404 ? "NOT_FOUND" : "MALFORMED_REQUEST",
      toMessage(thrown),
      { cause: thrown },
    );
  }
  return new TepalError("INTERNAL", toMessage(thrown), { cause: thrown });
}
