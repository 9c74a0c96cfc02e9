/**
 * The map y = W·(x − centre), after which rows of one class have a covariance close to I: the plain distance between two
 * y's then measures every direction in units of its own spread.
 */
export interface Whitening {
  readonly width: number;
  /** `width` numbers, in the features' units. */
  readonly centre: Float64Array;
  /**
   * W, lower triangular, stored by rows without the zeros: W[i][j] is `matrix[i × (i + 1) / 2 + j]` for j ≤ i, in one
   * over the unit of feature j. width × (width + 1) / 2 numbers.
   */
  readonly matrix: Float64Array;
}

/**
 * Writes y for the row at `values[offset]` to `target[targetOffset] …`. Allocates nothing. Costs width²/2
 * multiplications.
 *
 * @param centred scratch for `width` numbers
 */
export function whiten(
  whitening: Whitening,
  values: Float64Array,
  offset: number,
  target: Float64Array,
  targetOffset: number,
  centred: Float64Array,
): void {
  const { width, centre, matrix } = whitening;
  for (let j = 0; j < width; j++) {
    centred[j] = values[offset + j]! - centre[j]!;
  }
  for (let i = 0, at = 0; i < width; i++) {
    let sum = 0;
    for (let j = 0; j <= i; j++, at++) {
      sum += matrix[at]! * centred[j]!;
    }
    target[targetOffset + i] = sum;
  }
}

/** Whitens rows. */
export function whitenRows(whitening: Whitening, values: Float64Array): Float64Array {
  const whitened = new Float64Array(values.length);
  const centred = new Float64Array(whitening.width);
  for (let at = 0; at < values.length; at += whitening.width) {
    whiten(whitening, values, at, whitened, at, centred);
  }
  return whitened;
}
