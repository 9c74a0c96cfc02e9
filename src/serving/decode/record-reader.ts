import { createRecordScanner, type RecordScanner } from "../../tabular/record-scanner.ts";

export interface RecordReaderOptions {
  /** The byte between cells of CSV; null for NDJSON, in which quotes have no meaning. */
  readonly delimiter: number | null;
  /** Longest record in bytes. */
  readonly maxBytes: number;
  /** Number of the first line. A byte-order mark may only precede line 1. */
  readonly firstLine: number;
}

/**
 * Takes a record, `bytes[begin] … bytes[end − 1]` without its line end. Empty if it is too long.
 * @returns false to stop reading
 */
type RecordHandler = (bytes: Buffer, begin: number, end: number, isTooLong: boolean) => boolean;

/** Larger buffers are not kept for the next record. */
const KEPT_BYTES = 64 * 1024;
const FIRST_BYTES = 256;

/**
 * Cuts bytes that arrive in chunks into records, without copying those that are complete in a chunk. Blank records and a byte-order mark
 * are left out.
 */
export class RecordReader {
  readonly #scanner: RecordScanner;
  /** Start of the unfinished record, from earlier chunks. */
  #carried = Buffer.alloc(0);
  #carriedBytes = 0;
  #mayHaveMark: boolean;

  constructor(options: RecordReaderOptions) {
    this.#scanner = createRecordScanner(options);
    this.#mayHaveMark = options.firstLine === 1;
  }

  /** The line on which the handled record begins. */
  get line(): number {
    return this.#scanner.line;
  }

  /** True if the unfinished record is already longer than `maxBytes`. */
  get isTooLong(): boolean {
    return this.#scanner.isUnderWay && this.#scanner.isTooLong;
  }

  /** Handles every record that these bytes complete. */
  push(bytes: Buffer, handle: RecordHandler): void {
    const scanner = this.#scanner;
    let from = 0;
    for (;;) {
      const end = scanner.find(bytes, from);
      const { begin, isTooLong } = scanner;
      if (isTooLong) this.#drop();
      else if (end < 0 || this.#carriedBytes > 0) {
        this.#carry(bytes, begin, end < 0 ? bytes.length : end);
      }
      if (end < 0) return;
      from = scanner.next;
      const isWanted = isTooLong
        ? this.#emit(bytes, end, end, handle)
        : this.#carriedBytes > 0
          ? this.#emitCarried(handle)
          : this.#emit(bytes, begin, end, handle);
      if (!isWanted) return;
    }
  }

  /** Handles the last record, if the input does not end with a line end. */
  end(handle: RecordHandler): void {
    if (this.#scanner.isUnderWay) this.#emitCarried(handle);
    this.#drop();
  }

  #emitCarried(handle: RecordHandler): boolean {
    const length = this.#carriedBytes;
    this.#carriedBytes = 0;
    return this.#emit(this.#carried, 0, length, handle);
  }

  #emit(bytes: Buffer, start: number, end: number, handle: RecordHandler): boolean {
    const begin = this.#mayHaveMark && hasMark(bytes, start, end) ? start + MARK.length : start;
    this.#mayHaveMark = false;
    const { isTooLong } = this.#scanner;
    if (!isTooLong && isBlank(bytes, begin, end)) return true;
    return handle(bytes, begin, end, isTooLong);
  }

  #carry(bytes: Buffer, begin: number, end: number): void {
    const needed = this.#carriedBytes + end - begin;
    if (needed > this.#carried.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#carried.length, FIRST_BYTES));
      this.#carried.copy(larger, 0, 0, this.#carriedBytes);
      this.#carried = larger;
    }
    bytes.copy(this.#carried, this.#carriedBytes, begin, end);
    this.#carriedBytes = needed;
  }

  #drop(): void {
    this.#carriedBytes = 0;
    if (this.#carried.length > KEPT_BYTES) this.#carried = Buffer.alloc(0);
  }
}

/** The UTF-8 byte-order mark. */
const MARK = [0xef, 0xbb, 0xbf];

function hasMark(bytes: Buffer, begin: number, end: number): boolean {
  return end - begin >= MARK.length && MARK.every((byte, i) => bytes[begin + i] === byte);
}

const [TAB, SPACE] = [9, 32];

function isBlank(bytes: Buffer, begin: number, end: number): boolean {
  for (let at = begin; at < end; at++) {
    const byte = bytes[at];
    if (byte !== SPACE && byte !== TAB) return false;
  }
  return true;
}
