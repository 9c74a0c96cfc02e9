import type { TepalError } from "../kernel/errors.ts";
import { RowGroups, type RowGroup, type RowSink, type RowStreamOptions } from "./row-groups.ts";
import { RowLines, type RowCounts } from "./row-lines.ts";
import type { Predictor } from "./serving.ts";

/**
 * Turns the bytes of an input into the lines of its predictions, in chunks of any size, and buffers at most one record of a mebibyte. The
 * output has one line per row, in order: its prediction, or its error. It belongs to the caller.
 */
export interface RowStream {
  /**
   * Predicts all rows that these bytes complete. Returns nothing before the input is understood, however it is cut into chunks: its CSV
   * header, and with `stop` or for NDJSON its first row.
   * @throws TepalError INVALID_INPUT if rows below the CSV header cannot be read, or if the header is too long
   */
  push(bytes: Buffer): Buffer;
  /** Predicts the rest at the end of the input. @throws TepalError as `push` */
  end(): Buffer;
  /** True once a bad row has ended the stream. Further bytes are ignored. */
  readonly isStopped: boolean;
  readonly counts: Readonly<RowCounts>;
  /** The error of the first row, if that row has ended the stream. */
  readonly firstError: TepalError | undefined;
}

export function createRowStream(predictor: Predictor, options: RowStreamOptions): RowStream {
  return new PredictingStream(predictor, options);
}

/** The steps of a stream: read records → decode → predict a group (check, infer, record) → encode. */
class PredictingStream implements RowStream, RowSink {
  readonly #predictor: Predictor;
  readonly #groups: RowGroups;
  readonly #lines: RowLines;

  constructor(predictor: Predictor, options: RowStreamOptions) {
    this.#predictor = predictor;
    this.#lines = new RowLines(predictor, options);
    this.#groups = new RowGroups(predictor, options, this);
  }

  get counts(): Readonly<RowCounts> {
    return this.#lines.counts;
  }

  get isStopped(): boolean {
    return this.#lines.isStopped;
  }

  get firstError(): TepalError | undefined {
    return this.#lines.firstError;
  }

  push(bytes: Buffer): Buffer {
    this.#groups.push(bytes);
    return this.#lines.take(this.#groups.hasHeader);
  }

  end(): Buffer {
    this.#groups.end();
    return this.#lines.takeAll();
  }

  takeGroup({ values, lines, count, warnings }: RowGroup): void {
    this.#lines.write(this.#predictor.predictRows(values, count, warnings), lines);
  }

  takeError(error: TepalError, line: number): void {
    this.#lines.writeError(error, line);
  }
}
