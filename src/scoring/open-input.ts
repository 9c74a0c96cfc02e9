import { createReadStream } from "node:fs";
import { extname } from "node:path";
import { pipeline } from "node:stream";
import { TepalError, toMessage } from "../kernel/errors.ts";
import { createUnpacker, type Coding } from "../kernel/decompress.ts";

/** A file's unpacked bytes, from an offset on. */
export interface Input {
  readonly chunks: AsyncIterable<Buffer>;
  /** Bytes of the file, as it lies on the disk, that have been read. */
  bytesRead(): number;
}

const CODINGS: Readonly<Record<string, Coding>> = { ".gz": "gzip", ".br": "br", ".zst": "zstd" };
const CHUNK_BYTES = 256 * 1024;
/** What `zstd --long` writes and reads without further words: a window of 128 MiB. */
const LIMITS = { zstdWindowLog: 27 };

/** How a file is packed, by its extension; undefined when it is not. */
export function toCoding(file: string): Coding | undefined {
  return CODINGS[extname(file).toLowerCase()];
}

/**
 * Opens a file at an offset of its unpacked bytes; a packed one is unpacked from its beginning, and what comes before the
 * offset is dropped.
 * @throws TepalError INVALID_DATA while it is read
 */
export function openInput(file: string, offset: number): Input {
  const coding = toCoding(file);
  const start = coding === undefined ? offset : 0;
  const source = createReadStream(file, { highWaterMark: CHUNK_BYTES, start });
  const bytes =
    coding === undefined ? source : pipeline(source, createUnpacker(coding, LIMITS), () => {});

  async function* read(): AsyncGenerator<Buffer> {
    let skip = coding === undefined ? 0 : offset;
    try {
      for await (const chunk of bytes) {
        if (!Buffer.isBuffer(chunk)) continue;
        const kept = chunk.subarray(Math.min(skip, chunk.length));
        skip -= chunk.length - kept.length;
        if (kept.length > 0) yield kept;
      }
    } catch (cause) {
      throw new TepalError("INVALID_DATA", `${file} cannot be read: ${toMessage(cause)}`, {
        cause,
      });
    } finally {
      source.destroy();
      bytes.destroy();
    }
  }
  return { chunks: read(), bytesRead: () => start + source.bytesRead };
}
