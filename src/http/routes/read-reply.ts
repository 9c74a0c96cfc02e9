import { REQUEST_ERRORS, TepalError, type RequestErrorCode } from "../../kernel/errors.ts";
import type { MonitorReply } from "../http.ts";

/** Returns the JSON of a reply of the monitor. One that did not reach it has the shape of Prometheus's errors. */
export function readReply({ status, body }: MonitorReply): {
  readonly status: number;
  readonly json: unknown;
} {
  const json: unknown = JSON.parse(new TextDecoder().decode(body));
  if (status === 200) return { status, json };
  const { error } = json as { readonly error?: unknown };
  return typeof error === "string"
    ? { status, json: { code: "OVERLOADED", message: error } }
    : { status, json };
}

/** Returns the JSON of a successful reply of the monitor. @throws TepalError that the monitor replied with */
export function toResult(reply: MonitorReply): unknown {
  const { status, json } = readReply(reply);
  if (status === 200) return json;
  const { code, message } = json as { readonly code: RequestErrorCode; readonly message: string };
  throw new TepalError(Object.hasOwn(REQUEST_ERRORS, code) ? code : "INTERNAL", message);
}
