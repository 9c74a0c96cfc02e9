import type { Score } from "./score.ts";
import { whiten, type Whitening } from "./whitening.ts";

/**
 * Creates a score that is the Mahalanobis distance, under the covariance that all classes share, to the nearest class
 * mean. A score costs one whitening and a pass over the means, independent of the number of training rows.
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
        const difference = target[j]! - means[start + j]!;
        squared += difference * difference;
      }
      // An overflow leaves +Infinity or NaN, which is not nearer.
      if (squared < nearest) nearest = squared;
    }
    return Math.sqrt(nearest);
  };
}
