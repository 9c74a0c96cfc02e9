/**
 * Finds where records end in bytes that come in pieces: lines that end in LF, CRLF or CR, and, in CSV, records whose
 * quoted cells hold line ends (RFC 4180). It keeps no bytes. Where the pieces are cut makes no difference.
 */
export interface RecordScanner {
  /**
   * Goes on in a piece to the end of the record that is under way, or that begins at `from`.
   * @returns the index behind the record's last byte, its line end left out; −1 when the piece ends first
   */
  find(bytes: Uint8Array, from: number): number;
  /** The record is longer than the limit: it ends at the next line end, whether or not a quote is open. */
  readonly isTooLong: boolean;
  /** Where the record begins in the piece; where the piece begins when the record is carried over. */
  readonly begin: number;
  /** Where to go on after a record that was found. */
  readonly next: number;
  /** The line on which the record begins; quoted line ends count, as in an editor. */
  readonly line: number;
  /** The line on which the record behind this one begins. */
  readonly nextLine: number;
  /** Whether a record has begun and not ended. */
  readonly isUnderWay: boolean;
}

export interface RecordScannerOptions {
  /** The byte that separates cells; null when quotes mean nothing (NDJSON). */
  readonly delimiter: number | null;
  /** Longest record, in bytes. */
  readonly maxBytes: number;
  /** Number of the first line; 1 where an input begins, and only there may a byte-order mark stand. */
  readonly firstLine?: number;
}

const LF = 10;
const CR = 13;
const QUOTE = 34;
const SPACE = 32;
const TAB = 9;
const MARK = [0xef, 0xbb, 0xbf];

/** Of a cell: nothing but blanks so far; without quotes; in quotes; behind what may be the closing quote. */
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
  /** Bytes of the record in earlier pieces. */
  let carried = 0;
  let isUnderWay = false;
  /** The last byte was a CR, so that an LF now belongs to it. */
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
    // In a record that is given up, quotes mean nothing more.
    let fresh: number = isTooLong ? PLAIN : startState;
    let stop = isTooLong ? length : Math.min(length, begin + maxBytes - carried + 1);
    for (;;) {
      for (; at < stop; at++) {
        const byte = bytes[at] as number;
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

  function isMark(byte: number, offset: number): boolean {
    return mayHaveMark && byte === MARK[offset];
  }

  return {
    find,
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
