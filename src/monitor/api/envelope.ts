import { TepalError } from "../../kernel/errors.ts";
import type { ApiResult } from "./api.ts";
import { JsonBytes } from "./json-bytes.ts";

/** A status with a body in UTF-8. */
export interface PlainReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array<ArrayBuffer>;
}

const JSON_TYPE = "application/json";
const EXPOSITION_TYPE = "text/plain; version=0.0.4; charset=utf-8";

/** Prometheus's error types with their HTTP statuses. */
const ERROR_TYPES = {
  QUERY_INVALID: { type: "bad_data", status: 400 },
  QUERY_FAILED: { type: "execution", status: 422 },
  QUERY_TIMEOUT: { type: "timeout", status: 503 },
  NOT_FOUND: { type: "not_found", status: 404 },
  OVERLOADED: { type: "unavailable", status: 503 },
} as const;
const INTERNAL = { type: "internal", status: 500 } as const;

export function toSuccess(result: ApiResult): PlainReply {
  const out = new JsonBytes();
  if ("writeExposition" in result) {
    result.writeExposition(out);
    return { status: 200, contentType: EXPOSITION_TYPE, body: out.take() };
  }
  const { write, warnings = [], infos = [] } = result;
  out.add('{"status":"success","data":');
  write(out);
  if (warnings.length > 0) out.add(`,"warnings":${JSON.stringify(warnings)}`);
  if (infos.length > 0) out.add(`,"infos":${JSON.stringify(infos)}`);
  out.add("}");
  return { status: 200, contentType: JSON_TYPE, body: out.take() };
}

/** Creates the reply of an error. Hides the message of an unexpected one, which has to be logged. */
export function toFailure(error: unknown): PlainReply {
  const kind = isExpected(error) ? ERROR_TYPES[error.code] : INTERNAL;
  const message = isExpected(error)
    ? error.message
    : "The monitor failed. The server's log has the details";
  const out = new JsonBytes();
  out.add(JSON.stringify({ status: "error", errorType: kind.type, error: message }));
  return { status: kind.status, contentType: JSON_TYPE, body: out.take() };
}

/** Creates the reply to a request that is not handled. */
export function createUnavailable(reason: string): PlainReply & { readonly gzip: false } {
  return { ...toFailure(new TepalError("OVERLOADED", reason)), gzip: false };
}

/** Returns true for errors of the client, and of load: `toFailure` shows their message. */
export function isExpected(
  error: unknown,
): error is TepalError & { readonly code: keyof typeof ERROR_TYPES } {
  return error instanceof TepalError && Object.hasOwn(ERROR_TYPES, error.code);
}
