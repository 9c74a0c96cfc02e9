import { createKnnIndex, toNeighbourDistance } from "../knn-index.ts";
import type { FittedWhitening } from "./fit-whitening.ts";
import { createRowRemoval, toCentredRows, toRemovalScale } from "./leave-one-out.ts";

/**
 * Returns leave-one-out scores of the reference rows, in their order: the distance of each row to its nearest
 * other rows under the covariance without it. All are +Infinity when there are no more rows than neighbours. At worst
 * O(rows² × width).
 *
 * @param rows the whitened rows that `whitening` was fitted to, row-major
 */
export function toKnnCalibration(
  whitening: FittedWhitening,
  rows: Float64Array,
  classCount: number,
  neighbours: number,
): Float64Array {
  const { width, shrinkage, labels, isFitted } = whitening;
  const index = createKnnIndex(rows, width);
  const sortedLabels = labels === null ? null : Int32Array.from(index.order, (row) => labels[row]!);
  const centred = toCentredRows(index.rows, width, sortedLabels, classCount);
  const isFittedAxis = !isFitted ? null : Uint8Array.from(index.axes, (j) => isFitted[j]!);
  const toRemoval = createRowRemoval(centred, shrinkage, isFittedAxis);
  const scores = new Float64Array(index.order.length);
  const nearest = new Float64Array(neighbours);
  const scale = toRemovalScale(scores.length);
  for (let row = 0; row < scores.length; row++) {
    const start = row * width;
    const squared = toNeighbourDistance(index, index.rows, start, row, toRemoval(row), nearest);
    scores[index.order[row]!] = Math.sqrt(squared) * scale;
  }
  return scores;
}
