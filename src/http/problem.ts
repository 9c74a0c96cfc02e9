import type { FastifyReply } from "fastify";
import { ACCEPTED_CODINGS } from "./body/content-coding.ts";
import { TepalError, toMessage, type ErrorCode } from "../kernel/errors.ts";
import { PROBLEM_TYPE, toProblemDetails } from "../kernel/problem-details.ts";

/** Seconds after which a refused client may try again. */
const RETRY_AFTER_SECONDS = "5";

/** Answers with problem details; the one place where the API does. */
export function sendProblem(reply: FastifyReply, error: TepalError): void {
  for (const [name, value] of Object.entries(toProblemHeaders(error))) {
    if (name !== "retry-after" || !reply.hasHeader(name)) void reply.header(name, value);
  }
  void reply.code(error.status).send(JSON.stringify(toProblemDetails(error, reply.request.id)));
}

/** The headers of a reply that tells of an error, names in lower case. */
export function toProblemHeaders({ status, code }: TepalError): Record<string, string> {
  const mayTryAgain = status === 503 || status === 429;
  // A client whose request was refused half-read must not have the rest read as its next request.
  const closes = status === 413 || status === 408 || code === "SHUTTING_DOWN";
  return {
    "content-type": PROBLEM_TYPE,
    ...(mayTryAgain && { "retry-after": RETRY_AFTER_SECONDS }),
    ...(closes && { connection: "close" }),
    ...(status === 415 && { "accept-encoding": ACCEPTED_CODINGS }),
  };
}

/** What Fastify and its plugins throw, by their code. */
const FOREIGN: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_BAD_URL: "MALFORMED_REQUEST",
  FST_ERR_CTP_BODY_TOO_LARGE: "BODY_TOO_LARGE",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "MALFORMED_REQUEST",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "UNSUPPORTED_MEDIA_TYPE",
  FST_ERR_MAX_PARAM_LENGTH: "URI_TOO_LONG",
  FST_ERR_NOT_FOUND: "NOT_FOUND",
  ECONNRESET: "MALFORMED_REQUEST",
};

/** Makes a TepalError of anything that reaches the error handler. */
export function toTepalError(thrown: unknown): TepalError {
  if (thrown instanceof TepalError) return thrown;
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : "";
  const known = FOREIGN[code];
  if (known === "UNSUPPORTED_MEDIA_TYPE") {
    return new TepalError(
      known,
      'Send JSON, with the header "Content-Type: application/json"; /predict/batch also takes text/csv and application/x-ndjson',
      {
        cause: thrown,
      },
    );
  }
  if (known !== undefined) return new TepalError(known, toMessage(thrown), { cause: thrown });
  // Their errors of a client's making, such as a Range or an If-Match that does not fit.
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
