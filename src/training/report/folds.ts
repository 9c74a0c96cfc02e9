import { InputProblems } from "../../kernel/check.ts";
import { integer } from "../../kernel/check/values.ts";
import { createRandom } from "../../kernel/random.ts";
import type { Target } from "../forest/training-set.ts";
import { toInvalidData } from "../table-problems.ts";

/** The fold that holds each row out, 0 … folds − 1. */
export interface Folds {
  readonly folds: number;
  readonly ofRow: Int32Array;
}

/**
 * Assigns shuffled rows to folds of equal size, ±1 row. For classification, the classes are assigned one after the other, so
 * that every fold holds its share of every class, ±1 row (stratified). A class with fewer rows than folds is missing from
 * some folds; the only row of a class is predicted by a forest without the class, and counts as an error.
 *
 * @param requested number of folds; reduced to the number of rows
 * @throws TepalError INVALID_OPTION (folds), INVALID_DATA (fewer than 2 rows)
 */
export function toFolds(target: Target, requested: number, seed: number): Folds {
  const problems = new InputProblems();
  problems.read(integer({ min: 2 }), requested, { at: "folds" });
  problems.throwIfAny("INVALID_OPTION", "option");
  const strata = toStrata(target);
  const rows = strata.reduce((sum, stratum) => sum + stratum.length, 0);
  if (rows < 2) {
    const message = `Expected at least 2 rows for cross-validation, got ${rows}.`;
    throw toInvalidData("the training set", [{ at: "rows", message }]);
  }
  const folds = Math.min(requested, rows);
  const random = createRandom(seed);
  const ofRow = new Int32Array(rows);
  let assigned = 0;
  for (const stratum of strata) {
    for (const row of random.shuffle(stratum)) ofRow[row] = assigned++ % folds;
  }
  return { folds, ofRow };
}

/** Groups of rows that are assigned together: those of each class, or all. */
function toStrata(target: Target): Int32Array[] {
  if (target.task === "regression") return [Int32Array.from(target.values.keys())];
  const strata: number[][] = target.classes.map(() => []);
  for (const [row, label] of target.labels.entries()) strata[label]!.push(row);
  return strata.map((rows) => Int32Array.from(rows));
}
