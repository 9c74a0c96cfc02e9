import { expect, test } from "vitest";
import { createPatternCache } from "./pattern-cache.ts";
import type { Pattern } from "./pattern.ts";

function createPattern(bytes: number): Pattern {
  const index = {
    width: 1,
    rows: new Float64Array(0),
    axes: Int32Array.of(0),
    order: new Int32Array(0),
  };
  return {
    basis: new Float64Array(0),
    directions: 0,
    index,
    calibration: new Float64Array(0),
    bytes,
  };
}

test("keeps the patterns used last, in bounded memory", () => {
  const cache = createPatternCache(30_000);
  const patterns = Array.from({ length: 5 }, () => createPattern(10_000));
  for (const [i, pattern] of patterns.entries()) {
    cache.add(String(i), pattern);
    // The first pattern is used again and again.
    expect(cache.get("0")).toBe(patterns[0]);
    expect(cache.bytes).toBeLessThanOrEqual(30_000);
  }
  expect(["0", "1", "2", "3", "4"].filter((key) => cache.get(key) !== undefined)).toEqual([
    "0",
    "3",
    "4",
  ]);
});

test("counts the entries of small patterns, and keeps one that is larger than all memory", () => {
  const cache = createPatternCache(30_000);
  for (let i = 0; i < 1_000; i++) cache.add(String(i), createPattern(8));
  expect(cache.size).toBeLessThan(10);
  cache.add("large", createPattern(1e9));
  expect([cache.size, cache.get("large")?.bytes]).toEqual([1, 1e9]);
});
