import { describe, expect, it } from "vitest";
import { indexAt, overlay, toColumns } from "./chart-data.ts";

const points = (...pairs: readonly (readonly [number, number | null])[]) =>
  pairs.map(([at, value]) => ({ at, value }));
const columns = (...pairs: readonly (readonly [number, number | null])[]) =>
  toColumns(points(...pairs), ({ at }) => at, [({ value }) => value]);

describe("columns of a chart", () => {
  it("have a gap for missing seconds and for seconds without a measurement", () => {
    expect(columns([1, 5], [2, null], [3, 6], [7, 8])).toEqual([
      [1, 2, 3, 4, 7],
      [5, null, 6, null, 8],
    ]);
  });

  it("have no gap between unevenly spaced seconds", () => {
    expect(columns([1.02, 5], [2.4, 6], [3, 7])[0]).toEqual([1.02, 2.4, 3]);
  });

  it("of two runs share one axis of seconds", () => {
    expect(overlay(columns([1.01, 5], [2, 6]), columns([2, 7], [3, 8]))).toEqual([
      [1, 2, 3],
      [5, 6, null],
      [null, 7, 8],
    ]);
  });
});

describe("the point at a time", () => {
  it("is the nearest one within a second", () => {
    const xs = [1, 2, 3, 10];
    expect(indexAt(xs, 2.2)).toBe(1);
    expect(indexAt(xs, 2.8)).toBe(2);
    expect(indexAt(xs, 9.5)).toBe(3);
    expect(indexAt(xs, 6)).toBeNull();
    expect(indexAt([], 1)).toBeNull();
  });
});
