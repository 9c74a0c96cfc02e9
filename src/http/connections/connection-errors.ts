import { STATUS_CODES, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { TepalError, type ErrorCode } from "../../kernel/errors.ts";
import { PROBLEM_TYPE, toProblemDetails } from "../../kernel/problem-details.ts";
import { createId } from "../../kernel/random.ts";
import type { AppParts } from "../http.ts";
import { isClosing, markClosing } from "../reply-headers.ts";
import { toRequestId } from "../request-id.ts";

type Reason = "headers" | "chunk" | "timeout" | "malformed" | "reset" | "expectation";

/** The errors of Node's HTTP parser and timers, by their code. `reason` is the label under which they are counted. */
const KNOWN: Readonly<Record<string, readonly [ErrorCode, reason: Reason, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [
    "HEADERS_TOO_LARGE",
    "headers",
    "Expected headers of at most 16 KiB, got more. Send fewer or shorter headers.",
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [
    "BODY_TOO_LARGE",
    "chunk",
    "The chunk extensions of the body are too large. Send chunks without extensions.",
  ],
  ERR_HTTP_REQUEST_TIMEOUT: [
    "REQUEST_TIMEOUT",
    "timeout",
    "The request did not arrive completely within --request-timeout. Send it again, faster.",
  ],
};

/** Replies to input that Fastify never sees as a request. Each error is counted by reason. */
export interface ConnectionErrors {
  /** Handles malformed HTTP, and headers that are too large or too slow: replies if the client can read it, and closes. */
  handle(error: Error & { readonly code?: string }, socket: Socket): void;
  /** Rejects an `Expect` header other than 100-continue, which Node handles itself. */
  rejectExpectation(request: IncomingMessage, response: ServerResponse): void;
  /** Rejects CONNECT, a request to a proxy. */
  rejectTunnel(request: IncomingMessage): void;
}

export function createConnectionErrors({
  metrics,
  inFlight,
  liveStreams,
}: Pick<AppParts, "metrics" | "inFlight" | "liveStreams">): ConnectionErrors {
  const toSlot = (reason: Reason): number => metrics.apiConnectionErrors.open([reason]);
  const slots: Readonly<Record<Reason, number>> = {
    headers: toSlot("headers"),
    chunk: toSlot("chunk"),
    timeout: toSlot("timeout"),
    malformed: toSlot("malformed"),
    reset: toSlot("reset"),
    expectation: toSlot("expectation"),
  };
  const count = (reason: Reason): void => {
    metrics.apiConnectionErrors.add(slots[reason], 1);
    metrics.saveSoon();
  };

  /** Connections whose error is replied to, now or after other replies. */
  const failed = new WeakSet<Socket>();

  /** Calls a function once earlier requests have their replies, unless one of them closes the connection. */
  function afterReplies(socket: Socket, reply: () => void): void {
    if (inFlight.findOwed(socket) === undefined) reply();
    else {
      inFlight.whenPaid(socket, () => {
        if (!isClosing(socket) && socket.writable) reply();
      });
    }
  }

  function fail(code: string, socket: Socket): void {
    // Bytes after a request whose reply closes the connection.
    if (code.startsWith("HPE_") && isClosing(socket)) return;
    // Node reports this once for each request, and never again: a stream has a limit of its own.
    if (code === "ERR_HTTP_REQUEST_TIMEOUT" && liveStreams.has(socket)) return;
    if (code === "ECONNRESET" || code === "EPIPE" || !socket.writable) {
      count("reset");
      socket.destroy();
      return;
    }
    const [kind, reason, detail] = KNOWN[code] ?? [
      "MALFORMED_REQUEST",
      "malformed",
      "Expected an HTTP/1.1 request, got something else. Check the request line, the headers and the body's length.",
    ];
    if (inFlight.findOwed(socket) === "rest") {
      count(reason);
      socket.destroy();
      return;
    }
    failed.add(socket);
    afterReplies(socket, () => {
      count(reason);
      socket.end(formatReply(new TepalError(kind, detail)), () => socket.destroy());
    });
  }

  return {
    handle({ code = "" }, socket) {
      // Node reports an error again with each further piece of input.
      if (failed.has(socket)) return;
      // Bytes after a request that closes the connection itself. It gets its reply.
      if (code === "HPE_CLOSED_CONNECTION") return;
      if (!code.startsWith("HPE_")) fail(code, socket);
      else {
        failed.add(socket);
        // After the body before it, which may be too large.
        setImmediate(fail, code, socket);
      }
    },
    rejectExpectation(request, response) {
      if (isClosing(request.socket)) return;
      markClosing(request.socket);
      count("expectation");
      const id = toRequestId(request);
      const error = new TepalError(
        "EXPECTATION_FAILED",
        "Header Expect: Expected 100-continue or no such header.",
      );
      response.writeHead(error.status, {
        "content-type": PROBLEM_TYPE,
        "x-request-id": id,
        connection: "close",
      });
      response.end(JSON.stringify(toProblemDetails(error, id)));
    },
    rejectTunnel({ socket }) {
      // A client may reset the connection before it has the reply.
      socket.on("error", () => {});
      // Node no longer closes a connection whose client does not read its replies.
      socket.on("timeout", () => socket.destroy());
      const error = new TepalError("METHOD_NOT_ALLOWED", "CONNECT needs a proxy. This is none.");
      afterReplies(socket, () => {
        count("malformed");
        socket.end(formatReply(error, ["Allow: GET, HEAD, POST"]), () => socket.destroy());
      });
    },
  };
}

function formatReply(error: TepalError, more: readonly string[] = []): string {
  const id = createId();
  const body = JSON.stringify(toProblemDetails(error, id));
  return [
    `HTTP/1.1 ${error.status} ${STATUS_CODES[error.status] ?? ""}`,
    `Content-Type: ${PROBLEM_TYPE}`,
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Request-Id: ${id}`,
    ...more,
    "Connection: close",
    "",
    body,
  ].join("\r\n");
}
