import { TepalError } from "../kernel/errors.ts";
import { toEncodingAdvice } from "../kernel/text-encoding.ts";
import { parseHeader } from "../serving/decode/csv-header.ts";
import { MAX_RECORD_BYTES } from "../serving/row-groups.ts";
import type { RowFormat } from "../serving/serving.ts";
import { findSeparator } from "../tabular/csv.ts";
import { createRecordScanner, type RecordScanner } from "../tabular/record-scanner.ts";
import type { Block } from "./scoring.ts";

export interface CutOptions {
  readonly input: RowFormat;
  readonly delimiter: string;
  /** Byte offset of the first chunk in the decompressed input. */
  readonly offset: number;
  /** Line number at that offset, from 1. */
  readonly line: number;
  /** Minimum size of a block. Default: 512 KiB. */
  readonly blockBytes?: number;
  /** Returns memory for a block. Default: a new array. */
  allocate?(size: number): Uint8Array<ArrayBuffer>;
}

const BLOCK_BYTES = 512 * 1024;
const EMPTY = new Uint8Array(0);
const [LF, CR] = [10, 13];

/**
 * Splits an input into blocks at record boundaries. Of a record that exceeds the size limit, a block keeps only as many
 * bytes as are needed to reject it, so memory stays bounded.
 */
export async function* cutBlocks(
  chunks: AsyncIterable<Buffer>,
  {
    input,
    delimiter,
    offset,
    line,
    blockBytes = BLOCK_BYTES,
    allocate = (size) => new Uint8Array(size),
  }: CutOptions,
): AsyncGenerator<Block> {
  const scanner = createRecordScanner({
    delimiter: input === "csv" ? delimiter.charCodeAt(0) : null,
    maxBytes: MAX_RECORD_BYTES,
    firstLine: line,
  });
  /** Memory of the current block, of which `size` bytes are used. */
  let block = EMPTY;
  let size = 0;
  /** First line of the current block. */
  let firstLine = line;
  let read = offset;

  function add(bytes: Uint8Array): void {
    if (size + bytes.length > block.length) {
      const larger = allocate(Math.max(2 * blockBytes, 2 * (size + bytes.length)));
      larger.set(block.subarray(0, size));
      block = larger;
    }
    block.set(bytes, size);
    size += bytes.length;
  }

  for await (const chunk of chunks) {
    const wasTooLong = scanner.isUnderWay && scanner.isTooLong;
    const cut = findLastCut(scanner, chunk);
    if (cut !== undefined && size + cut.at >= blockBytes) {
      add(chunk.subarray(0, cut.at));
      const end = { offset: read + cut.at, line: cut.line };
      yield { bytes: block.subarray(0, size), line: firstLine, end };
      block = EMPTY;
      size = 0;
      add(chunk.subarray(cut.at));
      firstLine = cut.line;
    } else if (!(wasTooLong && cut === undefined && scanner.isTooLong && scanner.isUnderWay)) {
      add(chunk);
    }
    read += chunk.length;
  }
  if (size > 0) {
    const end = { offset: read, line: scanner.nextLine };
    yield { bytes: block.subarray(0, size), line: firstLine, end };
  }
}

/**
 * Finds the last record boundary in a chunk.
 * @returns the offset after the line ending and the number of the line that follows; undefined if no record ends here
 */
function findLastCut(
  scanner: RecordScanner,
  chunk: Buffer,
): { readonly at: number; readonly line: number } | undefined {
  let cut: { at: number; line: number } | undefined;
  for (let from = 0; scanner.find(chunk, from) >= 0;) {
    from = scanner.skip(chunk, scanner.next);
    const isCr = chunk[from - 1] === CR;
    // A CR at the end of the chunk may be half of a CRLF; only the next chunk shows it.
    if (isCr && from === chunk.length) break;
    const at = isCr && chunk[from] === LF ? from + 1 : from;
    cut = { at, line: scanner.nextLine };
  }
  return cut;
}

/**
 * Reads the header of a CSV input. Skips a byte order mark and blank lines before it.
 * @returns the column names, and the byte offset and line number of the first row
 * @throws TepalError INVALID_INPUT if the header is missing or too long
 */
export async function readHeader(
  chunks: AsyncIterable<Buffer>,
  delimiter: string,
): Promise<{ readonly header: string[]; readonly offset: number; readonly line: number }> {
  // The smallest blocks suffice: the first one with content starts with the header.
  const options = { input: "csv", delimiter, offset: 0, line: 1, blockBytes: 1 } as const;
  let base = 0;
  for await (const { bytes, line, end: blockEnd } of cutBlocks(chunks, options)) {
    const scanner = createRecordScanner({
      delimiter: delimiter.charCodeAt(0),
      maxBytes: MAX_RECORD_BYTES,
      firstLine: line,
    });
    const hasByteOrderMark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf;
    let from = base === 0 && hasByteOrderMark ? 3 : 0;
    for (;;) {
      const end = scanner.find(bytes, from);
      const { begin } = scanner;
      const record = Buffer.from(
        bytes.buffer,
        bytes.byteOffset + begin,
        (end < 0 ? bytes.length : end) - begin,
      );
      const isCrLf = end >= 0 && bytes[end] === CR && bytes[end + 1] === LF;
      const next = end < 0 ? bytes.length : scanner.next + (isCrLf ? 1 : 0);
      if (scanner.isTooLong) {
        const limit = `${MAX_RECORD_BYTES} bytes`;
        throw new TepalError("INVALID_INPUT", `The header is longer than ${limit}.`);
      }
      const text = record.toString("latin1");
      if (!/^[ \t]*$/.test(text) && findSeparator(text) === undefined) {
        return {
          header: parseHeader(record, delimiter, toEncodingAdvice),
          offset: base + next,
          line: scanner.nextLine,
        };
      }
      if (end < 0) break;
      from = next;
    }
    base = blockEnd.offset;
  }
  return { header: parseHeader(undefined, delimiter), offset: 0, line: 1 };
}
