import { createReadStream } from "node:fs";
import { extname } from "node:path";
import { pipeline } from "node:stream";
import { TepalError, toMessage } from "../kernel/errors.ts";
import { createDecompressor, type Coding } from "../kernel/decompress.ts";
import { toUtf8, type TextEncoding } from "../kernel/text-encoding.ts";

/** The decompressed bytes of a file, in UTF-8, from an offset to its end. */
export interface Input {
  readonly chunks: AsyncIterable<Buffer>;
  /** Returns how many bytes of the file on disk (compressed, if it is) have been read. */
  bytesRead(): number;
}

const CODINGS: Readonly<Record<string, Coding>> = { ".gz": "gzip", ".br": "br", ".zst": "zstd" };
const CHUNK_BYTES = 256 * 1024;
/** A window of 128 MiB, the largest that `zstd --long` uses without further options. */
const LIMITS = { zstdWindowLog: 27 };

/** Returns the content coding that a file's extension names; undefined if the file is not compressed. */
export function toCoding(file: string): Coding | undefined {
  return CODINGS[extname(file).toLowerCase()];
}

/**
 * Opens a file at an offset of its decompressed bytes in UTF-8. A compressed file, or one in another encoding, is read from its start;
 * bytes before the offset are dropped.
 * @throws TepalError INVALID_DATA from the iteration, if the file cannot be read or decompressed
 */
export function openInput(file: string, offset: number, encoding: TextEncoding = "utf-8"): Input {
  const coding = toCoding(file);
  const canSeek = coding === undefined && encoding === "utf-8";
  const start = canSeek ? offset : 0;
  const source = createReadStream(file, { highWaterMark: CHUNK_BYTES, start });
  const bytes =
    coding === undefined ? source : pipeline(source, createDecompressor(coding, LIMITS), () => {});

  async function* read(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of bytes) if (Buffer.isBuffer(chunk)) yield chunk;
    } catch (cause) {
      throw new TepalError("INVALID_DATA", `Cannot read ${file}: ${toMessage(cause)}`, { cause });
    } finally {
      source.destroy();
      bytes.destroy();
    }
  }
  const text = encoding === "utf-8" ? read() : toUtf8(read(), encoding);
  const chunks = canSeek ? text : drop(text, offset);
  return { chunks, bytesRead: () => start + source.bytesRead };
}

async function* drop(chunks: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let skip = bytes;
  for await (const chunk of chunks) {
    const kept = chunk.subarray(Math.min(skip, chunk.length));
    skip -= chunk.length - kept.length;
    if (kept.length > 0) yield kept;
  }
}
