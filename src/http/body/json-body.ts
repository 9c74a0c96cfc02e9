import { isAscii, isUtf8 } from "node:buffer";
import { errorCodes, type FastifyInstance } from "fastify";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { parseContentCoding, unpackBody } from "./content-coding.ts";
import { STREAM_TYPES } from "./stream-formats.ts";

const CHARSET = /;\s*charset\s*=\s*"?([^;"\s]+)/i;

/**
 * Makes `application/json` the only type of body, packed or not. Fastify's own parser is not used because it drops or
 * refuses `__proto__` keys (here they are unknown fields like others) and hides where JSON is broken.
 */
export function acceptJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    "application/json",
    { parseAs: "buffer" },
    (request, body: Buffer, done) => {
      request.bodyBytes = body.length;
      try {
        const { headers } = request;
        const type = headers["content-type"] ?? "";
        // Almost every client sends exactly this, and then there is nothing to look for.
        if (type !== "application/json") checkCharset(type);
        const coding = parseContentCoding(headers["content-encoding"]);
        if (coding !== undefined) {
          return unpackBody(body, coding, request.routeOptions.bodyLimit).then(parseJson);
        }
        done(null, parseJson(body));
      } catch (error) {
        done(error instanceof Error ? error : new Error(toMessage(error)));
      }
      return undefined;
    },
  );
}

/**
 * Hands the bodies of streams of rows on unread, to the routes whose config says that they take them. Elsewhere they are
 * refused like any other type.
 */
export function acceptStreamBodies(app: FastifyInstance): void {
  app.addContentTypeParser([...STREAM_TYPES], (request, payload, done) => {
    if (request.routeOptions.config.takesStreams === true) {
      try {
        checkCharset(request.headers["content-type"] ?? "");
        parseContentCoding(request.headers["content-encoding"]);
        done(null, payload);
      } catch (error) {
        done(error instanceof Error ? error : new Error(toMessage(error)));
      }
    } else done(new errorCodes.FST_ERR_CTP_INVALID_MEDIA_TYPE());
  });
}

declare module "fastify" {
  interface FastifyRequest {
    /** Size of the body as it was received; −1 when there was none. */
    bodyBytes: number;
  }
  interface FastifyContextConfig {
    /** Whether the route reads streams of rows. */
    takesStreams?: boolean;
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
      `Bodies are read as UTF-8; the request says charset ${charset}`,
    );
  }
}

/** @throws TepalError MALFORMED_JSON */
export function parseJson(body: Buffer): unknown {
  if (body.length === 0)
    throw new TepalError("MALFORMED_JSON", "The body is empty; JSON is expected");
  const text = toText(body);
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TepalError("MALFORMED_JSON", `The body is not valid JSON: ${toMessage(cause)}`, {
      cause,
    });
  }
}

function toText(body: Buffer): string {
  // A body of numbers is ASCII, so that one byte is one character and needs no decoding.
  if (isAscii(body)) return body.toString("latin1");
  if (!isUtf8(body)) throw new TepalError("MALFORMED_JSON", "The body is not UTF-8 text");
  const hasMark = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf;
  return body.toString("utf8", hasMark ? 3 : 0);
}
