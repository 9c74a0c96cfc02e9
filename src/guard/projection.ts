import type { Whitening } from "./whitening.ts";

/** Reorthogonalization makes the basis exact to rounding errors: "twice is enough" (Kahan, in Parlett 1980). */
const PASSES = 2;

/**
 * Returns an orthonormal basis of the directions in which missing columns move a whitened row: row-major, one vector for each column.
 *
 * A row without these columns has the distance of the nearest row that has them, with any values. That is the distance in whitened
 * space after both rows are projected onto the complement of these directions. It equals the Mahalanobis distance of the present
 * columns under their own covariance, so that nothing is fitted again. O(width × columns²).
 *
 * @param columns ascending indexes
 */
export function toMissingBasis(
  { width, matrix }: Whitening,
  columns: readonly number[],
): Float64Array {
  const basis = new Float64Array(columns.length * width);
  for (const [index, column] of columns.entries()) {
    const start = index * width;
    for (let i = column; i < width; i++) basis[start + i] = matrix[(i * (i + 1)) / 2 + column]!;
    normalize(basis, start, width);
    for (let pass = 0; pass < PASSES; pass++) {
      removeDirections(basis, index, width, basis, start);
      normalize(basis, start, width);
    }
  }
  return basis;
}

/** Removes the first `count` directions of a basis from the vector at `values[start]`, in place. Allocates nothing. */
export function removeDirections(
  basis: Float64Array,
  count: number,
  width: number,
  values: Float64Array,
  start: number,
): void {
  for (let at = 0; at < count * width; at += width) {
    let along = 0;
    for (let j = 0; j < width; j++) along += basis[at + j]! * values[start + j]!;
    for (let j = 0; j < width; j++) values[start + j]! -= along * basis[at + j]!;
  }
}

function normalize(values: Float64Array, start: number, width: number): void {
  let largest = 0;
  for (let j = 0; j < width; j++) largest = Math.max(largest, Math.abs(values[start + j]!));
  if (largest === 0) return;
  let squared = 0;
  for (let j = 0; j < width; j++) {
    const value = values[start + j]! / largest;
    values[start + j] = value;
    squared += value * value;
  }
  const length = Math.sqrt(squared);
  for (let j = 0; j < width; j++) values[start + j]! /= length;
}
