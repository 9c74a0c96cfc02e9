import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { createKnnIndex, toNeighbourDistance, type Removal } from "./knn-index.ts";

const coordinate = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.double({ min: -1e3, max: 1e3, noNaN: true }),
);
const cases = fc.integer({ min: 1, max: 6 }).chain((width) =>
  fc.record({
    rows: fc.array(fc.array(coordinate, { minLength: width, maxLength: width }), { maxLength: 40 }),
    target: fc.array(coordinate, { minLength: width, maxLength: width }),
    residual: fc.array(coordinate, { minLength: width, maxLength: width }),
    neighbours: fc.integer({ min: 1, max: 6 }),
    weight: fc.double({ min: 0, max: 2, noNaN: true }),
    width: fc.constant(width),
  }),
);

/** Returns the squared distances to all rows, ascending. */
function toDistances(rows: number[][], target: number[], removal: Removal | null): number[] {
  const distances = rows.map((row) => {
    const differences = row.map((value, j) => (target[j] ?? 0) - value);
    const squared = differences.reduce((sum, value) => sum + value * value, 0);
    if (removal === null) return squared;
    const along = differences.reduce((sum, v, j) => sum + v * (removal.residual[j] ?? 0), 0);
    return squared + removal.weight * along * along;
  });
  return distances.toSorted((a, b) => a - b);
}

describe("toNeighbourDistance", () => {
  test("returns the distance that a full sort finds", () => {
    fc.assert(
      fc.property(cases, ({ rows, target, residual, neighbours, weight, width }) => {
        const index = createKnnIndex(Float64Array.from(rows.flat()), width);
        const inOrder = (row: number[]): Float64Array =>
          Float64Array.from(index.axes, (axis) => row[axis] ?? 0);
        const nearest = new Float64Array(neighbours);
        for (const removal of [null, { weight, residual: Float64Array.from(residual) }]) {
          const found = toNeighbourDistance(
            index,
            inOrder(target),
            0,
            -1,
            removal && { weight, residual: inOrder(residual) },
            nearest,
          );
          const expected =
            toDistances(rows, target, removal)[neighbours - 1] ?? Number.POSITIVE_INFINITY;
          const isClose = Math.abs(found - expected) <= 1e-9 * (1 + expected);
          expect(found === expected || isClose).toBe(true);
        }
      }),
    );
  });

  test("excludes the given row but none of its duplicates", () => {
    const index = createKnnIndex(Float64Array.of(0, 1, 1, 4), 1);
    const find = (row: number, neighbours: number): number =>
      toNeighbourDistance(index, index.rows, row, row, null, new Float64Array(neighbours));
    expect([0, 1, 2, 3].map((row) => find(row, 1))).toEqual([1, 0, 0, 9]);
    expect([0, 1, 2, 3].map((row) => find(row, 2))).toEqual([1, 1, 1, 9]);
    expect([0, 1, 2, 3].map((row) => find(row, 3))).toEqual([16, 9, 9, 16]);
    expect(find(0, 4)).toBe(Number.POSITIVE_INFINITY);
  });

  test("returns +Infinity for a target whose distances overflow", () => {
    const index = createKnnIndex(Float64Array.of(0, 0, 1, 1), 2);
    for (const far of [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN, 1e200]) {
      for (const target of [Float64Array.of(far, 0), Float64Array.of(0, far)]) {
        const found = toNeighbourDistance(index, target, 0, -1, null, new Float64Array(1));
        expect(found).toBe(Number.POSITIVE_INFINITY);
      }
    }
  });
});
