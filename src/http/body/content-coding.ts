import { Readable } from "node:stream";
import { TepalError, toMessage } from "../../kernel/errors.ts";
import { createUnpacker, type Coding, type UnpackLimits } from "../../kernel/decompress.ts";

/** What 415 replies name in Accept-Encoding (RFC 7694). */
export const ACCEPTED_CODINGS = "gzip, br, zstd";

/** At most 8 MiB, as RFC 9659 asks of zstd over HTTP. */
const LIMITS: UnpackLimits = { zstdWindowLog: 23 };

/**
 * The coding that a Content-Encoding names; undefined for none.
 * @throws TepalError UNSUPPORTED_MEDIA_TYPE for another one, or several
 */
export function parseContentCoding(header: string | undefined): Coding | undefined {
  const name = header?.trim().toLowerCase() ?? "";
  if (name === "" || name === "identity") return undefined;
  const coding = name === "x-gzip" ? "gzip" : name;
  if (coding === "gzip" || coding === "br" || coding === "zstd") return coding;
  throw new TepalError(
    "UNSUPPORTED_MEDIA_TYPE",
    `The body has the encoding ${name.slice(0, 50)}; one of ${ACCEPTED_CODINGS}, or none, is understood`,
  );
}

/**
 * Unpacks a body that is there whole.
 * @param limit bytes that it may unpack to; no more are unpacked
 * @throws TepalError BODY_TOO_LARGE or MALFORMED_REQUEST
 */
export async function unpackBody(body: Buffer, coding: Coding, limit: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of unpackStream(Readable.from([body]), coding, limit)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/**
 * Unpacks a body as it comes. The source is not destroyed when the reader stops early or the data are broken, so that it
 * can still be answered.
 * @param limit bytes that it may unpack to
 * @throws TepalError BODY_TOO_LARGE or MALFORMED_REQUEST, while it is read; the source's own errors
 */
export async function* unpackStream(
  source: Readable,
  coding: Coding,
  limit: number,
): AsyncGenerator<Buffer> {
  const decoder = createUnpacker(coding, LIMITS);
  let sourceError: Error | undefined;
  const fail = (error: Error): void => {
    sourceError = error;
    decoder.destroy(error);
  };
  source.once("error", fail);
  source.pipe(decoder);
  let unpacked = 0;
  try {
    for await (const chunk of decoder) {
      if (!Buffer.isBuffer(chunk)) continue;
      unpacked += chunk.length;
      if (unpacked > limit) throw toTooLarge(limit);
      yield chunk;
    }
  } catch (error) {
    if (sourceError !== undefined || error instanceof TepalError) throw error;
    throw toUnpackError(error, coding);
  } finally {
    source.unpipe(decoder);
    source.off("error", fail);
    decoder.destroy();
  }
}

function toUnpackError(error: unknown, coding: Coding): TepalError {
  const message = `The body is not whole ${coding} data, as Content-Encoding says: ${toMessage(error)}`;
  return new TepalError("MALFORMED_REQUEST", message, { cause: error });
}

function toTooLarge(limit: number): TepalError {
  return new TepalError("BODY_TOO_LARGE", `The body unpacks to more than ${limit} bytes`);
}
