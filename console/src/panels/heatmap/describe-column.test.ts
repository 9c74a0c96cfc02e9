import { expect, it } from "vitest";
import { describeColumn, formatBound } from "./describe-column.ts";

it("lists the buckets of a time that are not empty", () => {
  const times = [new Date(2026, 0, 2, 3, 4, 5).getTime(), new Date(2026, 0, 2, 3, 4, 20).getTime()];
  const cells = {
    times,
    bounds: [0.1, 1],
    base: 0,
    counts: [
      [2, null],
      [1_500, 0],
    ],
    max: 1_500,
  };
  expect(describeColumn(cells, 0, "s")).toBe("03:04:05, up to 100 ms: 2; up to 1 s: 1.50 K");
  expect(describeColumn(cells, 1, "s")).toBe("03:04:20, none");
});

it("names bounds of buckets, also that of the last one", () => {
  expect([0.005, Infinity].map((bound) => formatBound(bound, "s"))).toEqual(["5 ms", "+Inf"]);
});
