import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countUpTo, findWindows } from "./windows.ts";

const increasing = fc
  .uniqueArray(fc.integer({ min: -50, max: 200 }), { maxLength: 60 })
  .map((list) => Float64Array.from(list.toSorted((a, b) => a - b)));
const moments = fc
  .array(fc.integer({ min: -100, max: 300 }), { maxLength: 20 })
  .map((list) => Float64Array.from(list.toSorted((a, b) => a - b)));

describe("windows", () => {
  it("count the times that are not later", () => {
    fc.assert(
      fc.property(increasing, moments, (times, ends) => {
        const expected = ends.map((end) => times.filter((time) => time <= end).length);
        expect([...countUpTo(times, ends)]).toEqual([...expected]);
      }),
    );
  });

  it("contain the samples of (end − range, end]", () => {
    fc.assert(
      fc.property(increasing, moments, fc.integer({ min: 1, max: 100 }), (times, ends, range) => {
        const windows = findWindows({ hold() {} }, times, ends, range);
        for (const [i, end] of ends.entries()) {
          const inside = times.slice(windows.begins[i], windows.ends[i]);
          expect(inside).toEqual(times.filter((time) => time > end - range && time <= end));
        }
      }),
    );
  });
});
