import * as fc from "fast-check";
import { expect, it } from "vitest";
import { toRankedColumns } from "./ranked-columns.ts";

const cell = fc.oneof(
  fc.double({ noDefaultInfinity: true }),
  fc.constantFrom(0, -0, 1, 2, Number.NaN),
);

const yieldNow = (): Promise<void> => Promise.resolve();

it("ranks the distinct float32 values of each column, ascending", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(cell, { minLength: 4, maxLength: 60 }), async (cells) => {
      const count = Math.floor(cells.length / 2);
      const values = Float64Array.from(cells.slice(0, count * 2));
      const columns = await toRankedColumns({ values, count, width: 2 }, yieldNow);
      for (const f of [0, 1]) {
        const distinct = [...(columns.values[f] ?? [])];
        for (let row = 0; row < count; row++) {
          const value = distinct[columns.ranks[f]?.[row] ?? -1];
          // −0 and 0 are one value.
          expect((value ?? 1) + 0).toBe(Math.fround(values[row * 2 + f] ?? 1) + 0);
        }
        for (const [rank, value] of distinct.slice(1).entries()) {
          expect(Number.isNaN(value) || (distinct[rank] ?? 0) < value).toBe(true);
        }
      }
    }),
  );
});

it("supports more ranks than 16 bits hold", async () => {
  const count = 70_000;
  const values = Float64Array.from({ length: count }, (_, i) => count - i);
  const { ranks } = await toRankedColumns({ values, count, width: 1 }, yieldNow);
  expect(ranks[0]?.[0]).toBe(count - 1);
  expect(ranks[0]?.[count - 1]).toBe(0);
});
