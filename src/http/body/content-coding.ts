import type { Readable } from "node:stream";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import {
  createDecompressor,
  type Coding,
  type DecompressionLimits,
} from "../../kernel/decompress.ts";

/** The Accept-Encoding header of 415 replies (RFC 7694). */
export const ACCEPTED_CODINGS = "gzip, br, zstd";

/** A window of at most 8 MiB, as RFC 9659 requires for zstd over HTTP. */
const LIMITS: DecompressionLimits = { zstdWindowLog: 23 };

/**
 * Parses a Content-Encoding header; returns undefined for an uncompressed body.
 * @throws TepalError UNSUPPORTED_MEDIA_TYPE for an unknown coding, or several
 */
export function parseContentCoding(header: string | undefined): Coding | undefined {
  const name = header?.trim().toLowerCase() ?? "";
  if (name === "" || name === "identity") return undefined;
  const coding = name === "x-gzip" ? "gzip" : name;
  if (coding === "gzip" || coding === "br" || coding === "zstd") return coding;
  throw new TepalError(
    "UNSUPPORTED_MEDIA_TYPE",
    `Header Content-Encoding: Expected one of: ${ACCEPTED_CODINGS}, or no such header, got ${name.slice(0, 50)}.`,
  );
}

/**
 * Decompresses a body while it arrives. The source is not destroyed when the reader stops early or the data are damaged, so
 * that the client still gets a reply.
 * @param limit largest size in bytes after decompression
 * @throws TepalError BODY_TOO_LARGE or MALFORMED_REQUEST, while it is read; the errors of the source
 */
export async function* decompressStream(
  source: Readable,
  coding: Coding,
  limit: number,
): AsyncGenerator<Buffer> {
  const decoder = createDecompressor(coding, LIMITS);
  let sourceError: Error | undefined;
  const fail = (error: Error): void => {
    sourceError = error;
    decoder.destroy(error);
  };
  source.once("error", fail);
  source.pipe(decoder);
  let bytes = 0;
  try {
    for await (const chunk of decoder) {
      if (!Buffer.isBuffer(chunk)) continue;
      bytes += chunk.length;
      if (bytes > limit) throw toTooLarge(limit);
      yield chunk;
    }
  } catch (error) {
    if (sourceError !== undefined || error instanceof TepalError) throw error;
    throw toDecompressError(error, coding);
  } finally {
    source.unpipe(decoder);
    source.off("error", fail);
    decoder.destroy();
  }
}

function toDecompressError(error: unknown, coding: Coding): TepalError {
  const message = `Body: Expected complete ${coding} data, as Content-Encoding announces: ${toMessage(error)}.`;
  return new TepalError("MALFORMED_REQUEST", message, { cause: error });
}

function toTooLarge(limit: number): TepalError {
  return new TepalError(
    "BODY_TOO_LARGE",
    `Body: Expected at most ${limit} bytes after decompression, got more. Send fewer rows.`,
  );
}
