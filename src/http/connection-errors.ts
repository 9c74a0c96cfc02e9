import { STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { TepalError, type ErrorCode } from "../kernel/errors.ts";
import { createId } from "../kernel/random.ts";
import { DROPPED } from "../metrics/family.ts";
import type { AppParts } from "./http.ts";
import { PROBLEM_TYPE, toProblemDetails } from "../kernel/problem-details.ts";
import { toRequestId } from "./request-id.ts";

/** What Node's HTTP parser and timers report, by code, and the reason under which it is counted. */
const KNOWN: Readonly<Record<string, readonly [ErrorCode, reason: string, detail: string]>> = {
  HPE_HEADER_OVERFLOW: ["HEADERS_TOO_LARGE", "headers", "The headers have more than 16 KiB"],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ["BODY_TOO_LARGE", "chunk", "The chunk extensions are too large"],
  ERR_HTTP_REQUEST_TIMEOUT: ["REQUEST_TIMEOUT", "timeout", "The request did not arrive in time"],
};

/** Answers what never becomes a request that Fastify can see. Each is counted, by reason. */
export interface ConnectionErrors {
  /** Broken HTTP, or headers that are too large or too slow: answered when somebody can read it, and closed. */
  answer(error: Error & { readonly code?: string }, socket: Socket): void;
  /** `Expect` with anything but 100-continue, which Node answers itself. */
  refuseExpectation(request: IncomingMessage, response: ServerResponse): void;
}

export function createConnectionErrors({
  metrics,
  inFlight,
  liveStreams,
}: Pick<AppParts, "metrics" | "inFlight" | "liveStreams">): ConnectionErrors {
  const reasons = ["headers", "chunk", "timeout", "malformed", "reset", "expectation"];
  const slots = new Map(
    reasons.map((reason) => [reason, metrics.apiConnectionErrors.open([reason])]),
  );
  const count = (reason: string): void => {
    metrics.apiConnectionErrors.add(slots.get(reason) ?? DROPPED, 1);
    metrics.saveSoon();
  };

  return {
    answer(error, socket) {
      const code = error.code ?? "";
      // Node says this once of a request and looks at it no more: a stream has a limit of its own.
      if (code === "ERR_HTTP_REQUEST_TIMEOUT" && liveStreams.has(socket)) return;
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
      if (inFlight.owesReply(socket)) {
        socket.destroy();
        return;
      }
      socket.end(formatReply(new TepalError(kind, detail)), () => socket.destroy());
    },
    refuseExpectation(request, response) {
      count("expectation");
      const id = toRequestId(request);
      const error = new TepalError("EXPECTATION_FAILED", "Only 100-continue can be expected");
      response.writeHead(error.status, {
        "content-type": PROBLEM_TYPE,
        "x-request-id": id,
        connection: "close",
      });
      response.end(JSON.stringify(toProblemDetails(error, id)));
    },
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
