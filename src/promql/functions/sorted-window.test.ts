import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { SortedWindow } from "./sorted-window.ts";

const value = fc.oneof(
  fc.integer({ min: -3, max: 3 }),
  fc.constantFrom(NaN, Infinity, -Infinity, -0, 0.5),
);

describe("a sorted window", () => {
  it("contains its samples, sorted, at any position", () => {
    const moves = fc.array(fc.tuple(fc.nat(4), fc.nat(12)), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 150 }), moves, (list, steps) => {
        const series = Float64Array.from(list);
        const window = new SortedWindow(series);
        let begin = 0;
        let end = 0;
        for (const [drop, add] of steps) {
          end = Math.min(end + add, series.length);
          begin = Math.min(begin + drop, end);
          if (begin === end) continue;
          window.moveTo(begin, end);
          const numbers = series.slice(begin, end).filter((one) => !Number.isNaN(one));
          // The order of zeros does not change a quantile.
          const expected = numbers.toSorted().map((one) => one + 0);
          expect(window.sorted.slice(0, window.size).map((one) => one + 0)).toEqual(expected);
          expect(window.nans).toBe(end - begin - numbers.length);
        }
      }),
    );
  });
});
