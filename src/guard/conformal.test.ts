import * as fc from "fast-check";
import { expect, test } from "vitest";
import { toConformalPValue } from "./conformal.ts";

test("counts calibration scores that are at least as large, ties included", () => {
  const calibration = Float64Array.of(1, 2, 2, 3);
  expect(toConformalPValue(calibration, 0)).toBe(1);
  expect(toConformalPValue(calibration, 1)).toBe(1);
  expect(toConformalPValue(calibration, 1.5)).toBe(4 / 5);
  expect(toConformalPValue(calibration, 2)).toBe(4 / 5);
  expect(toConformalPValue(calibration, 3)).toBe(2 / 5);
  expect(toConformalPValue(calibration, 4)).toBe(1 / 5);
  expect(toConformalPValue(calibration, Number.POSITIVE_INFINITY)).toBe(1 / 5);
});

test("is 1 without calibration scores", () => {
  expect(toConformalPValue(new Float64Array(0), 5)).toBe(1);
});

test("is (1 + #{calibration ≥ score}) / (n + 1)", () => {
  const anyScore = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.double({ min: 0, noNaN: true }));
  fc.assert(
    fc.property(fc.array(anyScore), anyScore, (scores, score) => {
      const atLeast = scores.filter((value) => value >= score).length;
      const p = toConformalPValue(Float64Array.from(scores).toSorted(), score);
      expect(p).toBe((1 + atLeast) / (scores.length + 1));
    }),
  );
});
