import type { Transform } from "node:stream";
import * as zlib from "node:zlib";

/** A compression format. */
export type Coding = "gzip" | "br" | "zstd";

export interface DecompressionLimits {
  /** Largest window of a zstd frame, as a power of two. Without a limit, a frame may require gigabytes. */
  readonly zstdWindowLog: number;
}

/** Size of the chunks of decompressed bytes. */
const CHUNK_BYTES = 64 * 1024;

/**
 * Decompresses bytes as they arrive, with back-pressure and in bounded memory: gzip needs 32 KiB, brotli at most 16 MiB, zstd the size of
 * its window.
 */
export function createDecompressor(
  coding: Coding,
  { zstdWindowLog }: DecompressionLimits,
): Transform {
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
