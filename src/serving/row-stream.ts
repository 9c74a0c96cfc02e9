import { isUtf8 } from "node:buffer";
import { TepalError, type ErrorCode } from "../kernel/errors.ts";
import { createCsvRowCodec, findHeaderProblems, splitRecord } from "../tabular/csv-row.ts";
import { ProblemList } from "../tabular/decode-row.ts";
import { createRecordScanner } from "../tabular/record-scanner.ts";
import type { Feature } from "../tabular/tabular.ts";
import { toInputError } from "./decode/decode-body.ts";
import { createJsonRowDecoder } from "./decode/decode-json-row.ts";
import { createRowWriter, type RowFormat } from "./encode/row-writer.ts";
import type { Predictor } from "./serving.ts";
import { WarningMap } from "./warnings.ts";

export interface RowStreamOptions {
  readonly input: RowFormat;
  readonly output: RowFormat;
  /** What a row that cannot be used does, besides having its line: nothing, or end the stream behind that line. */
  readonly onBadRow: "skip" | "stop";
  /** Between the cells of a CSV input: one ASCII character. Default: a comma. */
  readonly delimiter?: string;
  /** For a piece of a larger input: the number of its first line. Default 1. */
  readonly firstLine?: number;
  /** For a piece of a larger CSV input: its header, which the piece itself then lacks. */
  readonly header?: readonly string[];
  /** Whether what comes out is a piece of something larger, and so has no header of its own. */
  readonly isPiece?: boolean;
  /** Told the error of each bad row. */
  readonly onError?: (code: ErrorCode) => void;
}

/** How many rows a stream has had. */
export interface RowCounts {
  /** All that came, good and bad. */
  rows: number;
  bad: number;
  /** Predicted rows that the p-value flags. */
  outliers: number;
}

/**
 * Turns the bytes of an input into the text of its predictions, in whatever pieces they come, keeping no more than a
 * record of at most a mebibyte. Every row has one line in what comes out, in order: its prediction, or what is wrong with
 * it.
 */
export interface RowStream {
  /**
   * Predicts all rows that are complete with these bytes.
   * @throws TepalError INVALID_INPUT when rows cannot be read below the CSV header
   */
  push(bytes: Buffer): string;
  /** The rest, when no more bytes come. @throws TepalError like `push` */
  end(): string;
  /** Whether a bad row has ended it; what is pushed then is ignored. */
  readonly isStopped: boolean;
  readonly counts: Readonly<RowCounts>;
  /** The error of the first row, when it is a bad one that has ended the stream. */
  readonly firstError: TepalError | undefined;
}

/** The longest record: wide tables have rows of some hundred kilobytes. */
export const MAX_RECORD_BYTES = 1024 * 1024;
/** Rows that are predicted in one go: enough to share the costs of a call, few enough to be done in about a millisecond. */
const GROUP_ROWS = 256;
const MAX_LISTED = 10;
/** Wide rows go in smaller groups. */
const GROUP_VALUES = 32_768;

export function createRowStream(predictor: Predictor, options: RowStreamOptions): RowStream {
  const { input, onBadRow, delimiter = ",", onError } = options;
  const { features } = predictor.manifest;
  const width = features.length;
  const writer = createRowWriter(predictor, options.output);
  const kind = input === "csv" ? "column" : undefined;
  const scanner = createRecordScanner({
    delimiter: input === "csv" ? delimiter.charCodeAt(0) : null,
    maxBytes: MAX_RECORD_BYTES,
    firstLine: options.firstLine ?? 1,
  });
  // A row that the policy refuses must be known to be bad before the next one is counted.
  const groupRows = onBadRow === "stop" && predictor.refusesOutliers ? 1 : toGroupRows(width);
  const values = new Float64Array(groupRows * width);
  const lines = new Float64Array(groupRows);
  const counts: RowCounts = { rows: 0, bad: 0, outliers: 0 };
  let problems = new ProblemList(kind);
  const decoder = createJsonRowDecoder(features);
  let codec =
    options.header === undefined
      ? undefined
      : createCsvRowCodec(features, options.header, delimiter);
  let warnings = new WarningMap();
  let good = 0;
  let out = options.isPiece === true ? "" : writer.header;
  let isStopped = false;
  let firstError: TepalError | undefined;
  let mayHaveMark = (options.firstLine ?? 1) === 1;
  let kept = Buffer.alloc(0);
  let keptBytes = 0;

  /** Predicts the rows that wait. */
  function flush(): void {
    if (good === 0) return;
    const count = good;
    good = 0;
    const predictions = predictor.predictRows(values, count, warnings);
    const { refused, pValues } = predictions;
    for (let row = 0; row < count; row++) {
      const reason = refused?.get(row);
      const line = lines[row] ?? 0;
      if (reason !== undefined) {
        writeError(new TepalError("OUT_OF_DISTRIBUTION", reason), line);
        continue;
      }
      if ((pValues[row] ?? 1) <= predictor.alpha) counts.outliers += 1;
      out += writer.encodeRow(predictions, row, line);
    }
    warnings = new WarningMap();
  }

  function writeError(error: TepalError, line: number): void {
    out += writer.encodeError(error, line);
    onError?.(error.code);
    counts.bad += 1;
    if (onBadRow === "skip") return;
    isStopped = true;
    if (counts.rows === 1) firstError = error;
  }

  function take(bytes: Buffer, start: number, end: number): void {
    let begin = start;
    if (mayHaveMark) {
      mayHaveMark = false;
      if (hasMark(bytes, begin, end)) begin += 3;
    }
    const isTable = input === "csv";
    if (isBlank(bytes, begin, end) && !scanner.isTooLong) return;
    if (isTable && codec === undefined) {
      if (scanner.isTooLong) throw new TepalError("INVALID_INPUT", tellTooLong("The header"));
      const header = parseHeader(bytes.subarray(begin, end), delimiter);
      checkHeader(features, header);
      codec = createCsvRowCodec(features, header, delimiter);
      return;
    }
    counts.rows += 1;
    const { line } = scanner;
    let error: TepalError | undefined;
    if (scanner.isTooLong) {
      error = new TepalError("INVALID_INPUT", tellTooLong(isTable ? "The row" : "The line"));
    } else if (codec !== undefined) {
      codec.decode(bytes, begin, end, values, good * width, problems);
    } else {
      error = decoder.decode(bytes, begin, end, values, good, warnings, problems);
    }
    if (problems.total > 0) {
      error = toRowError(problems);
      problems = new ProblemList(kind);
    }
    if (error === undefined) {
      lines[good] = line;
      good += 1;
      if (good === groupRows) flush();
    } else {
      flush();
      if (!isStopped) writeError(error, line);
    }
  }

  function keep(bytes: Buffer, begin: number, end: number): void {
    const length = end - begin;
    if (keptBytes + length > kept.length) {
      const larger = Buffer.allocUnsafe(Math.max(keptBytes + length, 2 * kept.length, 256));
      kept.copy(larger, 0, 0, keptBytes);
      kept = larger;
    }
    bytes.copy(kept, keptBytes, begin, end);
    keptBytes += length;
  }

  function drop(): void {
    keptBytes = 0;
    if (kept.length > 64 * 1024) kept = Buffer.alloc(0);
  }

  function read(): string {
    const text = out;
    out = "";
    return text;
  }

  return {
    push(bytes) {
      let from = 0;
      for (;;) {
        if (isStopped) break;
        const end = scanner.find(bytes, from);
        const { begin } = scanner;
        if (scanner.isTooLong) drop();
        else if (end < 0 || keptBytes > 0) keep(bytes, begin, end < 0 ? bytes.length : end);
        if (end < 0) break;
        from = scanner.next;
        if (scanner.isTooLong) take(bytes, end, end);
        else if (keptBytes > 0) {
          const length = keptBytes;
          keptBytes = 0;
          take(kept, 0, length);
        } else take(bytes, begin, end);
      }
      flush();
      return read();
    },

    end() {
      if (!isStopped) {
        if (scanner.isUnderWay) take(kept, 0, keptBytes);
        if (input === "csv" && codec === undefined) parseHeader(undefined, delimiter);
      }
      drop();
      flush();
      return read();
    },

    get isStopped() {
      return isStopped;
    },
    counts,
    get firstError() {
      return firstError;
    },
  };
}

/**
 * The names of the columns.
 * @param bytes the first record without its line end; undefined when there is none
 * @throws TepalError INVALID_INPUT
 */
export function parseHeader(bytes: Buffer | undefined, delimiter: string): string[] {
  const wanted = "a CSV header that names the columns is expected";
  if (bytes === undefined) throw new TepalError("INVALID_INPUT", `There are no rows; ${wanted}`);
  if (!isUtf8(bytes)) {
    throw new TepalError("INVALID_INPUT", `The first line is not UTF-8 text; ${wanted}`);
  }
  const { cells, fault } = splitRecord(bytes.toString("utf8"), delimiter);
  if (fault === undefined) return cells;
  throw new TepalError("INVALID_INPUT", `The header ${fault}`);
}

/**
 * Makes sure that rows can be read below a header.
 * @throws TepalError INVALID_INPUT
 */
export function checkHeader(features: readonly Feature[], header: readonly string[]): void {
  const problems = findHeaderProblems(features, header);
  if (problems.length === 0) return;
  const listed = problems.slice(0, MAX_LISTED).map(({ at, message }) => `${at} ${message}`);
  if (problems.length > MAX_LISTED) listed.push("…");
  throw new TepalError(
    "INVALID_INPUT",
    `The CSV header does not fit the model: ${listed.join("; ")}`,
    {
      problems: problems.slice(0, 100),
    },
  );
}

function toRowError(list: ProblemList): TepalError {
  const [first] = list.problems;
  const isWhole = list.total === 1 && first?.at === "";
  return isWhole ? new TepalError("INVALID_INPUT", `The row ${first.message}`) : toInputError(list);
}

function tellTooLong(what: string): string {
  return `${what} has more than ${MAX_RECORD_BYTES} bytes`;
}

function toGroupRows(width: number): number {
  return Math.max(1, Math.min(GROUP_ROWS, Math.floor(GROUP_VALUES / width)));
}

function hasMark(bytes: Buffer, begin: number, end: number): boolean {
  return (
    end - begin >= 3 &&
    bytes[begin] === 0xef &&
    bytes[begin + 1] === 0xbb &&
    bytes[begin + 2] === 0xbf
  );
}

function isBlank(bytes: Buffer, begin: number, end: number): boolean {
  for (let at = begin; at < end; at++) {
    const byte = bytes[at];
    if (byte !== 32 && byte !== 9) return false;
  }
  return true;
}
