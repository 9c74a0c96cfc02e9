import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  catchTepalError,
  createFittedGuard,
  createNormalSource,
  readIris,
  toFeatures,
  toPValues,
} from "../../../test/guard/data.ts";
import type { Data } from "../../../test/guard/data.ts";
import { createRandom } from "../../kernel/random.ts";
import { compileGuard } from "../compile-guard.ts";
import { createGuard } from "../create-guard.ts";
import { fitGuard, type FitGuardOptions } from "./fit-guard.ts";
import type { FittedGuard } from "../guard.ts";
import { parseGuardParameters } from "../parse-parameters.ts";
import { decodeReference } from "../reference.ts";

function fit(data: Data, options?: FitGuardOptions): FittedGuard {
  return fitGuard(data, data.labels, data.classCount, options);
}

function toData(width: number, values: readonly number[], labels?: readonly number[]): Data {
  return {
    values: Float64Array.from(values),
    count: values.length / width,
    width,
    labels: labels === undefined ? null : Int32Array.from(labels),
    classCount: labels === undefined ? 0 : Math.max(...labels) + 1,
  };
}

/** Returns true if p is a valid p-value of the row: NaN if and only if mahalanobis lacks a value. */
function isSound(p: number, smallest: number, row: ArrayLike<number>, method: string): boolean {
  const values = Array.from(row);
  const isUnchecked =
    method === "mahalanobis" ? values.some(Number.isNaN) : values.every(Number.isNaN);
  return isUnchecked ? Number.isNaN(p) : p >= smallest && p <= 1;
}

describe("fitting a guard", () => {
  test("to Iris stores all 150 rows as the reference", () => {
    const { parameters, reference } = fit(readIris());
    expect(parameters).toMatchObject({
      method: "knn",
      neighbours: 5,
      calibration_rows: 150,
      reference_rows: 150,
      class_ratios: [1 / 3, 1 / 3, 1 / 3],
    });
    expect(parameters.bins.map(({ ratios }) => ratios.length)).toEqual([10, 9, 10, 9]);
    expect(reference.length).toBe(32 + 8 * (4 + 10 + 600 + 150));
    expect(parseGuardParameters(JSON.parse(JSON.stringify(parameters)), toFeatures(4), 3)).toEqual(
      parameters,
    );
  });

  test("is deterministic and does not change its input", () => {
    const iris = readIris();
    const before = iris.values.slice();
    expect(fit(iris)).toEqual(fit(iris));
    expect(iris.values).toEqual(before);
  });

  test("uses class means above 50,000 training values", () => {
    const draw = createNormalSource(4, 2, createRandom(1));
    expect(fit(draw(12_500)).parameters).toMatchObject({
      method: "knn",
      reference_rows: 12_500,
    });
    expect(fit(draw(12_501)).parameters).toMatchObject({
      method: "mahalanobis",
      reference_rows: 2,
      calibration_rows: 12_501,
    });
  });

  test("scores each row without itself", () => {
    // Without one of 1, 2, 4 and 8, 3 rows remain, so the 3rd neighbour is the furthest. The distances are 7, 6, 4 and 7,
    // in units that depend on the row left out: 1 and 8 have the residuals −2.75 and 4.25, so their scores differ.
    const { parameters, reference } = fit(toData(1, [1, 2, 4, 8]));
    expect(parameters.neighbours).toBe(3);
    const { calibration } = decodeReference(reference);
    // Without x the variance is (Σ(y − mean)² − (x − mean)²·4/3)/3 of 3 rows; here Σ = 28.75.
    const variance = 28.75 / 4;
    const expected = [1, 2, 4, 8].map((x, i) => {
      const without = (28.75 - ((x - 3.75) ** 2 * 4) / 3) / 3;
      const share = ((x - 3.75) ** 2 * 4) / 3 / 28.75;
      expect(without / variance).toBeCloseTo((4 / 3) * (1 - share), 12);
      return ([7, 6, 4, 7][i] ?? 0) / Math.sqrt(without);
    });
    for (const [i, score] of expected.toSorted((a, b) => a - b).entries())
      expect(calibration[i]).toBeCloseTo(score, 4);
  });

  test("uses rows with missing values only for bins and class shares, with mahalanobis", () => {
    const complete = [1, 5, 2, 4, 3, 6, 4, 5, 5, 7, 6, 8, 7, 7];
    const labels = [0, 1, 0, 1, 0, 1, 0];
    const options = { method: "mahalanobis" } as const;
    const without = fit(toData(2, complete, labels), options);
    const withMissing = fit(toData(2, [...complete, 100, Number.NaN], [...labels, 1]), options);
    expect(withMissing.reference).toEqual(without.reference);
    expect(withMissing.parameters.calibration_rows).toBe(7);
    expect(withMissing.parameters.class_ratios).toEqual([0.5, 0.5]);
    expect(withMissing.parameters.bins[0]?.ratios).toHaveLength(8);
    expect(withMissing.parameters.bins[0]?.missing_ratio).toBe(0);
    expect(withMissing.parameters.bins[1]).toEqual({
      ...without.parameters.bins[1],
      missing_ratio: 1 / 8,
    });
  });

  test("rejects invalid data with all problems at once", () => {
    const values = Float64Array.of(1, Number.NEGATIVE_INFINITY);
    const error = catchTepalError(() =>
      fitGuard({ values, count: 2, width: 1 }, Int32Array.of(0, 1, 3), 2),
    );
    expect(error?.code).toBe("INVALID_DATA");
    expect(error?.problems.map(({ at }) => at)).toEqual(["row 2, column 1", "labels", "row 3"]);
    expect(() => fit(toData(1, []))).toThrow(/cannot be fitted/);
  });
});

describe("a guard fitted to degenerate data", () => {
  const many = Array.from({ length: 30 }, (_, i) => i);
  const huge = 1e30;
  const cases: Record<string, Data> = {
    "one row": toData(2, [1, 2]),
    "two equal rows": toData(2, [1, 2, 1, 2]),
    "two rows": toData(2, [1, 2, 3, 4]),
    "fewer rows than neighbours": toData(1, [1, 2, 4]),
    "only equal rows": toData(
      2,
      many.map((i) => i % 2),
    ),
    "a constant feature": toData(
      2,
      many.flatMap((i) => [i, 5]),
    ),
    "a constant zero": toData(
      2,
      many.flatMap((i) => [i, 0]),
    ),
    "collinear features": toData(
      3,
      many.flatMap((i) => [i, 2 * i, -i]),
    ),
    "equal features": toData(
      2,
      many.flatMap((i) => [i * i, i * i]),
    ),
    "fewer rows than features": toData(12, [
      ...createNormalSource(12, 1, createRandom(1))(5).values,
    ]),
    "one row per class": toData(
      2,
      many.slice(0, 10).flatMap((i) => [i, i * i]),
      many.slice(0, 10),
    ),
    "a class of one row": toData(1, many, [...many.slice(1).map(() => 0), 1]),
    "a class without rows": toData(1, many, [2, ...many.slice(1).map(() => 0)]),
    "a feature that equals the class": toData(
      2,
      many.flatMap((i) => [i, i % 2]),
      many.map((i) => i % 2),
    ),
    "huge values": toData(
      2,
      many.flatMap((i) => [i % 2 === 0 ? huge : -huge, i]),
    ),
    "the largest values allowed": toData(
      2,
      many.flatMap((i) => [i % 2 === 0 ? 1e300 : -1e300, i]),
    ),
    "tiny values": toData(
      2,
      many.flatMap((i) => [i * 1e-300, i * Number.MIN_VALUE]),
    ),
    "values one rounding step apart": toData(
      1,
      many.map((i) => 1 + i * Number.EPSILON),
    ),
    "no complete row": toData(2, [1, Number.NaN, Number.NaN, 2]),
  };

  for (const [name, data] of Object.entries(cases)) {
    for (const method of ["knn", "mahalanobis"] as const) {
      test(`returns valid p-values: ${name}, ${method}`, () => {
        const { parameters, reference } = fitGuard(data, data.labels, data.classCount, { method });
        const section: unknown = JSON.parse(JSON.stringify(parameters));
        parseGuardParameters(section, toFeatures(data.width), data.classCount);
        const guard = createGuard(compileGuard(parameters, reference, toFeatures(data.width)));
        for (const far of [0, 1, -1e30, 1e308, Number.NEGATIVE_INFINITY]) {
          const p = guard.pValue(new Float64Array(data.width).fill(far), 0);
          expect(p).toBeGreaterThanOrEqual(guard.smallestPValue);
          expect(p).toBeLessThanOrEqual(1);
        }
        const own = toPValues(guard, data);
        for (const [row, p] of own.entries()) {
          const values = data.values.subarray(row * data.width, (row + 1) * data.width);
          expect(isSound(p, guard.smallestPValue, values, method)).toBe(true);
        }
      });
    }
  }

  test("returns valid p-values for any numbers, also missing ones", () => {
    const number = fc.oneof(
      fc.integer({ min: 0, max: 3 }),
      fc.double({ min: -1e300, max: 1e300 }),
      fc.constantFrom(0, 1e30, -1e30, 1e300, Number.MIN_VALUE),
    );
    const data = fc
      .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 12 }))
      .chain(([width, count]) =>
        fc.record({
          width: fc.constant(width),
          values: fc.array(number, { minLength: width * count, maxLength: width * count }),
          labels: fc.option(fc.array(fc.nat({ max: 2 }), { minLength: count, maxLength: count }), {
            nil: undefined,
          }),
          row: fc.array(number, { minLength: width, maxLength: width }),
          method: fc.constantFrom("knn" as const, "mahalanobis" as const),
        }),
      );
    fc.assert(
      fc.property(data, ({ width, values, labels, row, method }) => {
        const guard = createFittedGuard(toData(width, values, labels), { method });
        const p = guard.pValue(Float64Array.from(row), 0);
        expect(isSound(p, guard.smallestPValue, row, method)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
