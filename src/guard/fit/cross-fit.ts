import { toFitCost, toPlainCost, toWhitenedRows } from "./refit.ts";
import type { CompleteRows } from "./refit.ts";
import { toCentredRows } from "./leave-one-out.ts";
import { toUsedMeans } from "./fit-mahalanobis.ts";

/**
 * Multiplications that refitting may cost where the guard's own fit costs fewer: 1.5 to 2 s. This is enough for one fold
 * per row up to 20,000 numbers, and for 42 folds wherever "knn" is the default, up to 50,000. Otherwise refitting may cost as much as the fit itself
 * (9 s with 2,000 features): at 450 rows × 2,000 features, two folds would flag only a quarter of the intended share.
 */
const MAX_OPERATIONS = 8e8;

/**
 * The closed form is used from this many times √width rows on. The parts of the fit that it does not recompute make
 * p-values too small by about √width/rows, most where features are independent. For independent features, mahalanobis
 * flags at α = .05 this many times .05 of new rows, knn a little fewer (300 sets of 200 rows each, standard error .03):
 *
 *     rows × features   20×5   40×10  100×30  200×16  150×4  300×16  400×16
 *     rows / √features    9      13      18      50      75      75     100
 *     times α           2.00    1.55    1.34    1.12    1.08    1.09    1.07
 */
const CLOSED_FORM_ROWS = 75;

/**
 * Returns the number of folds for calibration: `count` where each row can have a fit of its own, 0 where the closed form
 * (leave-one-out.ts) is accurate enough.
 */
export function toFoldCount(count: number, width: number): number {
  if (count >= CLOSED_FORM_ROWS * Math.sqrt(width)) return 0;
  const operations = Math.max(MAX_OPERATIONS, toPlainCost(count, width));
  const affordable = Math.floor(operations / toFitCost(count, width));
  return Math.min(count, Math.max(2, affordable));
}

/**
 * Returns calibration scores by cross-fitting, in the order of the rows: each row is scored by a guard that was fitted to
 * the rows of all other folds. So a score never depends on its own row. It also comes from fewer rows than the score of a
 * new row, which moves it outwards: p-values err on the large side, less so with more folds. A score is +Infinity where
 * the other folds have no rows to compare with, and where the row is too far out for a double.
 *
 * @param neighbours rank of the neighbour whose distance is the score; null for the distance to the nearest class mean
 * @param folds 2 … count; each class is spread evenly over the folds
 */
export function toCrossFitScores(
  training: CompleteRows,
  neighbours: number | null,
  folds: number,
): Float64Array {
  const { count, labels } = training;
  const scores = new Float64Array(count);
  const order = Int32Array.from({ length: count }, (_, row) => row);
  // The sort is stable: rows of one class keep their order.
  if (labels !== null) order.sort((a, b) => labels[a]! - labels[b]!);
  for (let fold = 0; fold < folds; fold++) {
    const kept = order.filter((_, at) => at % folds !== fold);
    const left = order.filter((_, at) => at % folds === fold);
    const { rows, width, keptLabels } = toWhitenedRows(training, kept, left);
    const known = rows.subarray(0, kept.length * width);
    const reference =
      neighbours === null
        ? toUsedMeans(toCentredRows(known, width, keptLabels, training.classCount))
        : known;
    for (const [index, row] of left.entries()) {
      const start = (kept.length + index) * width;
      const squared = toSquaredDistances(reference, rows.subarray(start, start + width));
      const score = Math.sqrt(squared.toSorted()[(neighbours ?? 1) - 1] ?? Number.NaN);
      scores[row] = Number.isNaN(score) ? Number.POSITIVE_INFINITY : score;
    }
  }
  return scores;
}

/** Returns the squared distance from the row to each reference row. */
function toSquaredDistances(reference: Float64Array, row: Float64Array): Float64Array {
  const width = row.length;
  const distances = new Float64Array(reference.length / width);
  for (let index = 0, at = 0; index < distances.length; index++) {
    let squared = 0;
    for (let j = 0; j < width; j++, at++) {
      const difference = row[j]! - reference[at]!;
      squared += difference * difference;
    }
    distances[index] = squared;
  }
  return distances;
}
