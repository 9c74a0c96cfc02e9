import type { ErrorCode } from "../kernel/errors.ts";
import { TepalError } from "../kernel/errors.ts";
import { findSeparator, toMissingSet } from "../tabular/csv.ts";
import type { DecimalMark } from "../tabular/tabular.ts";
import { checkHeader, parseHeader } from "./decode/csv-header.ts";
import {
  createCsvRecordDecoder,
  createJsonRecordDecoder,
  type RecordDecoder,
} from "./decode/decode-record.ts";
import { RecordReader } from "./decode/record-reader.ts";
import type { PredictorBase, RowFormat } from "./serving.ts";
import { WarningMap } from "./warnings.ts";

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

/** Decoded rows that have not been predicted yet. */
export interface RowGroup {
  /** Row-major, for as many rows as `lines` has. */
  readonly values: Float64Array;
  /** The line on which each row begins. */
  readonly lines: Float64Array;
  readonly count: number;
  readonly warnings: WarningMap;
}

/** Takes the rows of a stream in their order. */
export interface RowSink {
  /** Takes decoded rows, whose arrays are overwritten afterwards. */
  takeGroup(group: RowGroup): void;
  takeError(error: TepalError, line: number): void;
  /** True once a bad row has ended the stream. */
  readonly isStopped: boolean;
}

/** Longest record. Rows of wide tables have some hundred kilobytes. */
export const MAX_RECORD_BYTES = 1024 * 1024;
/** Rows per prediction call: enough to share the cost of a call, few enough to take about a millisecond. */
const GROUP_ROWS = 256;
/** Bounds groups of wide rows. */
const GROUP_VALUES = 32_768;

/** The first half of a row stream: reads records, decodes them, and passes on groups of rows, and errors. */
export class RowGroups {
  readonly #predictor: PredictorBase;
  readonly #options: RowStreamOptions;
  readonly #sink: RowSink;
  readonly #delimiter: string;
  readonly #missing: ReadonlySet<string>;
  readonly #reader: RecordReader;
  /** Undefined until the CSV header has been read. */
  #decoder: RecordDecoder | undefined;
  readonly #values: Float64Array;
  readonly #lines: Float64Array;
  /** Decoded rows of the group. */
  #count = 0;
  #warnings = new WarningMap();

  constructor(predictor: PredictorBase, options: RowStreamOptions, sink: RowSink) {
    const { input, delimiter = ",", firstLine = 1, header } = options;
    const { features, manifest } = predictor;
    this.#predictor = predictor;
    this.#options = options;
    this.#sink = sink;
    this.#delimiter = delimiter;
    this.#missing = toMissingSet(manifest.missing_values);
    this.#reader = new RecordReader({
      delimiter: input === "csv" ? delimiter.charCodeAt(0) : null,
      maxBytes: MAX_RECORD_BYTES,
      firstLine,
    });
    if (input === "ndjson") this.#decoder = createJsonRecordDecoder(features, this.#missing);
    else if (header !== undefined) {
      this.#decoder = this.#createCsvDecoder(header);
    }
    // A rejected row has to be found before the next row is recorded.
    const isOneByOne = options.onBadRow === "stop" && predictor.rejectsRows;
    const rows = isOneByOne ? 1 : toGroupRows(features.length);
    this.#values = new Float64Array(rows * features.length);
    this.#lines = new Float64Array(rows);
  }

  /** True once the CSV header has been read; for NDJSON, from the start. */
  get hasHeader(): boolean {
    return this.#decoder !== undefined;
  }

  /** @throws TepalError INVALID_INPUT if rows below the CSV header cannot be read, or if the header is too long */
  push(bytes: Buffer): void {
    if (!this.#sink.isStopped) this.#reader.push(bytes, this.#handleRecord);
    // The end of such a header may be far away, or never come.
    if (this.#decoder === undefined && this.#reader.isTooLong) throw tooLong("header");
    this.#passGroup();
  }

  /** To be called at the end of the input. @throws TepalError as `push` */
  end(): void {
    if (!this.#sink.isStopped) {
      this.#reader.end(this.#handleRecord);
      if (this.#decoder === undefined) parseHeader(undefined, this.#delimiter);
    }
    this.#passGroup();
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
    const sink = this.#sink;
    const error = isTooLong
      ? tooLong(this.#options.input === "csv" ? "row" : "line")
      : decoder.decode(bytes, begin, end, this.#values, this.#count, this.#warnings);
    if (error === undefined) {
      this.#lines[this.#count] = this.#reader.line;
      this.#count += 1;
      if (this.#count === this.#lines.length) this.#passGroup();
    } else {
      const { line } = this.#reader;
      this.#passGroup();
      if (!sink.isStopped) sink.takeError(error, line);
    }
    return !sink.isStopped;
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

  #passGroup(): void {
    const count = this.#count;
    if (count === 0) return;
    const warnings = this.#warnings;
    this.#count = 0;
    this.#warnings = new WarningMap();
    this.#sink.takeGroup({ values: this.#values, lines: this.#lines, count, warnings });
  }
}

function toGroupRows(width: number): number {
  return Math.max(1, Math.min(GROUP_ROWS, Math.floor(GROUP_VALUES / width)));
}

function tooLong(noun: string): TepalError {
  const message = `The ${noun} is longer than ${MAX_RECORD_BYTES} bytes.`;
  return new TepalError("INVALID_INPUT", message);
}
