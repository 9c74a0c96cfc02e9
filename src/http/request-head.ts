import type { IncomingMessage } from "node:http";
import type { TepalError } from "../kernel/errors.ts";

/** The head of a request, read by Node's HTTP server or the fast path. */
export type RequestHead = Pick<
  IncomingMessage,
  "method" | "url" | "httpVersion" | "headers" | "rawHeaders" | "socket"
>;

/** The head of a request for the checks of an application. */
export interface CheckedRequest extends Pick<RequestHead, "method" | "url" | "headers"> {
  /** The IP address of the client, also behind the proxies of `--trust-proxy`. */
  readonly clientAddress: string;
  /** The id of the request's API key; null without one. */
  readonly apiKeyId: string | null;
}

/** A check of an application: returns the error with which a request is rejected, or undefined. If it throws, the request gets status 500. */
export type HeadCheck = (request: CheckedRequest) => TepalError | undefined;
