import { isAscii, isUtf8 } from "node:buffer";
import { errorCodes, type FastifyInstance, type FastifyRequest } from "fastify";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { parseStrictJson, type StrictJson } from "../../kernel/json-text.ts";
import { findOtherEncoding } from "../../kernel/text-encoding.ts";
import type { WorkLimits } from "../limits/work-limits.ts";
import { parseContentCoding } from "./content-coding.ts";
import { checkLength, type ReadBody } from "./read-body.ts";
import { STREAM_TYPES } from "./stream-formats.ts";

const CHARSET = /;\s*charset\s*=\s*"?([^;"\s]+)/i;

/**
 * Accepts bodies of the type `application/json`, compressed or not, and no other. Fastify's own parser is not used because it
 * drops or rejects `__proto__` keys (here they are unknown fields like others) and hides the position of a syntax error. Fastify
 * closes the connection after an error of a parser, as it must if the body is not read to its end; so bodies are only read there, and
 * parsed by a hook. Routes whose config has `readsBytes` get them as a Buffer.
 */
export function acceptJsonBodies(
  app: FastifyInstance,
  readBody: ReadBody,
  workLimits: WorkLimits,
): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", (request, _payload, done) => {
    let options: ReturnType<typeof checkHead>;
    try {
      options = checkHead(request);
    } catch (error) {
      // Called at once, before the next request on the connection is read.
      done(toError(error));
      return undefined;
    }
    return readBody(request, options, (body) => body);
  });
  app.addHook("preValidation", (request, _reply, done) => {
    const { body, routeOptions } = request;
    if (!Buffer.isBuffer(body) || routeOptions.config.readsBytes === true) {
      done();
      return;
    }
    try {
      const overloaded = workLimits.checkBeforeWork(request.url);
      if (overloaded !== undefined) throw overloaded;
      request.body = parseJson(body, routeOptions.bodyLimit);
      done();
    } catch (error) {
      done(toError(error));
    }
  });
}

/** Checks what the head states about a JSON body. @throws TepalError UNSUPPORTED_MEDIA_TYPE or BODY_TOO_LARGE */
function checkHead(request: FastifyRequest) {
  const { headers, routeOptions } = request;
  const type = headers["content-type"] ?? "";
  // Almost every client sends exactly this, which needs no further check.
  if (type !== "application/json") checkCharset(type);
  const limit = routeOptions.bodyLimit;
  const tooLarge = checkLength(request, limit);
  if (tooLarge !== undefined) throw tooLarge;
  return { limit, coding: parseContentCoding(headers["content-encoding"]) };
}

function toError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(toMessage(thrown));
}

/**
 * Passes streams of rows unread to the routes whose config has `acceptsStreams`. Other routes reject them like any other
 * media type.
 */
export function acceptStreamBodies(app: FastifyInstance): void {
  app.addContentTypeParser([...STREAM_TYPES], (request, payload, done) => {
    if (request.routeOptions.config.acceptsStreams === true) {
      try {
        checkCharset(request.headers["content-type"] ?? "");
        parseContentCoding(request.headers["content-encoding"]);
        done(null, payload);
      } catch (error) {
        done(toError(error));
      }
    } else done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE());
  });
}

declare module "fastify" {
  interface FastifyRequest {
    /** Size of the body as received; −1 if there was none. */
    bodyBytes: number;
  }
  interface FastifyContextConfig {
    /** True if the route reads streams of rows. */
    acceptsStreams?: boolean;
    /** True if the route gets a JSON body as bytes. */
    readsBytes?: boolean;
  }
}

function checkCharset(contentType: string): void {
  const charset = CHARSET.exec(contentType)?.[1]?.toLowerCase();
  if (
    charset !== undefined &&
    charset !== "utf-8" &&
    charset !== "utf8" &&
    charset !== "us-ascii"
  ) {
    throw new TepalError(
      "UNSUPPORTED_MEDIA_TYPE",
      `Header Content-Type: Expected charset=utf-8, got ${charset.slice(0, 50)}.`,
    );
  }
}

/**
 * Parses a JSON body.
 * @param limit the largest size of the body in bytes, which bounds the number of values too
 * @throws TepalError MALFORMED_JSON, or INVALID_INPUT for a key that stands twice and for too many nested levels or values
 */
export function parseJson(body: Buffer, limit: number): unknown {
  if (body.length === 0) {
    throw new TepalError("MALFORMED_JSON", "Body: Expected JSON, got an empty body.");
  }
  const json = decodeUtf8(body);
  let parsed: StrictJson;
  try {
    parsed = parseStrictJson(body, json, limit);
  } catch (cause) {
    // UTF-16 without a byte-order mark is valid UTF-8, with zero bytes.
    if (findOtherEncoding(body) !== undefined) throw toEncodingError(body);
    const message = `Body: Expected valid JSON: ${toMessage(cause)}.`;
    throw new TepalError("MALFORMED_JSON", message, { cause });
  }
  if ("value" in parsed) return parsed.value;
  const { reason, problems } = parsed;
  throw new TepalError("INVALID_INPUT", `The body has ${reason}.`, { problems });
}

function toEncodingError(body: Buffer): TepalError {
  const sentence = findOtherEncoding(body)?.message ?? "Expected UTF-8, got other bytes.";
  return new TepalError("MALFORMED_JSON", `Body: ${sentence}`);
}

function decodeUtf8(body: Buffer): string {
  // A body of numbers is ASCII: each byte is one character and needs no decoding.
  if (isAscii(body)) return body.toString("latin1");
  if (!isUtf8(body)) throw toEncodingError(body);
  const hasByteOrderMark = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
  return body.toString("utf8", hasByteOrderMark ? 3 : 0);
}
