import { TepalError } from "../kernel/errors.ts";
import { ByteWriter } from "./encode/byte-writer.ts";
import { createRowWriter, type RowWriter } from "./encode/row-writer.ts";
import type { RowStreamOptions } from "./row-groups.ts";
import type { PredictorBase, StreamPredictions } from "./serving.ts";

const NO_BYTES = Buffer.alloc(0);

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

/** The second half of a row stream: the lines of predictions and errors. */
export class RowLines {
  readonly counts: RowCounts = { rows: 0, bad: 0, outliers: 0, unchecked: 0 };
  isStopped = false;
  firstError: TepalError | undefined;

  readonly #predictor: PredictorBase;
  readonly #options: RowStreamOptions;
  readonly #writer: RowWriter;
  readonly #output = new ByteWriter();

  constructor(predictor: PredictorBase, options: RowStreamOptions) {
    this.#predictor = predictor;
    this.#options = options;
    this.#writer = createRowWriter(predictor, options.output);
    if (options.omitHeader !== true) this.#output.writeText(this.#writer.header);
  }

  /** Writes the predictions of rows. @param lines the line on which each row begins */
  write(predictions: StreamPredictions, lines: Float64Array): void {
    const { rejected, pValues, count } = predictions;
    const { alpha, hasGuard } = this.#predictor;
    this.counts.rows += count;
    for (let row = 0; row < count; row++) {
      const reason = rejected?.get(row);
      if (reason !== undefined) {
        this.#addError(new TepalError(reason.code, reason.message), lines[row]!);
        continue;
      }
      const pValue = pValues[row]!;
      if (pValue <= alpha) this.counts.outliers += 1;
      if (hasGuard && Number.isNaN(pValue)) this.counts.unchecked += 1;
      this.#writer.writeRow(this.#output, predictions, row, lines[row]!);
    }
  }

  /** Writes the error of a row that cannot be decoded. */
  writeError(error: TepalError, line: number): void {
    this.counts.rows += 1;
    this.#addError(error, line);
  }

  #addError(error: TepalError, line: number): void {
    this.#writer.writeError(this.#output, error, line);
    this.counts.bad += 1;
    this.isStopped = this.#options.onBadRow === "stop";
    this.#options.onError?.(error.code);
    if (!this.isStopped) return;
    if (this.counts.rows === 1) this.firstError = error;
  }

  /** Returns the lines since the last call, once the input is understood: its CSV header, and with `stop` or for NDJSON its first row. */
  take(hasHeader: boolean): Buffer {
    const { input, onBadRow } = this.#options;
    const needsRow = input === "ndjson" || onBadRow === "stop";
    return hasHeader && (!needsRow || this.counts.rows > 0) ? this.takeAll() : NO_BYTES;
  }

  takeAll(): Buffer {
    return this.#output.take();
  }
}
