import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Target } from "../forest/training-set.ts";
import { toFolds } from "./folds.ts";

const toTarget = (labels: readonly number[]): Target => ({
  task: "classification",
  classes: [0, 1, 2, 3],
  labels: Int32Array.from(labels),
});

function countFolds(ofRow: Int32Array, folds: number, wanted: (row: number) => boolean): number[] {
  const counts = Array.from({ length: folds }, () => 0);
  for (const [row, fold] of ofRow.entries()) {
    if (wanted(row)) counts[fold] = (counts[fold] ?? 0) + 1;
  }
  return counts;
}

const spread = (counts: readonly number[]): number => Math.max(...counts) - Math.min(...counts);

describe("toFolds", () => {
  it("assigns each fold its share of the rows and of each class, ±1", () => {
    const labels = fc.array(fc.nat({ max: 3 }), { minLength: 2, maxLength: 200 });
    fc.assert(
      fc.property(labels, fc.integer({ min: 2, max: 10 }), fc.nat(), (classes, asked, seed) => {
        const { folds, ofRow } = toFolds(toTarget(classes), asked, seed);
        expect(folds).toBe(Math.min(asked, classes.length));
        expect(spread(countFolds(ofRow, folds, () => true))).toBeLessThanOrEqual(1);
        for (const label of [0, 1, 2, 3]) {
          const counts = countFolds(ofRow, folds, (row) => classes[row] === label);
          expect(spread(counts)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  it("shuffles by the seed", () => {
    const target: Target = { task: "regression", values: new Float64Array(100) };
    const { ofRow } = toFolds(target, 5, 1);
    expect(toFolds(target, 5, 1).ofRow).toEqual(ofRow);
    expect(toFolds(target, 5, 2).ofRow).not.toEqual(ofRow);
    expect(countFolds(ofRow, 5, () => true)).toEqual([20, 20, 20, 20, 20]);
    expect(countFolds(ofRow, 5, (row) => row < 10)).not.toEqual([2, 2, 2, 2, 2]);
  });

  it.each([1, 0, 2.5, Number.NaN])("rejects %d folds", (folds) => {
    expect(() => toFolds(toTarget([0, 1]), folds, 0)).toThrow("folds: Expected an integer ≥ 2");
  });

  it("rejects a single row", () => {
    expect(() => toFolds(toTarget([0]), 5, 0)).toThrow(
      "Expected at least 2 rows for cross-validation, got 1.",
    );
  });
});
