import { describe, expect, test } from "vitest";
import { createNormalSource, toSubset } from "../../../test/guard/data.ts";
import type { Data } from "../../../test/guard/data.ts";
import { createRandom } from "../../kernel/random.ts";
import { toCrossFitScores, toFoldCount } from "./cross-fit.ts";
import { createKnnIndex } from "../knn-index.ts";
import { createKnnScore } from "../knn.ts";
import { createMahalanobisScore } from "../mahalanobis.ts";
import { whiten } from "../whitening.ts";
import { fitMahalanobis } from "./fit-mahalanobis.ts";
import { fitWhitening } from "./fit-whitening.ts";

/** Returns the score of a row by a guard of the rows in `kept` alone, fitted as `fitGuard` does, without shortcuts. */
function toScore(data: Data, kept: readonly number[], row: number, neighbours: number | null) {
  const { values, count, width, labels, classCount } = toSubset(data, kept);
  const whitening = fitWhitening(values, count, width, labels, classCount);
  const whitened = new Float64Array(values.length);
  for (let at = 0; at < values.length; at += width) {
    whiten(whitening, values, at, whitened, at, new Float64Array(width));
  }
  const score =
    neighbours === null
      ? createMahalanobisScore(whitening, fitMahalanobis(whitening, whitened, classCount).reference)
      : createKnnScore(whitening, createKnnIndex(whitened, whitening.width), neighbours);
  return score(data.values, row * width);
}

function draw(count: number, width: number, classCount: number): Data {
  const data = createNormalSource(width, classCount, createRandom(count, width))(count);
  // Away from the origin, and each feature in different units.
  const values = data.values.map((value, at) => (value + 5) * 10 ** (at % 4));
  return classCount > 1 ? { ...data, values } : { ...data, values, labels: null, classCount: 0 };
}

/** Adds a constant feature, one that is constant except in one row, and one that equals the class. */
function addConstantFeatures(data: Data): Data {
  const { count, width, labels } = data;
  const values = Array.from({ length: count }, (_, row) => [
    ...data.values.subarray(row * width, (row + 1) * width),
    7,
    row === 2 ? 1 : 0,
    labels?.[row] ?? 3,
  ]).flat();
  return { ...data, values: Float64Array.from(values), width: width + 3 };
}

describe.each([5, null])("cross-fitted scores, neighbours %s", (neighbours) => {
  test.for([
    ["many rows", draw(30, 4, 1)],
    ["many rows of two classes", draw(30, 4, 2)],
    ["as many rows as features", draw(12, 12, 2)],
    ["few rows", draw(10, 25, 1)],
    ["few rows of three classes", draw(12, 40, 3)],
    ["constant features, many rows", addConstantFeatures(draw(30, 4, 2))],
    ["constant features, few rows", addConstantFeatures(draw(10, 25, 2))],
    [
      "one row per class",
      { ...draw(9, 3, 1), labels: Int32Array.from({ length: 9 }, (_, i) => i), classCount: 9 },
    ],
  ] as const)("equal those of a guard fitted without the row: %s", ([, data]) => {
    const scores = toCrossFitScores(data, neighbours, data.count);
    const rows = [...scores.keys()];
    for (const row of rows) {
      const others = rows.filter((other) => other !== row);
      const expected = toScore(data, others, row, neighbours);
      expect((scores[row] ?? 0) / expected).toBeCloseTo(1, 8);
    }
  });

  test.for([
    ["many rows", draw(30, 4, 2)],
    ["few rows", draw(12, 40, 2)],
  ] as const)("equal those of a guard fitted without its fold: %s", ([, data]) => {
    // The rows alternate between two classes; each of three folds gets every third row of each class.
    const scores = toCrossFitScores(data, neighbours, 3);
    const half = data.count / 2;
    const order = [...scores.keys()].toSorted((a, b) => (a % 2) - (b % 2) || a - b);
    expect(order[half]).toBe(1);
    for (const [at, row] of order.entries()) {
      const others = order.filter((_, other) => other % 3 !== at % 3);
      const expected = toScore(data, others, row, neighbours);
      expect((scores[row] ?? 0) / expected).toBeCloseTo(1, 8);
    }
  });

  test("are infinite where no rows are left to compare with", () => {
    expect([...toCrossFitScores(draw(1, 3, 1), neighbours, 1)]).toEqual([Infinity]);
    const far = draw(8, 20, 1);
    far.values.fill(1e300, 0, 20);
    expect(toCrossFitScores(far, neighbours, 8)[0]).toBe(Infinity);
  });
});

describe("the number of folds", () => {
  test("is 0 with many rows", () => {
    expect(toFoldCount(150, 4)).toBe(0);
    expect(toFoldCount(149, 4)).toBe(149);
    expect(toFoldCount(3_354, 2_000)).toBe(2);
    expect(toFoldCount(3_355, 2_000)).toBe(0);
  });

  test("is the number of rows up to 20,000 numbers, and 42 or more wherever knn is the default", () => {
    const toCounts = (numbers: number) =>
      Array.from({ length: 2_000 }, (_, i) => ({
        width: i + 1,
        count: Math.floor(numbers / (i + 1)),
      }));
    for (const { count, width } of toCounts(20_000)) {
      expect([0, count]).toContain(toFoldCount(count, width));
    }
    const folds = toCounts(50_000).map(
      ({ count, width }) => toFoldCount(count, width) / Math.min(count, 42),
    );
    expect(folds.filter((share) => share > 0 && share < 1)).toEqual([]);
  });

  test("is limited by the cost for larger data", () => {
    expect(toFoldCount(200, 400)).toBe(30);
    expect(toFoldCount(450, 2_000)).toBe(8);
    expect(toFoldCount(0, 5)).toBe(0);
  });
});
