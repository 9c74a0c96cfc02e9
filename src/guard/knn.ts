import { createKnnIndex, toNeighbourDistance } from "./knn-index.ts";
import { createRowRemoval, toCentredRows, toRemovalScale } from "./fit/leave-one-out.ts";
import { whiten } from "./whitening.ts";
import type { FittedWhitening, Whitening } from "./whitening.ts";

/** How far out a row without NaN is: 0 … +Infinity, larger is further. Allocates nothing. */
export type Score = (values: Float64Array, offset: number) => number;

/** Which neighbour's distance is the score, where there are enough rows. */
export const NEIGHBOURS = 5;

/**
 * Score of a row: the distance in whitened space to its `neighbours`-th nearest reference row. Costs one
 * whitening and, at worst, one pass over the reference.
 * +Infinity when the row lies too far out for a double, or when there are fewer rows than neighbours.
 *
 * @param rows whitened reference rows, row-major; not kept
 */
export function createKnnScore(
  whitening: Whitening,
  rows: Float64Array,
  neighbours: number,
): Score {
  const { width } = whitening;
  const index = createKnnIndex(rows, width);
  const { axes } = index;
  const whitened = new Float64Array(width);
  const centred = new Float64Array(width);
  const target = new Float64Array(width);
  const nearest = new Float64Array(neighbours);
  return (values, offset) => {
    whiten(whitening, values, offset, whitened, 0, centred);
    for (let j = 0; j < width; j++) target[j] = whitened[axes[j] as number] as number;
    return Math.sqrt(toNeighbourDistance(index, target, 0, -1, null, nearest));
  };
}

/**
 * Leave-one-out scores of the reference rows, in no particular order: each row's distance to its nearest
 * others under the covariance without it. +Infinity for all when there are no more rows than
 * neighbours. At worst O(rows² × width).
 *
 * @param rows the whitened rows that `whitening` was fitted on, row-major
 */
export function toKnnCalibration(
  whitening: FittedWhitening,
  rows: Float64Array,
  classCount: number,
  neighbours: number,
): Float64Array {
  const { width, shrinkage, labels } = whitening;
  const index = createKnnIndex(rows, width);
  const sortedLabels =
    labels === null ? null : Int32Array.from(index.order, (row) => labels[row] as number);
  const centred = toCentredRows(index.rows, width, sortedLabels, classCount);
  const toRemoval = createRowRemoval(centred, shrinkage);
  const scores = new Float64Array(index.order.length);
  const nearest = new Float64Array(neighbours);
  const scale = toRemovalScale(scores.length);
  for (let row = 0; row < scores.length; row++) {
    const start = row * width;
    const squared = toNeighbourDistance(index, index.rows, start, row, toRemoval(row), nearest);
    scores[row] = Math.sqrt(squared) * scale;
  }
  return scores;
}
