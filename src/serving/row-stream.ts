import { TepalError, type ErrorCode } from "../kernel/errors.ts";
import { checkHeader, parseHeader } from "./decode/csv-header.ts";
import {
  createCsvRecordDecoder,
  createJsonRecordDecoder,
  type RecordDecoder,
} from "./decode/decode-record.ts";
import { RecordReader } from "./decode/record-reader.ts";
import { createRowWriter, type RowWriter } from "./encode/row-writer.ts";
import type { Predictor, RowFormat } from "./serving.ts";
import { WarningMap } from "./warnings.ts";
import { findSeparator, toMissingSet } from "../tabular/csv.ts";
import type { DecimalMark } from "../tabular/tabular.ts";

export interface RowStreamOptions {
  readonly input: RowFormat;
  readonly output: RowFormat;
  /** Effect of a bad row, besides its error line: `skip` continues with the next row, `stop` ends the stream after that line. */
  readonly onBadRow: "skip" | "stop";
  /** Separator of cells in a CSV input: one ASCII character. @default "," */
  readonly delimiter?: string;
  /** Decimal mark of a CSV input. @default "point" */
  readonly decimal?: DecimalMark;
  /** Number of the first line, for a part of a larger input. @default 1 */
  readonly firstLine?: number;
  /** Header of a larger CSV input, for a part of it that has none. */
  readonly header?: readonly string[];
  /** Leaves out the header of a CSV output, for a part of a larger output. @default false */
  readonly omitHeader?: boolean;
  /** Called with the error code of each bad row. */
  readonly onError?: (code: ErrorCode) => void;
}

/** Row counts of a stream. */
export interface RowCounts {
  /** Good and bad rows. */
  rows: number;
  bad: number;
  /** Predicted rows with a p-value at or below α. */
  outliers: number;
  /** Predicted rows that could not be compared with the training data. */
  unchecked: number;
}

/**
 * Turns the bytes of an input into the lines of its predictions, in chunks of any size, and buffers at most one record of a mebibyte. The
 * output has one line per row, in order: its prediction, or its error.
 */
export interface RowStream {
  /**
   * Predicts all rows that these bytes complete. Returns nothing before the input is understood, however it is cut into chunks: its CSV
   * header, and with `stop` or for NDJSON its first row.
   * @throws TepalError INVALID_INPUT if rows below the CSV header cannot be read, or if the header is too long
   */
  push(bytes: Buffer): string;
  /** Predicts the rest at the end of the input. @throws TepalError as `push` */
  end(): string;
  /** True once a bad row has ended the stream. Further bytes are ignored. */
  readonly isStopped: boolean;
  readonly counts: Readonly<RowCounts>;
  /** The error of the first row, if that row has ended the stream. */
  readonly firstError: TepalError | undefined;
}

/** Longest record. Rows of wide tables have some hundred kilobytes. */
export const MAX_RECORD_BYTES = 1024 * 1024;
/** Rows per prediction call: enough to share the cost of a call, few enough to take about a millisecond. */
const GROUP_ROWS = 256;
/** Bounds groups of wide rows. */
const GROUP_VALUES = 32_768;

export function createRowStream(predictor: Predictor, options: RowStreamOptions): RowStream {
  return new PredictingStream(predictor, options);
}

/** The steps of a stream: read records → decode → predict a group (check, infer, record) → encode. */
class PredictingStream implements RowStream {
  readonly counts: RowCounts = { rows: 0, bad: 0, outliers: 0, unchecked: 0 };
  isStopped = false;
  firstError: TepalError | undefined;

  readonly #predictor: Predictor;
  readonly #options: RowStreamOptions;
  readonly #delimiter: string;
  readonly #missing: ReadonlySet<string>;
  readonly #reader: RecordReader;
  readonly #writer: RowWriter;
  /** Undefined until the CSV header has been read. */
  #decoder: RecordDecoder | undefined;
  readonly #group: RowGroup;
  #output: string;

  constructor(predictor: Predictor, options: RowStreamOptions) {
    const { input, delimiter = ",", firstLine = 1, header } = options;
    const { features, manifest } = predictor;
    this.#predictor = predictor;
    this.#options = options;
    this.#delimiter = delimiter;
    this.#missing = toMissingSet(manifest.missing_values);
    this.#reader = new RecordReader({
      delimiter: input === "csv" ? delimiter.charCodeAt(0) : null,
      maxBytes: MAX_RECORD_BYTES,
      firstLine,
    });
    this.#writer = createRowWriter(predictor, options.output);
    if (input === "ndjson") this.#decoder = createJsonRecordDecoder(features, this.#missing);
    else if (header !== undefined) {
      this.#decoder = this.#createCsvDecoder(header);
    }
    // A rejected row has to be found before the next row is recorded.
    const isOneByOne = options.onBadRow === "stop" && predictor.rejectsRows;
    this.#group = createRowGroup(isOneByOne ? 1 : toGroupRows(features.length), features.length);
    this.#output = options.omitHeader === true ? "" : this.#writer.header;
  }

  push(bytes: Buffer): string {
    if (!this.isStopped) this.#reader.push(bytes, this.#handleRecord);
    // The end of such a header may be far away, or never come.
    if (this.#decoder === undefined && this.#reader.isTooLong) throw tooLong("header");
    this.#predictGroup();
    return this.#isUnderstood() ? this.#takeOutput() : "";
  }

  end(): string {
    if (!this.isStopped) {
      this.#reader.end(this.#handleRecord);
      if (this.#decoder === undefined) parseHeader(undefined, this.#delimiter);
    }
    this.#predictGroup();
    return this.#takeOutput();
  }

  readonly #handleRecord = (
    bytes: Buffer,
    begin: number,
    end: number,
    isTooLong: boolean,
  ): boolean => {
    const decoder = this.#decoder;
    if (decoder === undefined) {
      this.#readHeader(bytes.subarray(begin, end), isTooLong);
      return true;
    }
    this.counts.rows += 1;
    const group = this.#group;
    const error = isTooLong
      ? tooLong(this.#options.input === "csv" ? "row" : "line")
      : decoder.decode(bytes, begin, end, group.values, group.count, group.warnings);
    if (error === undefined) {
      group.lines[group.count] = this.#reader.line;
      group.count += 1;
      if (group.count === group.lines.length) this.#predictGroup();
    } else {
      const { line } = this.#reader;
      this.#predictGroup();
      if (!this.isStopped) this.#writeError(error, line);
    }
    return !this.isStopped;
  };

  #readHeader(record: Buffer, isTooLong: boolean): void {
    if (isTooLong) throw tooLong("header");
    if (findSeparator(record.toString("latin1")) !== undefined) return;
    const header = parseHeader(record, this.#delimiter);
    checkHeader(this.#predictor.features, header, this.#delimiter);
    this.#decoder = this.#createCsvDecoder(header);
  }

  #createCsvDecoder(header: readonly string[]): RecordDecoder {
    const { features } = this.#predictor;
    const { decimal } = this.#options;
    return createCsvRecordDecoder(features, header, this.#delimiter, decimal, this.#missing);
  }

  /** Checks, predicts and records the decoded rows, and encodes their predictions. */
  #predictGroup(): void {
    const { values, lines, count, warnings } = this.#group;
    if (count === 0) return;
    this.#group.count = 0;
    this.#group.warnings = new WarningMap();
    const predictions = this.#predictor.predictRows(values, count, warnings);
    const { rejected, pValues } = predictions;
    const { alpha, hasGuard } = this.#predictor;
    for (let row = 0; row < count; row++) {
      const reason = rejected?.get(row);
      if (reason !== undefined) {
        this.#writeError(new TepalError(reason.code, reason.message), lines[row]!);
        continue;
      }
      const pValue = pValues[row]!;
      if (pValue <= alpha) this.counts.outliers += 1;
      if (hasGuard && Number.isNaN(pValue)) this.counts.unchecked += 1;
      this.#output += this.#writer.encodeRow(predictions, row, lines[row]!);
    }
  }

  #writeError(error: TepalError, line: number): void {
    this.#output += this.#writer.encodeError(error, line);
    this.counts.bad += 1;
    this.isStopped = this.#options.onBadRow === "stop";
    this.#options.onError?.(error.code);
    if (!this.isStopped) return;
    if (this.counts.rows === 1) this.firstError = error;
  }

  #isUnderstood(): boolean {
    const { input, onBadRow } = this.#options;
    const needsRow = input === "ndjson" || onBadRow === "stop";
    return this.#decoder !== undefined && (!needsRow || this.counts.rows > 0);
  }

  #takeOutput(): string {
    const output = this.#output;
    this.#output = "";
    return output;
  }
}

/** Decoded rows that have not been predicted yet. */
interface RowGroup {
  /** Row-major, for as many rows as `lines` has. */
  readonly values: Float64Array;
  /** The line on which each row begins. */
  readonly lines: Float64Array;
  count: number;
  warnings: WarningMap;
}

function createRowGroup(rows: number, width: number): RowGroup {
  return {
    values: new Float64Array(rows * width),
    lines: new Float64Array(rows),
    count: 0,
    warnings: new WarningMap(),
  };
}

function toGroupRows(width: number): number {
  return Math.max(1, Math.min(GROUP_ROWS, Math.floor(GROUP_VALUES / width)));
}

function tooLong(noun: string): TepalError {
  const message = `The ${noun} is longer than ${MAX_RECORD_BYTES} bytes.`;
  return new TepalError("INVALID_INPUT", message);
}
