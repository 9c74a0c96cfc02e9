import * as fc from "fast-check";
import { expect, test } from "vitest";
import { createRandom } from "../../kernel/random.ts";
import { toSpanCoordinates } from "./orthonormal-basis.ts";

/** Returns the products of all pairs of rows, row-major. */
function toProducts(rows: Float64Array, count: number): number[] {
  const width = rows.length / count;
  return Array.from({ length: count * count }, (_, at) => {
    const a = rows.subarray(Math.floor(at / count) * width, (Math.floor(at / count) + 1) * width);
    return a.reduce((sum, value, j) => sum + value * (rows[(at % count) * width + j] ?? 0), 0);
  });
}

test("coordinates in the span preserve the products of all rows", () => {
  const shape = fc.record({
    count: fc.integer({ min: 1, max: 8 }),
    width: fc.integer({ min: 1, max: 12 }),
    rank: fc.integer({ min: 1, max: 8 }),
    seed: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
  });
  fc.assert(
    fc.property(shape, ({ count, width, rank, seed }) => {
      const random = createRandom(seed);
      const base = Float64Array.from({ length: rank * width }, () => random.normal());
      const rows = new Float64Array(count * width);
      for (let row = 0; row < count; row++) {
        // Rows beyond the rank are multiples of earlier rows.
        const factor = 1 + Math.floor(row / rank);
        for (let j = 0; j < width; j++) {
          rows[row * width + j] = factor * (base[(row % rank) * width + j] ?? 0);
        }
      }
      const expected = toProducts(rows, count);
      const found = toProducts(toSpanCoordinates(rows.slice(), count, width), count);
      for (const [at, product] of found.entries())
        expect(product).toBeCloseTo(expected[at] ?? 0, 9);
    }),
  );
});

test("a row too long for a double does not affect the other rows", () => {
  const coordinates = toSpanCoordinates(Float64Array.of(3, 4, 0, 1e300, 0, 0, 0, 0, 2), 3, 3);
  expect([...coordinates]).toEqual([5, 0, 0, Number.NaN, Number.NaN, Number.NaN, 0, 0, 2]);
});

test("a remainder too short to be measured is not used as a direction", () => {
  const rows = Float64Array.of(1, 0, 0, 1, 1.1e-161, 0, 0, 1, 1);
  const coordinates = toSpanCoordinates(rows, 3, 3);
  expect([...coordinates]).toEqual([1, 0, 0, 1, 0, 0, 0, 0, Math.sqrt(2)]);
});
