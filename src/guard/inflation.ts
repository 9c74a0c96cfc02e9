import { createKnnIndex } from "./knn-index.ts";
import { selectCalibrationRows, toScores, type PatternSource } from "./pattern.ts";

/** Multiplications that the correction may take. Where it would take more, there are so many rows that it is about 1. */
const MAX_OPERATIONS = 1e7;

/**
 * Returns the factor by which training corrected the scores of reference rows for their own influence on the fit, by quantile: the stored
 * score divided by the distance to the other rows in the unchanged space. Rows with missing values need the same correction, and to
 * fit again without each row would take too long.
 */
export function createInflation(source: PatternSource): (quantile: number) => number {
  const { rows, whitening, neighbours, calibration } = source;
  const chosen = selectCalibrationRows(source, []);
  const operations = chosen.length * rows.length;
  if (chosen.length !== calibration.length || operations > MAX_OPERATIONS) {
    return () => 1;
  }
  const plain = toScores(createKnnIndex(rows, whitening.width), chosen, neighbours).toSorted();
  const factors = calibration.map((score, at) => {
    const factor = score / plain[at]!;
    return Number.isFinite(factor) ? Math.max(1, factor) : 1;
  });
  return (quantile) => factors[Math.floor(quantile * factors.length)] ?? 1;
}
