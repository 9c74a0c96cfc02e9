/**
 * The columns in which rows are compared. A number is its own column. A category has a column for each level but the most frequent one,
 * level 0: the column is 1 in rows of that level and 0 in all others. The last level is that of unknown categories.
 */
export interface RowEncoding {
  /** Number of columns. */
  readonly width: number;
  /** First column of each feature, then the number of columns. */
  readonly columns: Int32Array;
  /** Writes the columns of the row at `values[offset]` to `target[targetOffset] …`; NaN where the feature is missing. Allocates nothing. */
  encode(values: Float64Array, offset: number, target: Float64Array, targetOffset: number): void;
}

/** Level of each code of a feature that is a category; null for any other feature. */
export type Levels = readonly number[] | null;

export function createRowEncoding(levels: readonly Levels[]): RowEncoding {
  const columns = new Int32Array(levels.length + 1);
  for (const [feature, codes] of levels.entries()) {
    columns[feature + 1] = columns[feature]! + (codes === null ? 1 : codes.at(-1)!);
  }
  return {
    width: columns[levels.length]!,
    columns,
    encode(values, offset, target, targetOffset) {
      for (let feature = 0; feature < levels.length; feature++) {
        const codes = levels[feature]!;
        const start = targetOffset + columns[feature]!;
        const value = values[offset + feature]!;
        if (codes === null) {
          target[start] = value;
          continue;
        }
        const end = targetOffset + columns[feature + 1]!;
        target.fill(Number.isNaN(value) ? Number.NaN : 0, start, end);
        const level = codes[value] ?? 0;
        if (level > 0) target[start + level - 1] = 1;
      }
    },
  };
}

/** Returns the encoding of features that are all numbers. */
export function createPlainEncoding(features: number): RowEncoding {
  return createRowEncoding(Array.from({ length: features }, () => null));
}

/** Encodes rows, row-major. */
export function encodeRows(
  { width, columns, encode }: RowEncoding,
  values: Float64Array,
): Float64Array {
  const features = columns.length - 1;
  const encoded = new Float64Array((values.length / features) * width);
  for (let row = 0; row * features < values.length; row++) {
    encode(values, row * features, encoded, row * width);
  }
  return encoded;
}
