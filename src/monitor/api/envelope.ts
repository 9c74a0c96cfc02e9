import { TepalError } from "../../kernel/errors.ts";
import type { ApiAnswer } from "./api.ts";
import { JsonBytes } from "./json-bytes.ts";

/** A whole reply: JSON text in UTF-8, and the status that goes with it. */
export interface ApiReply {
  readonly status: number;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Prometheus's words for what went wrong, with the status that it answers. */
const ERROR_TYPES = {
  QUERY_INVALID: { type: "bad_data", status: 400 },
  QUERY_FAILED: { type: "execution", status: 422 },
  QUERY_TIMEOUT: { type: "timeout", status: 503 },
  NOT_FOUND: { type: "not_found", status: 404 },
  OVERLOADED: { type: "unavailable", status: 503 },
} as const;
const INTERNAL = { type: "internal", status: 500 } as const;

export function toSuccess({ write, warnings = [], infos = [] }: ApiAnswer): ApiReply {
  const out = new JsonBytes();
  out.add('{"status":"success","data":');
  write(out);
  if (warnings.length > 0) out.add(`,"warnings":${JSON.stringify(warnings)}`);
  if (infos.length > 0) out.add(`,"infos":${JSON.stringify(infos)}`);
  out.add("}");
  return { status: 200, body: out.take() };
}

/** What is no error of whoever asked is not told: it has to be logged. */
export function toFailure(error: unknown): ApiReply {
  const kind = isExpected(error) ? ERROR_TYPES[error.code] : INTERNAL;
  const text = isExpected(error) ? error.message : "The monitor failed; the log has more";
  const out = new JsonBytes();
  out.add(JSON.stringify({ status: "error", errorType: kind.type, error: text }));
  return { status: kind.status, body: out.take() };
}

/** What is answered to a request that is not looked at. */
export function refuse(reason: string): ApiReply & { readonly gzip: false } {
  return { ...toFailure(new TepalError("OVERLOADED", reason)), gzip: false };
}

/** Whether `toFailure` tells it as it is. */
export function isExpected(
  error: unknown,
): error is TepalError & { readonly code: keyof typeof ERROR_TYPES } {
  return error instanceof TepalError && Object.hasOwn(ERROR_TYPES, error.code);
}
