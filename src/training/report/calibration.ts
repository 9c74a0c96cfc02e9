/** Rows whose predicted class has a probability in one tenth of 0 … 1. */
export interface CalibrationBin {
  /** Lowest probability, inclusive. */
  readonly from: number;
  /** Highest probability, exclusive except for 1. */
  readonly to: number;
  readonly rows: number;
  /** Mean probability of the predicted class; null without rows. */
  readonly mean_predicted: number | null;
  /** Share of rows whose predicted class is the true one; null without rows. */
  readonly observed: number | null;
}

/** Agreement of the probabilities of the predicted classes with the shares of correct predictions. */
export interface Calibration {
  /** Sum over the bins of (share of the rows) × |observed − mean predicted|: 0 is perfect, 1 the worst. */
  readonly expected_error: number;
  /** Ten of equal width, rising. */
  readonly bins: readonly CalibrationBin[];
}

const BINS = 10;

/**
 * Compares the probability of the predicted class with how often that class is right, in ten bins of equal width: the reliability diagram
 * and the expected calibration error of Guo et al., "On Calibration of Modern Neural Networks" (2017).
 *
 * @param labels per row: index of the true class
 * @param predicted per row: index of the predicted class
 * @param probabilities rows × width, row-major
 */
export function measureCalibration(
  labels: Int32Array,
  predicted: Int32Array,
  probabilities: Float32Array,
  width: number,
): Calibration {
  const rows = new Float64Array(BINS);
  const right = new Float64Array(BINS);
  const sums = new Float64Array(BINS);
  for (const [row, guess] of predicted.entries()) {
    const probability = Math.min(1, Math.max(0, probabilities[row * width + guess]!));
    const bin = Math.min(BINS - 1, Math.floor(probability * BINS));
    rows[bin]!++;
    sums[bin]! += probability;
    if (guess === labels[row]) right[bin]!++;
  }
  let error = 0;
  const bins = Array.from({ length: BINS }, (_, bin): CalibrationBin => {
    const count = rows[bin]!;
    const range = { from: bin / BINS, to: (bin + 1) / BINS, rows: count };
    if (count === 0) return { ...range, mean_predicted: null, observed: null };
    error += Math.abs(right[bin]! - sums[bin]!);
    return { ...range, mean_predicted: sums[bin]! / count, observed: right[bin]! / count };
  });
  return { expected_error: error / labels.length, bins };
}
