import { expect, test } from "vitest";
import { toShrunkCovariance } from "./ledoit-wolf.ts";

// All expected numbers are from sklearn.covariance.LedoitWolf(assume_centered=True), scikit-learn 1.2.1.

test("returns scikit-learn's estimate for five rows of three features", () => {
  const rows = Float64Array.of(1, 2, 0, -1, 0.5, 3, 2, -1, -1, 0, -1.5, -2, -2, 0, 0);
  const { covariance, shrinkage } = toShrunkCovariance(rows, 5, 3, 0);
  expect(shrinkage).toBeCloseTo(0.9696226415094339, 12);
  const expected = [
    2.0969622641509433, -0.0030377358490566112, -0.03037735849056611, -0.0030377358490566112,
    2.0817735849056604, 0.033415094339622725, -0.03037735849056611, 0.033415094339622725,
    2.1212641509433965,
  ];
  for (const [at, value] of expected.entries()) expect(covariance[at]).toBeCloseTo(value, 12);
});

test("returns scikit-learn's estimate for fewer rows than features", () => {
  const rows = Float64Array.of(1, 0, 2, -1, 3, 0, 1, -2, 1, -1, -1, -1, 0, 0, -2);
  const { covariance, shrinkage } = toShrunkCovariance(rows, 3, 5, 0);
  expect(shrinkage).toBeCloseTo(0.34277719482336483, 12);
  const diagonal = [
    1.0779993004547044, 1.0779993004547044, 2.3924449108079746, 1.0779993004547044,
    3.7068905211612453,
  ];
  for (const [i, value] of diagonal.entries()) expect(covariance[i * 6]).toBeCloseTo(value, 12);
});

test("shrinks by the smallest allowed share where the estimate is 0", () => {
  // A single feature has no other variance to shrink towards; collinear rows have a singular covariance.
  expect(toShrunkCovariance(Float64Array.of(1, -1), 2, 1, 0).shrinkage).toBe(0);
  const collinear = toShrunkCovariance(Float64Array.of(1, 1, -1, -1), 2, 2, 0.25);
  expect([...collinear.covariance]).toEqual([1, 0.75, 0.75, 1]);
});
