import type { Transform } from "node:stream";
import * as zlib from "node:zlib";

/** How bytes are packed. */
export type Coding = "gzip" | "br" | "zstd";

/** What a zstd frame may make its reader remember, as a power of two; without a limit, gigabytes. */
export interface UnpackLimits {
  readonly zstdWindowLog: number;
}

/** Unpacked bytes that are handed on at once. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Unpacks as bytes come, with back-pressure and in bounded memory: gzip needs 32 KiB, brotli at most 16 MiB, zstd what
 * the limit says.
 */
export function createUnpacker(coding: Coding, { zstdWindowLog }: UnpackLimits): Transform {
  const chunkSize = CHUNK_BYTES;
  switch (coding) {
    case "gzip":
      return zlib.createGunzip({ chunkSize });
    case "br":
      return zlib.createBrotliDecompress({ chunkSize });
    case "zstd":
      return zlib.createZstdDecompress({
        chunkSize,
        params: { [zlib.constants.ZSTD_d_windowLogMax]: zstdWindowLog },
      });
  }
}
