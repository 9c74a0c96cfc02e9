import { STATUS_CODES } from "node:http";
import type { Socket } from "node:net";
import { TepalError, type ErrorCode } from "../kernel/errors.ts";
import { createId } from "../kernel/random.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { PROBLEM_TYPE, toProblemDetails } from "./problem.ts";

/** What Node's HTTP parser and timers report, by code, and the reason under which it is counted. */
const KNOWN: Readonly<Record<string, readonly [ErrorCode, reason: string, detail: string]>> = {
  HPE_HEADER_OVERFLOW: ["HEADERS_TOO_LARGE", "headers", "The headers have more than 16 KiB"],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ["BODY_TOO_LARGE", "chunk", "The chunk extensions are too large"],
  ERR_HTTP_REQUEST_TIMEOUT: ["REQUEST_TIMEOUT", "timeout", "The request did not arrive in time"],
};

/**
 * Answers connections that never made a request Fastify could see: broken HTTP, headers that are too
 * large or too slow. Each is counted, answered when there is somebody to answer, and closed.
 */
export function createConnectionErrorHandler(
  metrics: Metrics,
): (error: Error & { readonly code?: string }, socket: Socket) => void {
  const slots = new Map<string, number>();
  const count = (reason: string): void => {
    const slot = slots.get(reason) ?? metrics.apiConnectionErrors.open([reason]);
    slots.set(reason, slot);
    metrics.apiConnectionErrors.add(slot, 1);
  };
  for (const reason of ["headers", "chunk", "timeout", "malformed", "reset"]) {
    slots.set(reason, metrics.apiConnectionErrors.open([reason]));
  }

  return (error, socket) => {
    const code = error.code ?? "";
    if (code === "ECONNRESET" || code === "EPIPE" || !socket.writable) {
      count("reset");
      socket.destroy();
      return;
    }
    const [kind, reason, detail] = KNOWN[code] ?? [
      "MALFORMED_REQUEST",
      "malformed",
      "This is not HTTP as the server understands it",
    ];
    count(reason);
    socket.end(formatReply(new TepalError(kind, detail)), () => socket.destroy());
  };
}

function formatReply(error: TepalError): string {
  const id = createId();
  const body = JSON.stringify(toProblemDetails(error, id));
  return [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ""}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${id}`,
    "Connection: close",
    "",
    body,
  ].join("\r\n");
}
