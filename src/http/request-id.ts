import type { IncomingMessage } from "node:http";
import { createId } from "../kernel/random.ts";

/** What may be taken over: visible, short, and harmless in a header, a log and a URL. */
const SANE = /^[A-Za-z0-9._:-]{1,128}$/;

/** The client's X-Request-Id when it is sane, or a new one. */
export function toRequestId(request: IncomingMessage): string {
  const given = request.headers["x-request-id"];
  return typeof given === "string" && SANE.test(given) ? given : createId();
}
