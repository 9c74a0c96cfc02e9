import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  createMixedGuard,
  createPassengerSource,
  toCategory,
} from "../../test/guard/mixed-data.ts";
import { createNormalSource, createFittedGuard, toFeatures } from "../../test/guard/data.ts";
import { createRandom } from "../kernel/random.ts";
import { createRowEncoding, encodeRows } from "./encoding.ts";
import { fitFilled } from "./fit/fit-filled.ts";
import { whitenRows } from "./whitening.ts";
import type { CalibrationBudget } from "./guard.ts";

const EXHAUSTED: CalibrationBudget = { spend: () => false };

/** Counts the calibrations. */
function createCounter(): CalibrationBudget & { readonly count: number } {
  let count = 0;
  return {
    get count() {
      return count;
    },
    spend() {
      count += 1;
      return true;
    },
  };
}

/** Returns a row for each pattern of missing values with at least one value. */
function listPatterns(row: Float64Array): Float64Array[] {
  return Array.from({ length: 2 ** row.length - 1 }, (_, bits) =>
    row.map((value, f) => ((bits >> f) & 1 ? Number.NaN : value)),
  );
}

describe("a row with missing values", () => {
  const source = createPassengerSource(createRandom(1));
  const training = source.draw(200, 0.2);
  const row = source.draw(1, 0).values;

  test("has the same p-value in any order of the patterns, and after others replaced its calibration", () => {
    const rows = listPatterns(row);
    const forward = createMixedGuard(training, source.features);
    const backward = createMixedGuard(training, source.features);
    const first = rows.map((values) => forward.pValue(values, 0));
    const second = rows.toReversed().map((values) => backward.pValue(values, 0));
    expect(second.toReversed()).toEqual(first);
    expect(first.every((p) => p > 0 && p <= 1)).toBe(true);
    expect(new Set(first).size).toBeGreaterThan(20);
    expect(rows.map((values) => forward.pValue(values, 0))).toEqual(first);
  });

  test("is calibrated once for each pattern", () => {
    const guard = createMixedGuard(training, source.features);
    const counter = createCounter();
    const rows = listPatterns(row).slice(1, 20);
    for (const values of [...rows, ...rows]) guard.pValue(values, 0, counter);
    expect(counter.count).toBe(19);
    expect(guard.pValue(row, 0, counter)).toBe(guard.pValue(row, 0));
    expect(counter.count).toBe(19);
  });

  test("has none when the budget is exhausted or no value is present", () => {
    const guard = createMixedGuard(training, source.features);
    const values = row.with(3, Number.NaN);
    expect(guard.pValue(values, 0, EXHAUSTED)).toBeNaN();
    const later = guard.pValue(values, 0);
    expect(later).toBeGreaterThan(0);
    // The calibration exists by now.
    expect(guard.pValue(values, 0, EXHAUSTED)).toBe(later);
    expect(guard.pValue(new Float64Array(8).fill(Number.NaN), 0)).toBeNaN();
  });

  test("has none where its calibration would take too long", () => {
    const draw = createNormalSource(400, 1, createRandom(2));
    const guard = createFittedGuard({ ...draw(50), labels: null, classCount: 0 });
    const { values } = draw(1);
    expect(guard.pValue(values.with(7, Number.NaN), 0)).toBeGreaterThan(0);
    expect(guard.pValue(values.fill(Number.NaN, 1), 0)).toBeNaN();
  });

  test("that the training rows did not have is compared as in a model of the other features", () => {
    // Four independent features; 100 standard deviations in a missing one do not count.
    const random = createRandom(3);
    const values = Float64Array.from({ length: 1_200 }, () => random.normal());
    const data = { values, count: 300, width: 4, labels: null, classCount: 0 };
    const three = { ...data, width: 3, values: values.filter((_, at) => at % 4 < 3) };
    const guard = createFittedGuard(data);
    const smaller = createFittedGuard(three);
    for (let i = 0; i < 20; i++) {
      const fresh = Float64Array.from({ length: 4 }, () => 2 * random.normal());
      const p = guard.pValue(fresh.with(3, Number.NaN), 0);
      expect(Math.abs(p - smaller.pValue(fresh, 0))).toBeLessThan(0.03);
    }
  });
});

describe("categories", () => {
  const numbers = toFeatures(1);

  test("that are unknown are at least as far from each known one as any two known ones", () => {
    const random = createRandom(4);
    const count = 400;
    // Ten frequent categories; the others have few rows each. The number depends on them.
    const values = Float64Array.from({ length: count }, () =>
      random.uniform() < 0.9 ? random.below(10) : 10 + random.below(20),
    );
    const rows = {
      values: Float64Array.from({ length: 2 * count }, (_, at) =>
        at % 2 === 0 ? values[at >> 1]! / 9 + random.normal() : values[at >> 1]!,
      ),
      count,
      width: 2,
    };
    const features = [...numbers, toCategory("color", 30)];
    const { levels, whitening } = fitFilled(rows, features, null, 0, 5, 20_000);
    const encoding = createRowEncoding(levels);
    const colors = Float64Array.from({ length: 62 }, (_, at) => (at % 2 === 0 ? 0 : at >> 1));
    const whitened = whitenRows(whitening, encodeRows(encoding, colors));
    const toDistance = (a: number, b: number): number => {
      const part = (code: number): Float64Array =>
        whitened.subarray(code * encoding.width, (code + 1) * encoding.width);
      return Math.hypot(...part(a).map((value, j) => value - part(b)[j]!));
    };
    const known = Array.from({ length: 30 }, (_, code) => code);
    const furthest = Math.max(...known.flatMap((a) => known.map((b) => toDistance(a, b))));
    expect(furthest).toBeGreaterThan(3);
    expect(Math.min(...known.map((code) => toDistance(30, code)))).toBeGreaterThanOrEqual(furthest);
  });

  test("and missing values of any training data give valid p-values", () => {
    const cell = fc.oneof(
      fc.constant(Number.NaN),
      fc.integer({ min: 0, max: 3 }),
      fc.constantFrom(0, 1e300, -1e300, Number.MIN_VALUE),
    );
    const code = fc.constantFrom(0, 1, 2, Number.NaN);
    const line = fc.tuple(cell, code, cell);
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 12 }),
        line,
        fc.nat(),
        (lines, fresh, seed) => {
          const data = {
            values: Float64Array.from(lines.flat()),
            count: lines.length,
            width: 3,
            labels: Int32Array.from(lines, (_, i) => (i + seed) % 2),
          };
          const types = [numbers[0]!, toCategory("letter", 2), toFeatures(3)[2]!];
          const fitted = createMixedGuard(data, types);
          const p = fitted.pValue(Float64Array.from(fresh), 0);
          const isEmpty = fresh.every(Number.isNaN);
          expect(isEmpty ? Number.isNaN(p) : p >= 0 && p <= 1).toBe(true);
        },
      ),
      { numRuns: 300 },
    );
  });
});
