import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRankOrder } from "./rank-order.ts";

describe("createRankOrder", () => {
  // Few rows, many ranks per row, few ranks per row: insertion, keys and buckets.
  it.each([
    { count: 10, distinct: 50_000 },
    { count: 200, distinct: 60_000 },
    { count: 200, distinct: 7 },
    { count: 200, distinct: 3_000 },
  ])("sorts $count rows of $distinct ranks like a stable sort", ({ count, distinct }) => {
    const order = createRankOrder(count, distinct);
    const rank = fc.integer({ min: 0, max: distinct - 1 });
    const column = fc.array(rank, { minLength: count, maxLength: count });
    fc.assert(
      fc.property(column, fc.nat({ max: count - 1 }), (ranks, start) => {
        const samples = Int32Array.from(ranks.keys()).toReversed();
        order.sort(Uint16Array.from(ranks), distinct, samples, start, count);

        const expected = [...samples.subarray(start)].toSorted(
          (a, b) => (ranks[a] ?? 0) - (ranks[b] ?? 0),
        );
        expect([...order.rows.subarray(0, count - start)]).toEqual(expected);
        expect([...order.ranks.subarray(0, count - start)]).toEqual(expected.map((r) => ranks[r]));
      }),
      { numRuns: 30 },
    );
  });

  it("orders ranks that need more than 32 bits together with the position", () => {
    const order = createRankOrder(100, 2 ** 27);
    const column = Uint32Array.from({ length: 100 }, (_, row) => 2 ** 27 - 1 - row * 1_000_000);
    order.sort(column, 2 ** 27, Int32Array.from(column.keys()), 0, 100);
    expect([...order.rows]).toEqual([...column.keys()].toReversed());
    expect(order.ranks[99]).toBe(2 ** 27 - 1);
  });
});
