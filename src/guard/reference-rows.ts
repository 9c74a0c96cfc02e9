import type { NearestRow, ReferenceRows } from "./guard.ts";
import type { KnnIndex } from "./knn-index.ts";
import { whiten, type Whitening } from "./whitening.ts";

/** Whitened reference rows in the form that scores use. */
export type CompiledReference =
  | { readonly method: "knn"; readonly index: KnnIndex }
  | { readonly method: "mahalanobis"; readonly means: Float64Array };

/** Digits of a restored value: whitening and its inverse lose about three of the sixteen of a double. */
const DIGITS = 12;

/** Creates a view of the reference rows that restores their values. It has scratch space of its own. */
export function createReferenceRows(
  whitening: Whitening,
  reference: CompiledReference,
): ReferenceRows {
  const { width, centre, matrix } = whitening;
  const isKnn = reference.method === "knn";
  const rows = isKnn ? reference.index.rows : reference.means;
  /** Position in a whitened row → feature. */
  const axes = isKnn ? reference.index.axes : Int32Array.from({ length: width }, (_, j) => j);
  const count = rows.length / width;
  const whitened = new Float64Array(width);
  const centred = new Float64Array(width);

  /** Solves W·(x − centre) = y by forward substitution: W is lower triangular, with a positive diagonal. */
  function read(row: number): number[] {
    for (let j = 0; j < width; j++) whitened[axes[j]!] = rows[row * width + j]!;
    for (let i = 0, at = 0; i < width; i++) {
      let sum = whitened[i]!;
      for (let j = 0; j < i; j++, at++) sum -= matrix[at]! * centred[j]!;
      centred[i] = sum / matrix[at++]!;
    }
    return Array.from(centred, (value, j) => Number((value + centre[j]!).toPrecision(DIGITS)));
  }

  function findNearest(values: Float64Array, offset: number, limit: number): NearestRow[] {
    whiten(whitening, values, offset, whitened, 0, centred);
    const target = Float64Array.from(axes, (axis) => whitened[axis]!);
    return findNearestRows(rows, target, limit);
  }

  return { kind: isKnn ? "training_rows" : "class_means", count, read, findNearest };
}

/**
 * Returns the rows nearest to a target, the nearest first. None if a number of the target is NaN.
 *
 * @param rows row-major, whitened
 */
export function findNearestRows(
  rows: Float64Array,
  target: Float64Array,
  limit: number,
): NearestRow[] {
  const width = target.length;
  const found: { index: number; squared: number }[] = [];
  for (let index = 0; index * width < rows.length; index++) {
    let squared = 0;
    for (let j = 0; j < width; j++) {
      const difference = target[j]! - rows[index * width + j]!;
      squared += difference * difference;
    }
    // The negation leaves out NaN: a missing value, or an overflow.
    if (!(squared < (found[limit - 1]?.squared ?? Number.POSITIVE_INFINITY))) continue;
    const at = found.findIndex((other) => other.squared > squared);
    found.splice(at < 0 ? found.length : at, 0, { index, squared });
    if (found.length > limit) found.pop();
  }
  return found.map(({ index, squared }) => ({ index, distance: Math.sqrt(squared) }));
}
