import type { Readable } from "node:stream";
import * as zlib from "node:zlib";
import { TepalError, toMessage } from "../kernel/errors.ts";

/** How a body may be packed (RFC 9110, section 8.4). */
export type ContentCoding = "gzip" | "br" | "zstd";

/** What 415 replies name in Accept-Encoding (RFC 7694). */
export const ACCEPTED_CODINGS = "gzip, br, zstd";

/**
 * Windows of at most 8 MiB, as RFC 9659 asks of zstd over HTTP: without a limit a frame of some bytes makes its reader
 * allocate gigabytes. gzip's is 32 KiB and brotli's 16 MiB at most.
 */
const ZSTD_PARAMETERS = { [zlib.constants.ZSTD_d_windowLogMax]: 23 };

const CODINGS: Readonly<
  Record<
    ContentCoding,
    {
      readonly open: (
        options: zlib.ZlibOptions,
      ) => zlib.Gunzip | zlib.BrotliDecompress | zlib.ZstdDecompress;
      readonly unpack: (
        body: Buffer,
        limit: number,
        done: (error: Error | null, bytes: Buffer) => void,
      ) => void;
    }
  >
> = {
  gzip: {
    open: ({ chunkSize }) => zlib.createGunzip({ chunkSize }),
    unpack: (body, maxOutputLength, done) => zlib.gunzip(body, { maxOutputLength }, done),
  },
  br: {
    open: ({ chunkSize }) => zlib.createBrotliDecompress({ chunkSize }),
    unpack: (body, maxOutputLength, done) => zlib.brotliDecompress(body, { maxOutputLength }, done),
  },
  zstd: {
    open: ({ chunkSize }) => zlib.createZstdDecompress({ chunkSize, params: ZSTD_PARAMETERS }),
    unpack: (body, maxOutputLength, done) =>
      zlib.zstdDecompress(body, { maxOutputLength, params: ZSTD_PARAMETERS }, done),
  },
};

/** Unpacked bytes that are handed on at once. */
const CHUNK_BYTES = 64 * 1024;

/**
 * The coding that a Content-Encoding names; undefined for none.
 * @throws TepalError UNSUPPORTED_MEDIA_TYPE for another one, or several
 */
export function parseContentCoding(header: string | undefined): ContentCoding | undefined {
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
export function unpackBody(body: Buffer, coding: ContentCoding, limit: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    CODINGS[coding].unpack(body, limit, (error, bytes) => {
      if (error === null) resolve(bytes);
      else reject(toUnpackError(error, coding, limit));
    });
  });
}

/**
 * Unpacks a body as it comes. The source is not destroyed when the reader stops early or the data are broken, so that it
 * can still be answered.
 * @param limit bytes that it may unpack to
 * @throws TepalError BODY_TOO_LARGE or MALFORMED_REQUEST, while it is read; the source's own errors
 */
export async function* unpackStream(
  source: Readable,
  coding: ContentCoding,
  limit: number,
): AsyncGenerator<Buffer> {
  const decoder = CODINGS[coding].open({ chunkSize: CHUNK_BYTES });
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
    throw toUnpackError(error, coding, limit);
  } finally {
    source.unpipe(decoder);
    source.off("error", fail);
    decoder.destroy();
  }
}

function toUnpackError(error: unknown, coding: ContentCoding, limit: number): TepalError {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ERR_BUFFER_TOO_LARGE") return toTooLarge(limit);
  const message = `The body is not whole ${coding} data, as Content-Encoding says: ${toMessage(error)}`;
  return new TepalError("MALFORMED_REQUEST", message, { cause: error });
}

function toTooLarge(limit: number): TepalError {
  return new TepalError("BODY_TOO_LARGE", `The body unpacks to more than ${limit} bytes`);
}
