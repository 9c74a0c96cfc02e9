import type { FittedWhitening } from "./fit-whitening.ts";
import {
  createRowRemoval,
  toCentredRows,
  toRemovalScale,
  type CentredRows,
} from "./leave-one-out.ts";

interface FittedMahalanobis {
  /** Whitened means of the classes that have rows; the mean of all rows when there are no labels. */
  readonly reference: Float64Array;
  /**
   * Leave-one-out scores, in the order of the rows: the distance of each row to the nearest mean, where the mean of its
   * own class and the covariance are computed without it. +Infinity for the only row of the only class.
   */
  readonly calibration: Float64Array;
}

/**
 * Computes class means and calibration scores in closed form, in O(rows × width × classes).
 *
 * @param rows the whitened rows that `whitening` was fitted to, row-major
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
    const own = labels === null ? 0 : labels[row]!;
    const size = sizes[own]!;
    let nearest = Number.POSITIVE_INFINITY;
    if (size > 1) {
      // Without this row, the mean of its class lies m/(m − 1) times as far away.
      nearest = (size / (size - 1)) ** 2 * (squared + weight * squared * squared);
    }
    for (let other = 0; other < sizes.length; other++) {
      if (other === own || sizes[other] === 0) continue;
      let distance = 0;
      let along = 0;
      for (let j = 0; j < width; j++) {
        const difference = rows[row * width + j]! - means[other * width + j]!;
        distance += difference * difference;
        along += difference * residual[j]!;
      }
      nearest = Math.min(nearest, distance + weight * along * along);
    }
    calibration[row] = Math.sqrt(nearest) * scale;
  }
  return { reference: toUsedMeans(centred), calibration };
}

/** Returns the means of the classes that have rows. */
export function toUsedMeans({ means, sizes, width }: CentredRows): Float64Array {
  return means.filter((_, index) => sizes[Math.floor(index / width)]! > 0);
}
