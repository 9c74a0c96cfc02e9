import type { Score } from "./knn.ts";
import { createRowRemoval, toCentredRows, toRemovalScale } from "./fit/leave-one-out.ts";
import type { CentredRows } from "./fit/leave-one-out.ts";
import { whiten } from "./whitening.ts";
import type { FittedWhitening, Whitening } from "./whitening.ts";

/**
 * Score of a row: the Mahalanobis distance, under the covariance shared by all classes, to the nearest
 * class mean. Costs one whitening and a pass over the means, whatever the number of training rows.
 * Lee et al., "A simple unified framework for detecting out-of-distribution samples", NeurIPS 2018.
 *
 * @param means whitened class means, row-major
 */
export function createMahalanobisScore(whitening: Whitening, means: Float64Array): Score {
  const { width } = whitening;
  const target = new Float64Array(width);
  const centred = new Float64Array(width);
  return (values, offset) => {
    whiten(whitening, values, offset, target, 0, centred);
    let nearest = Number.POSITIVE_INFINITY;
    for (let start = 0; start < means.length; start += width) {
      let squared = 0;
      for (let j = 0; j < width; j++) {
        const difference = (target[j] as number) - (means[start + j] as number);
        squared += difference * difference;
      }
      // An overflow leaves +Infinity or NaN, which is not nearer.
      if (squared < nearest) nearest = squared;
    }
    return Math.sqrt(nearest);
  };
}

interface FittedMahalanobis {
  /** Whitened means of the classes that have rows; of all rows when there are no labels. */
  readonly reference: Float64Array;
  /**
   * Leave-one-out scores, in the order of the rows: each row's distance to the nearest mean, under the mean of
   * its class and the covariance without it. +Infinity for a row that is alone in the only class.
   */
  readonly calibration: Float64Array;
}

/**
 * Class means and calibration scores, in closed form: O(rows × width × classes).
 *
 * @param rows the whitened rows that `whitening` was fitted on, row-major
 */
export function fitMahalanobis(
  whitening: FittedWhitening,
  rows: Float64Array,
  classCount: number,
): FittedMahalanobis {
  const { width, shrinkage, labels } = whitening;
  const centred = toCentredRows(rows, width, labels, classCount);
  const { means, sizes } = centred;
  const toRemoval = createRowRemoval(centred, shrinkage);
  const calibration = new Float64Array(rows.length / width);
  const scale = toRemovalScale(calibration.length);
  for (let row = 0; row < calibration.length; row++) {
    const { weight, residual, squared } = toRemoval(row);
    const own = labels === null ? 0 : (labels[row] as number);
    const size = sizes[own] as number;
    let nearest = Number.POSITIVE_INFINITY;
    if (size > 1) {
      // Without this row its class's mean lies m/(m − 1) times as far from it.
      nearest = (size / (size - 1)) ** 2 * (squared + weight * squared * squared);
    }
    for (let other = 0; other < sizes.length; other++) {
      if (other === own || sizes[other] === 0) continue;
      let distance = 0;
      let along = 0;
      for (let j = 0; j < width; j++) {
        const difference = (rows[row * width + j] as number) - (means[other * width + j] as number);
        distance += difference * difference;
        along += difference * (residual[j] as number);
      }
      nearest = Math.min(nearest, distance + weight * along * along);
    }
    calibration[row] = Math.sqrt(nearest) * scale;
  }
  return { reference: toUsedMeans(centred), calibration };
}

/** The means of the classes that have rows. */
export function toUsedMeans({ means, sizes, width }: CentredRows): Float64Array {
  return means.filter((_, index) => (sizes[Math.floor(index / width)] as number) > 0);
}
