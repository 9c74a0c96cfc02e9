import type { IncomingMessage } from "node:http";
import { createId } from "../kernel/random.ts";

/** Ids that are visible, short, and harmless in a header, a log and a URL. */
const ACCEPTED = /^[A-Za-z0-9._:-]{1,128}$/;

/** Returns the client's X-Request-Id if it is acceptable; otherwise a new id. */
export function toRequestId({ headers }: Pick<IncomingMessage, "headers">): string {
  const given = headers["x-request-id"];
  return typeof given === "string" && ACCEPTED.test(given) ? given : createId();
}
