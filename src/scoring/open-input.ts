import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { extname } from "node:path";
import { pipeline } from "node:stream";
import { TepalError, toMessage } from "../kernel/errors.ts";
import { createDecompressor, type Coding } from "../kernel/decompress.ts";
import { toUtf8, type TextEncoding } from "../kernel/text-encoding.ts";

/** The decompressed bytes of a file, in UTF-8, from an offset to its end. */
export interface Input {
  /** Each chunk is valid until the next one is requested: its memory is reused. */
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
  let bytesRead = (): number => start;

  /** Reads the file as on disk. Reads ahead by one chunk. */
  async function* readPlain(): AsyncGenerator<Buffer> {
    const handle = await open(file);
    let position = start;
    bytesRead = () => position;
    try {
      const [first, second] = [createChunk(), createChunk()];
      const fill = async (chunk: Buffer): Promise<Buffer> => {
        const { bytesRead: size } = await handle.read(chunk, 0, chunk.length, position);
        position += size;
        return chunk.subarray(0, size);
      };
      let chunk = await fill(first);
      for (let isFirst = true; chunk.length > 0; isFirst = !isFirst) {
        const next = fill(isFirst ? second : first);
        // It may reject before it is awaited.
        next.catch(() => {});
        yield chunk;
        chunk = await next;
      }
    } finally {
      // After the read in progress.
      await handle.close();
    }
  }

  async function* readCompressed(compression: Coding): AsyncGenerator<Buffer> {
    const source = createReadStream(file, { highWaterMark: CHUNK_BYTES });
    bytesRead = () => source.bytesRead;
    const bytes = pipeline(source, createDecompressor(compression, LIMITS), () => {});
    try {
      for await (const chunk of bytes) if (Buffer.isBuffer(chunk)) yield chunk;
    } finally {
      source.destroy();
      bytes.destroy();
    }
  }

  async function* read(): AsyncGenerator<Buffer> {
    try {
      yield* coding === undefined ? readPlain() : readCompressed(coding);
    } catch (cause) {
      throw new TepalError("INVALID_DATA", `Cannot read ${file}: ${toMessage(cause)}`, { cause });
    }
  }
  const text = encoding === "utf-8" ? read() : toUtf8(read(), encoding);
  const chunks = canSeek ? text : drop(text, offset);
  return { chunks, bytesRead: () => bytesRead() };
}

/** Creates memory for a chunk, outside of the pool that small buffers share. */
function createChunk(): Buffer {
  return Buffer.allocUnsafeSlow(CHUNK_BYTES);
}

async function* drop(chunks: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let skip = bytes;
  for await (const chunk of chunks) {
    const kept = chunk.subarray(Math.min(skip, chunk.length));
    skip -= chunk.length - kept.length;
    if (kept.length > 0) yield kept;
  }
}
