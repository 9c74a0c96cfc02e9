import { TepalError } from "../../kernel/errors.ts";
import { createRandom } from "../../kernel/random.ts";
import type { Target } from "../forest/training-set.ts";

/** The fold that holds each row out, 0 … folds − 1. */
export interface Folds {
  readonly folds: number;
  readonly ofRow: Int32Array;
}

/**
 * Deals shuffled rows out to folds of equal size, give or take one row. For classification each class
 * is dealt out in turn, so that every fold holds its share of every class, give or take one row (stratified).
 * A class with fewer rows than folds is missing from some folds; the only row of a class is judged by a forest that
 * never saw the class, and counts as a mistake.
 *
 * @param asked number of folds; fewer are made when there are fewer rows
 * @throws TepalError INVALID_OPTION (folds), INVALID_DATA (fewer than 2 rows)
 */
export function toFolds(target: Target, asked: number, seed: number): Folds {
  if (!Number.isInteger(asked) || asked < 2) {
    const message = `expected a whole number of at least 2, got ${asked}`;
    throw new TepalError("INVALID_OPTION", `folds: ${message}`, {
      problems: [{ at: "folds", message }],
    });
  }
  const strata = toStrata(target);
  const rows = strata.reduce((sum, stratum) => sum + stratum.length, 0);
  if (rows < 2) {
    throw new TepalError("INVALID_DATA", `Cross-validation needs at least 2 rows, got ${rows}`);
  }
  const folds = Math.min(asked, rows);
  const random = createRandom(seed);
  const ofRow = new Int32Array(rows);
  let dealt = 0;
  for (const stratum of strata) {
    for (const row of random.shuffle(stratum)) ofRow[row] = dealt++ % folds;
  }
  return { folds, ofRow };
}

/** Groups of rows that are assigned together: those of each class, or all. */
function toStrata(target: Target): Int32Array[] {
  if (target.task === "regression") return [Int32Array.from(target.values.keys())];
  const strata: number[][] = target.classes.map(() => []);
  for (const [row, label] of target.labels.entries()) strata[label]?.push(row);
  return strata.map((rows) => Int32Array.from(rows));
}
