/**
 * Finds the ends of records in bytes that arrive in chunks: lines that end with LF, CRLF or CR, and in CSV records with line ends inside
 * quoted cells (RFC 4180). It keeps no bytes. The result does not depend on the bounds of chunks.
 */
export interface RecordScanner {
  /**
   * Scans a chunk from `from` to the end of the unfinished record, or of the one that begins there.
   * @returns the index after the record's last byte, without its line end; −1 if the chunk ends first
   */
  find(bytes: Uint8Array, from: number): number;
  /**
   * Skips the records before the next quote that end in the chunk, much faster than `find` for each. To be called between records.
   * Leaves a CR at the end of the chunk to `find`.
   * @returns the next `from`; the same `from` if there are no such records
   */
  skip(bytes: Uint8Array, from: number): number;
  /** True if the record exceeds the limit. It then ends at the next line end, even inside quotes. */
  readonly isTooLong: boolean;
  /** Index in the chunk at which the record begins; `from` for a record that began in an earlier chunk. */
  readonly begin: number;
  /** The next `from` after a found record. */
  readonly next: number;
  /** The line on which the record begins; quoted line ends count, as in an editor. */
  readonly line: number;
  /** The line on which the next record begins. */
  readonly nextLine: number;
  /** True if a record has begun and not ended. */
  readonly isUnderWay: boolean;
}

export interface RecordScannerOptions {
  /** The byte between cells; null if quotes have no meaning (NDJSON). */
  readonly delimiter: number | null;
  /** Longest record, in bytes. */
  readonly maxBytes: number;
  /** Number of the first line. A byte-order mark may only precede line 1. @default 1 */
  readonly firstLine?: number;
}

const LF = 10;
const CR = 13;
const QUOTE = 34;
const SPACE = 32;
const TAB = 9;
const MARK = [0xef, 0xbb, 0xbf];

/** States of a cell: only blanks so far; unquoted; inside quotes; after a quote that may be the closing one. */
const [START, PLAIN, QUOTED, CLOSED] = [0, 1, 2, 3];

export function createRecordScanner(options: RecordScannerOptions): RecordScanner {
  const { maxBytes, firstLine = 1 } = options;
  const delimiter = options.delimiter ?? -1;
  const startState = options.delimiter === null ? PLAIN : START;
  let mayHaveMark = firstLine === 1;
  let state: number = startState;
  let isTooLong = false;
  let begin = 0;
  let next = 0;
  let line = firstLine;
  let nextLine = firstLine;
  /** Bytes of the record in earlier chunks. */
  let carried = 0;
  let isUnderWay = false;
  /** The last byte was a CR, so an LF that follows belongs to it. */
  let isAfterCr = false;

  function find(bytes: Uint8Array, from: number): number {
    const { length } = bytes;
    let at = from;
    if (!isUnderWay) {
      if (at >= length) {
        begin = at;
        return -1;
      }
      if (isAfterCr && bytes[at] === LF) at += 1;
      isUnderWay = true;
      isTooLong = false;
      state = startState;
      line = nextLine;
      nextLine = line + 1;
      carried = 0;
    }
    begin = at;
    // Quotes have no meaning in the rest of a record that is too long.
    let fresh: number = isTooLong ? PLAIN : startState;
    let stop = isTooLong ? length : Math.min(length, begin + maxBytes - carried + 1);
    for (;;) {
      for (; at < stop; at++) {
        const byte = bytes[at]!;
        if (state === QUOTED) {
          if (byte === QUOTE) state = CLOSED;
          else if (byte === CR || (byte === LF && !isAfterCr)) nextLine += 1;
          isAfterCr = byte === CR;
        } else if (byte > QUOTE) {
          if (byte === delimiter) state = fresh;
          else if (state !== PLAIN && !isMark(byte, carried + at - begin)) state = PLAIN;
        } else if (byte === LF || byte === CR) {
          isAfterCr = byte === CR;
          isUnderWay = false;
          mayHaveMark = false;
          next = at + 1;
          return at;
        } else if (byte === delimiter) state = fresh;
        else if (byte === QUOTE) {
          if (state !== PLAIN) {
            state = QUOTED;
            isAfterCr = false;
          }
        } else if (state !== PLAIN && ((byte !== SPACE && byte !== TAB) || state === CLOSED)) {
          state = PLAIN;
        }
      }
      if (stop === length) break;
      isTooLong = true;
      state = PLAIN;
      fresh = PLAIN;
      stop = length;
    }
    carried += length - begin;
    if (carried > maxBytes && !isTooLong) {
      isTooLong = true;
      state = PLAIN;
    }
    return -1;
  }

  function skip(bytes: Uint8Array, from: number): number {
    const quote = options.delimiter === null ? -1 : bytes.indexOf(QUOTE, from);
    let end = quote < 0 ? bytes.length - 1 : quote;
    if (bytes[end] === CR) end -= 1;
    while (end >= from && bytes[end] !== LF && bytes[end] !== CR) end -= 1;
    if (end < from || end - from > maxBytes) return from;
    // Counted in a local variable, which is faster.
    let lineEnds = bytes[from] === LF && isAfterCr ? -1 : 0;
    if (bytes.subarray(from, end + 1).includes(CR)) {
      for (let at = from; at <= end; at++) {
        const byte = bytes[at]!;
        if (byte === LF ? at === from || bytes[at - 1] !== CR : byte === CR) lineEnds += 1;
      }
    } else for (let at = from; at <= end; at++) if (bytes[at] === LF) lineEnds += 1;
    nextLine += lineEnds;
    isAfterCr = bytes[end] === CR;
    mayHaveMark = false;
    return end + 1;
  }

  function isMark(byte: number, offset: number): boolean {
    return mayHaveMark && byte === MARK[offset];
  }

  return {
    find,
    skip,
    get isTooLong() {
      return isTooLong;
    },
    get begin() {
      return begin;
    },
    get next() {
      return next;
    },
    get line() {
      return line;
    },
    get nextLine() {
      return nextLine;
    },
    get isUnderWay() {
      return isUnderWay;
    },
  };
}
