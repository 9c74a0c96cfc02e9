import { expect, test } from "vitest";
import { createRandom } from "../kernel/random.ts";
import type { FeatureBins } from "./guard.ts";
import {
  createRowMatches,
  estimateRowMatching,
  measureRowMatching,
  pickHashedFeatures,
} from "./row-matches.ts";

/** Returns the share of equal pairs of a stream of rows. */
function toMatchRatio(rows: Float64Array, width: number, features: readonly number[]): number {
  const matches = createRowMatches(features);
  let compared = 0;
  let equal = 0;
  for (let offset = 0; offset < rows.length; offset += width) {
    compared += matches.recent;
    equal += matches.add(rows, offset);
  }
  return equal / compared;
}

function drawRows(count: number, width: number, draw: () => number): Float64Array {
  return Float64Array.from({ length: count * width }, draw);
}

function repeat(rows: Float64Array, width: number, count: number, pick: () => number) {
  const repeated = new Float64Array(count * width);
  for (let i = 0; i < count; i++) {
    const row = pick();
    repeated.set(rows.subarray(row * width, (row + 1) * width), i * width);
  }
  return repeated;
}

test("rows that a client repeats are equal in 1/n of their pairs, at random or in turn", () => {
  const random = createRandom(1);
  const rows = drawRows(75, 4, random.normal);
  const atRandom = repeat(rows, 4, 20_000, () => random.below(75));
  let next = 0;
  const inTurn = repeat(rows, 4, 20_000, () => next++ % 75);
  expect(1 / toMatchRatio(atRandom, 4, [0, 1, 2, 3])).toBeCloseTo(75, -0.5);
  // Of 1,024 rows before it, 13 equal a row.
  expect(1 / toMatchRatio(inTurn, 4, [0, 1, 2, 3])).toBeCloseTo(1_024 / 13, -0.5);
  // One row for ever.
  expect(
    toMatchRatio(
      repeat(rows, 4, 5_000, () => 0),
      4,
      [0, 1, 2, 3],
    ),
  ).toBe(1);
});

test("different rows have equal hashes in about 1 of 65,536 pairs", () => {
  const random = createRandom(2);
  const ratio = toMatchRatio(drawRows(20_000, 4, random.normal), 4, [0, 1, 2, 3]);
  // 20 million pairs: 305 matches, give or take a standard deviation of 17.
  expect(ratio * 65_536).toBeGreaterThan(0.75);
  expect(ratio * 65_536).toBeLessThan(1.25);
});

test("rows are compared by the given columns, as float32 numbers, and with missing values", () => {
  const rows = Float64Array.of(1, 5.1, Number.NaN, 2, Math.fround(5.1), Number.NaN, 3, 5.2, 0);
  expect(toMatchRatio(rows, 3, [1, 2])).toBe(1 / 3);
  expect(toMatchRatio(rows, 3, [0, 1])).toBe(0);
});

test("only the 1,024 rows before a row count", () => {
  const rows = Float64Array.from({ length: 1_025 }, (_, i) => i);
  const matches = createRowMatches([0]);
  for (let i = 0; i < 1_025; i++) matches.add(rows, i);
  expect(matches.recent).toBe(1_024);
  const known = matches.add(rows, 1_024);
  const forgotten = createRowMatches([0]);
  for (let i = 0; i < 1_025; i++) forgotten.add(rows, i);
  // Row 0 has left; hashes may collide, so compare with a stream in which it is there.
  expect(known - forgotten.add(rows, 0)).toBe(1);
});

test("discrete training data have the share of equal pairs that live rows have", () => {
  const random = createRandom(3);
  const draw = () => random.below(3);
  const { ratio } = measureRowMatching([0, 1], drawRows(2_000, 2, draw), 2);
  expect(ratio).toBeCloseTo(1 / 9, 2);
  expect(toMatchRatio(drawRows(5_000, 2, draw), 2, [0, 1])).toBeCloseTo(ratio, 2);
  expect(measureRowMatching([0], Float64Array.of(1), 1).ratio).toBe(0);
});

const toBins = (ratios: readonly number[], missing = 0): FeatureBins => ({
  edges: ratios.slice(1).map((_, i) => i),
  ratios,
  missing_ratio: missing,
});

test("at most 12 columns are hashed: those in which rows differ most", () => {
  const constant = toBins([1]);
  const even = toBins([0.25, 0.25, 0.25, 0.25]);
  const rare = toBins([0.9, 0.1]);
  expect(pickHashedFeatures([constant, even, rare])).toEqual([0, 1, 2]);
  const wide = [
    ...Array.from({ length: 10 }, () => constant),
    ...Array.from({ length: 11 }, () => even),
    rare,
  ];
  expect(pickHashedFeatures(wide)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21]);
  expect(estimateRowMatching([even, toBins([1], 0.5)])).toEqual({ features: [0, 1], ratio: 0.125 });
});
