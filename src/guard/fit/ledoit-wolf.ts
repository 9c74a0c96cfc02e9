/**
 * The Ledoit–Wolf estimate of the covariance of centred rows: (1 − ρ)·S + ρ·μ·I, where S is the sample
 * covariance (divided by the number of rows), μ its mean diagonal, and ρ the share that minimises the
 * expected squared error. O(rows × width²).
 * Ledoit and Wolf, "A well-conditioned estimator for large-dimensional covariance matrices", Journal of
 * Multivariate Analysis 88(2), 2004; the results equal those of scikit-learn's `LedoitWolf(assume_centered=True)`.
 */
interface ShrunkCovariance {
  /** width × width, symmetric. Positive definite when `shrinkage` and the mean variance are above 0. */
  readonly covariance: Float64Array;
  /** ρ, in [least, 1]. */
  readonly shrinkage: number;
}

/**
 * Computes the Ledoit–Wolf estimate.
 *
 * @param centred row-major, `count × width`, each column of mean 0
 * @param least the smallest ρ: the estimate alone may be 0, for example for two collinear rows
 * @param dimensions number of features that the columns represent: more than `width` where they are coordinates in the
 *   span of the rows. The estimate is the same, expressed in that span.
 */
export function toShrunkCovariance(
  centred: Float64Array,
  count: number,
  width: number,
  least: number,
  dimensions = width,
): ShrunkCovariance {
  const covariance = new Float64Array(width * width);
  let fourthMoment = 0;
  for (let start = 0; start < count * width; start += width) {
    let squaredNorm = 0;
    for (let i = 0; i < width; i++) {
      const value = centred[start + i]!;
      squaredNorm += value * value;
      for (let j = 0; j <= i; j++) {
        covariance[i * width + j]! += (value * centred[start + j]!) / count;
      }
    }
    fourthMoment += (squaredNorm * squaredNorm) / count;
  }

  let trace = 0;
  let squaredFrobenius = 0;
  for (let i = 0; i < width; i++) {
    for (let j = 0; j <= i; j++) {
      const value = covariance[i * width + j]!;
      covariance[j * width + i] = value;
      squaredFrobenius += value * value * (i === j ? 1 : 2);
    }
    trace += covariance[i * width + i]!;
  }

  const mean = trace / dimensions;
  const error = (fourthMoment - squaredFrobenius) / count;
  const dispersion = squaredFrobenius - dimensions * mean * mean;
  const optimal = dispersion > 0 ? Math.min(error, dispersion) / dispersion : 0;
  const shrinkage = Math.min(1, Math.max(least, optimal));
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < width; j++) covariance[i * width + j]! *= 1 - shrinkage;
    covariance[i * width + i]! += shrinkage * mean;
  }
  return { covariance, shrinkage };
}
