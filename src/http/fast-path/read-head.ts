import type { IncomingHttpHeaders } from "node:http";
import { FREE_BODY_BYTES } from "../limits/body-memory.ts";
import { JSON_TYPE } from "../prediction/predict-body.ts";
import type { FindRoute, MatchedRoute } from "./find-route.ts";

/** The head of a request that the fast path serves. */
export interface FastHead {
  readonly url: string;
  readonly route: MatchedRoute;
  readonly headers: IncomingHttpHeaders;
  /** Bytes of the head, with its empty line. */
  readonly size: number;
  /** Bytes of the body; at least 1. */
  readonly bodyLength: number;
}

/**
 * Reads the head that begins at an index in bytes. Returns undefined for a request that Node's HTTP server must read: one whose head is
 * incomplete, or does not match the grammar below.
 */
export type ReadHead = (bytes: Buffer, at: number) => FastHead | undefined;

const MAX_HEAD_BYTES = 8_192;
const MAX_FIELDS = 64;
/** Number of heads that are kept, so that each is parsed once: most clients send the same head with each request. */
const MAX_KEPT_HEADS = 256;
const MAX_KEPT_BYTES = 1_024;

const START = Buffer.from("POST /");
const END = "\r\n\r\n";
const REQUEST_LINE = /^POST (\/[!-~]*) HTTP\/1\.1$/;
/** A name, a colon, spaces, and a value: words of visible ASCII with spaces between them. */
const FIELD = /^([A-Za-z0-9-]{1,64}): *([!-~](?:[ -~]*[!-~])?) *$/;
const LENGTH = /^[1-9]\d{0,8}$/;

/**
 * Names that do not affect where a request ends, or the rest of its connection. `isOrdinary` checks a few more. A request with any other
 * name is left to Node.
 */
const HARMLESS: ReadonlySet<string> = new Set([
  "accept",
  "accept-charset",
  "accept-encoding",
  "accept-language",
  "authorization",
  "b3",
  "baggage",
  "cache-control",
  "cookie",
  "dnt",
  "forwarded",
  "from",
  "pragma",
  "priority",
  "referer",
  "traceparent",
  "tracestate",
  "user-agent",
  "via",
]);
const HARMLESS_PREFIX = /^(?:x-|sec-fetch-|sec-ch-|cf-)/;
/** Names whose values are the same in all requests of a client, and are not secrets. */
const STABLE: ReadonlySet<string> = new Set([
  "accept",
  "accept-encoding",
  "accept-language",
  "connection",
  "content-length",
  "content-type",
  "host",
  "sec-fetch-mode",
  "user-agent",
]);

/**
 * Creates the reader of heads. Its grammar is a strict subset of that of Node's parser (llhttp): one request line with a path, names of
 * letters, digits and hyphens, each at most once, values of visible ASCII, CRLF as the only line end, Content-Length as the only framing.
 */
export function createHeadReader(findRoute: FindRoute): ReadHead {
  const kept = new Map<string, FastHead>();

  return (bytes, at) => {
    if (bytes.length - at < START.length || !startsPost(bytes, at)) return undefined;
    const end = bytes.indexOf(END, at, "latin1");
    if (end < 0 || end - at > MAX_HEAD_BYTES) return undefined;
    const text = bytes.toString("latin1", at, end);
    const known = kept.get(text);
    if (known !== undefined) return known;
    const head = parseHead(text, findRoute);
    if (
      head !== undefined &&
      text.length <= MAX_KEPT_BYTES &&
      Object.keys(head.headers).every((name) => STABLE.has(name))
    ) {
      if (kept.size >= MAX_KEPT_HEADS) kept.clear();
      kept.set(text, head);
    }
    return head;
  };
}

function startsPost(bytes: Buffer, at: number): boolean {
  for (let i = 0; i < START.length; i++) if (bytes[at + i] !== START[i]) return false;
  return true;
}

function parseHead(text: string, findRoute: FindRoute): FastHead | undefined {
  const [line = "", ...fields] = text.split("\r\n");
  const url = REQUEST_LINE.exec(line)?.[1];
  const route = url === undefined ? undefined : findRoute(url);
  if (url === undefined || route === undefined || fields.length > MAX_FIELDS) return undefined;
  const headers = readFields(fields);
  const bodyLength = Number(headers?.["content-length"]);
  if (headers === undefined || bodyLength > Math.min(route.limit, FREE_BODY_BYTES)) {
    return undefined;
  }
  return { url, route, headers, size: text.length + END.length, bodyLength };
}

/** Returns the headers by lower-case name; undefined if they are not those of an ordinary prediction. */
function readFields(fields: readonly string[]): IncomingHttpHeaders | undefined {
  const headers: IncomingHttpHeaders = {};
  for (const field of fields) {
    const [, given = "", value = ""] = FIELD.exec(field) ?? [];
    const name = given.toLowerCase();
    if (value === "" || Object.hasOwn(headers, name) || !isOrdinary(name, value)) return undefined;
    headers[name] = value;
  }
  const isWhole =
    headers.host !== undefined &&
    headers["content-type"] !== undefined &&
    headers["content-length"] !== undefined;
  // Later requests with the same head share them.
  return isWhole ? Object.freeze(headers) : undefined;
}

function isOrdinary(name: string, value: string): boolean {
  switch (name) {
    case "host":
      return true;
    case "content-type":
      return value === "application/json" || value === JSON_TYPE;
    case "content-length":
      return LENGTH.test(value);
    case "connection":
      return value.toLowerCase() === "keep-alive";
    default:
      return HARMLESS.has(name) || HARMLESS_PREFIX.test(name);
  }
}
