import { toShrunkCovariance } from "./fit/ledoit-wolf.ts";
import { toColumnScales } from "./fit/column-scales.ts";
import { createInverseCholesky } from "./fit/cholesky.ts";

/**
 * The map y = W·(x − centre) after which rows of one class have covariance about I, so that plain
 * distances between y's count every direction in units of its own spread.
 */
export interface Whitening {
  readonly width: number;
  /** width numbers, in the features' units. */
  readonly centre: Float64Array;
  /**
   * W, lower triangular and packed by rows: W[i][j] is `matrix[i × (i + 1) / 2 + j]` for j ≤ i, in
   * one over the unit of feature j. width × (width + 1) / 2 numbers.
   */
  readonly matrix: Float64Array;
}

export interface FittedWhitening extends Whitening {
  /** The ρ of the covariance; for leave-one-out formulas. */
  readonly shrinkage: number;
  /** The labels that centred the rows; null when the whole data set was centred on one mean. */
  readonly labels: Int32Array | null;
}

/** Keeps W's entries below about 1,000 where features are collinear, far from rounding errors. */
export const LEAST_SHRINKAGE = 1e-6;

/**
 * Fits W = L⁻¹·D⁻¹: D scales each feature to unit standard deviation within its class, and L·Lᵀ is the
 * Ledoit–Wolf covariance of the scaled, class-centred rows. Scaling first makes the shrinkage, and so
 * every distance, independent of the features' units. Without labels, or when no class
 * has two different rows, everything is centred on the one mean. O(count × width²).
 *
 * @param values row-major, `count × width`, all within ±1e300
 * @param labels one class index a row, or null
 */
export function fitWhitening(
  values: Float64Array,
  count: number,
  width: number,
  labels: Int32Array | null,
  classCount: number,
): FittedWhitening {
  const scales = toColumnScales(values, count, width, labels, classCount);
  if (labels !== null && scales.active.length === 0) {
    return fitWhitening(values, count, width, null, 0);
  }
  const { centre, scale, active, residuals } = scales;
  const { covariance, shrinkage } = toShrunkCovariance(
    residuals,
    count,
    active.length,
    LEAST_SHRINKAGE,
  );

  // A feature without spread inside its class has no correlation to speak of: it stands for itself.
  const full = new Float64Array(width * width);
  for (let i = 0; i < width; i++) full[i * width + i] = 1;
  for (let a = 0; a < active.length; a++) {
    for (let b = 0; b < active.length; b++) {
      const at = (active[a] as number) * width + (active[b] as number);
      full[at] = covariance[a * active.length + b] as number;
    }
  }
  const matrix = createInverseCholesky(full, width);
  for (let i = 0, at = 0; i < width; i++) {
    for (let j = 0; j <= i; j++, at++) matrix[at]! /= scale[j] as number;
  }
  return { width, centre, matrix, shrinkage, labels };
}

/**
 * Writes y for the row at `values[offset]` to `target[targetOffset] …`. Allocates nothing. width²/2
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
    centred[j] = (values[offset + j] as number) - (centre[j] as number);
  }
  for (let i = 0, at = 0; i < width; i++) {
    let sum = 0;
    for (let j = 0; j <= i; j++, at++) {
      sum += (matrix[at] as number) * (centred[j] as number);
    }
    target[targetOffset + i] = sum;
  }
}
