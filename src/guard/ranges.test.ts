import { expect, test } from "vitest";
import type { Feature } from "../tabular/tabular.ts";
import { findOutOfRange } from "./ranges.ts";

function feature(precision: Feature["precision"], min: number | null, max: number | null): Feature {
  return { name: "x", type: "number", precision, unit: null, min, max, nullable: true };
}

function find(features: readonly Feature[], ...values: number[]): number[] | null {
  // An offset other than 0 shows that it is used.
  return findOutOfRange(features, Float64Array.of(-1e9, ...values), 1);
}

test("returns every feature outside its bounds, in order", () => {
  const features = [feature("float64", 0, 1), feature("float64", 0, 1), feature("float64", 0, 1)];
  expect(find(features, 0, 0.5, 1)).toBeNull();
  expect(find(features, -0.1, 0.5, 1.1)).toEqual([0, 2]);
  expect(find(features, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY)).toEqual([1, 2]);
});

test("never flags missing values or unknown bounds", () => {
  expect(find([feature("float64", 0, 1)], Number.NaN)).toBeNull();
  expect(find([feature("float32", 0, 1)], Number.NaN)).toBeNull();
  expect(
    find([feature("float64", null, null), feature("float32", null, null)], 1e300, -1e300),
  ).toBeNull();
  expect(find([feature("float64", null, 1), feature("float64", 0, null)], -5, 5)).toBeNull();
});

test("never flags a training value that a client rounded to float32", () => {
  const rounded = Math.fround(0.1);
  expect(rounded).toBeGreaterThan(0.1);
  expect(find([feature("float32", 0, 0.1)], rounded)).toBeNull();
  expect(find([feature("float32", 0, rounded)], 0.1)).toBeNull();
  expect(find([feature("float32", 0.7, 1)], Math.fround(0.7))).toBeNull();
  expect(find([feature("float32", rounded, 1)], 0.1)).toBeNull();
  expect(find([feature("float64", 0, 0.1)], rounded)).toEqual([0]);
  expect(find([feature("float32", 0, 0.1)], 0.10001)).toEqual([0]);
});
