/** Bits of `RowBuffers.flags`. */
export const OUTLIER = 1;
export const OUT_OF_RANGE = 2;
export const MISSING_VALUE = 4;
/** The row could not be compared with the training data although the model has a guard: it has no p-value. */
export const UNCHECKED = 8;
export const UNKNOWN_CATEGORY = 16;
/** The graph of another engine fails for the row: it has no prediction. */
export const GRAPH_FAILED = 32;

/**
 * The rows of one request and all results, as typed arrays that every step reads and writes. One set of buffers serves all requests of a
 * predictor, since a request is handled within one turn of the event loop. Never hold on to an array: `reserve` replaces it.
 */
export interface RowBuffers {
  readonly width: number;
  /** Scores per row. */
  readonly outputs: number;
  /** Decode: row-major, `width` numbers per row; NaN is a missing value, and see `Rows` for categories. */
  values: Float64Array;
  /** Check: NaN if the row cannot be compared with the training data. */
  pValues: Float64Array;
  /** Check: bits per row. */
  flags: Uint8Array;
  /** Infer: `outputs` numbers per row. */
  scores: Float32Array;
  /** Infer: class indexes, in a classification. */
  labels: Int32Array;
}

const INITIAL_ROWS = 16;

/** @param count rows that they have space for */
export function createRowBuffers(width: number, outputs: number, count = INITIAL_ROWS): RowBuffers {
  const rows: RowBuffers = {
    width,
    outputs,
    values: new Float64Array(0),
    pValues: new Float64Array(0),
    flags: new Uint8Array(0),
    scores: new Float32Array(0),
    labels: new Int32Array(0),
  };
  reserveRows(rows, count);
  return rows;
}

/** Grows the buffers to at least a number of rows. Keeps decoded values. */
export function reserveRows(rows: RowBuffers, count: number): void {
  const capacity = rows.flags.length;
  if (count <= capacity) return;
  const larger = Math.max(count, 2 * capacity);
  const { values } = rows;
  rows.values = new Float64Array(larger * rows.width);
  rows.values.set(values);
  rows.pValues = new Float64Array(larger);
  rows.flags = new Uint8Array(larger);
  rows.scores = new Float32Array(larger * rows.outputs);
  rows.labels = new Int32Array(larger);
}
