import type { Whitening } from "../whitening.ts";
import { createInverseCholesky } from "./cholesky.ts";
import { toColumnScales } from "./column-scales.ts";
import { toShrunkCovariance } from "./ledoit-wolf.ts";

export interface FittedWhitening extends Whitening {
  /** The ρ of the covariance, for leave-one-out formulas. */
  readonly shrinkage: number;
  /** The labels that centred the rows; null when the whole data set was centred on one mean. */
  readonly labels: Int32Array | null;
  /** By feature: 0 where a least scale made it independent of the rows; null where none was stated. */
  readonly isFitted?: Uint8Array | null;
}

/** Keeps the entries of W below about 1,000 where features are collinear, far from rounding errors. */
export const LEAST_SHRINKAGE = 1e-6;

/**
 * Fits W = L⁻¹·D⁻¹: D scales each feature to unit standard deviation within its class, and L·Lᵀ is the Ledoit–Wolf
 * covariance of the scaled, class-centred rows. Because features are scaled first, the shrinkage and every distance are
 * independent of their units. All rows are centred on one mean when there are no labels, and when no class has two
 * different rows. O(count × width²).
 *
 * @param values row-major, `count × width`, all within ±1e300
 * @param labels one class index per row, or null
 * @param least least scale of each feature, or null
 */
export function fitWhitening(
  values: Float64Array,
  count: number,
  width: number,
  labels: Int32Array | null,
  classCount: number,
  least: Float64Array | null = null,
): FittedWhitening {
  const scales = toColumnScales(values, count, width, labels, classCount, least);
  if (labels !== null && scales.active.length === 0) {
    return fitWhitening(values, count, width, null, 0, least);
  }
  const { centre, scale, active, residuals } = scales;
  const { covariance, shrinkage } = toShrunkCovariance(
    residuals,
    count,
    active.length,
    LEAST_SHRINKAGE,
  );

  // A feature without spread inside its class has no usable correlation: it is treated as independent.
  const full = new Float64Array(width * width);
  for (let i = 0; i < width; i++) full[i * width + i] = 1;
  for (let a = 0; a < active.length; a++) {
    for (let b = 0; b < active.length; b++) {
      const at = active[a]! * width + active[b]!;
      full[at] = covariance[a * active.length + b]!;
    }
  }
  const matrix = createInverseCholesky(full, width);
  for (let i = 0, at = 0; i < width; i++) {
    for (let j = 0; j <= i; j++, at++) matrix[at]! /= scale[j]!;
  }
  const isFitted = least === null ? null : new Uint8Array(width);
  for (const feature of active) if (isFitted !== null) isFitted[feature] = 1;
  return { width, centre, matrix, shrinkage, labels, isFitted };
}
