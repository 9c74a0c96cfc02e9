import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  catchTepalError,
  createFittedGuard,
  createNormalSource,
  readIris,
  toFeatures,
  toMoments,
  toPValues,
  type Data,
} from "../../test/guard/data.ts";
import { createRandom } from "../kernel/random.ts";
import { compileGuard } from "./compile-guard.ts";
import { createGuard } from "./create-guard.ts";
import { fitGuard } from "./fit/fit-guard.ts";
import { decodeReference } from "./reference.ts";
import { whiten } from "./whitening.ts";

const METHODS = ["knn", "mahalanobis"] as const;
const seeds = fc.integer({ min: 0, max: 2 ** 32 - 1 });

describe.each(METHODS)("a guard with method %s", (method) => {
  const iris = readIris();
  const guard = createFittedGuard(iris, { method });

  test("returns p-values in [1 / (n + 1), 1] for any row", () => {
    expect(guard.smallestPValue).toBe(1 / 151);
    const values = fc.array(fc.double({ noNaN: true }), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(values, (row) => {
        const p = guard.pValue(Float64Array.from(row), 0);
        expect(p >= 1 / 151 && p <= 1).toBe(true);
      }),
    );
  });

  test("returns the smallest p-value for far rows, also where a distance overflows or, with knn, a value is missing", () => {
    const { NaN: missing, POSITIVE_INFINITY: infinite, NEGATIVE_INFINITY: lowest } = Number;
    for (let j = 0; j < 4; j++) {
      for (const far of [1e30, -1e30, 1e308, -1e308, infinite, lowest]) {
        const row = Float64Array.of(6, 3, 4, 1);
        row[j] = far;
        expect(guard.pValue(row, 0)).toBe(1 / 151);
        row[(j + 1) % 4] = missing;
        const p = guard.pValue(row, 0);
        if (method === "knn") expect(p).toBe(1 / 151);
        else expect(p).toBeNaN();
      }
    }
    expect(guard.pValue(Float64Array.of(infinite, lowest, infinite, lowest), 0)).toBe(1 / 151);
  });

  test("checks the row at the offset, independent of earlier rows", () => {
    const singly = Array.from({ length: 150 }, (_, row) => {
      const alone = createFittedGuard(iris, { method });
      return alone.pValue(iris.values.slice(row * 4, row * 4 + 4), 0);
    });
    expect([...toPValues(guard, iris)]).toEqual(singly);
  });

  test("returns the same p-values after features are rescaled and shifted", () => {
    fc.assert(
      fc.property(seeds, (seed) => {
        const random = createRandom(seed);
        const width = 1 + random.below(5);
        const draw = createNormalSource(width, 2, random);
        const training = draw(40);
        const fresh = draw(20);
        const factors = Array.from(
          { length: width },
          () => (random.below(2) * 2 - 1) * 10 ** (12 * random.uniform() - 6),
        );
        const moves = factors.map((factor) => 100 * factor * random.normal());
        const move = (data: Data): Data => ({
          ...data,
          values: data.values.map(
            (v, at) => v * (factors[at % width] ?? 1) + (moves[at % width] ?? 0),
          ),
        });
        const plain = toPValues(createFittedGuard(training, { method }), fresh);
        const moved = toPValues(createFittedGuard(move(training), { method }), move(fresh));
        // Rounding may swap two scores that are almost equal.
        for (const [row, p] of plain.entries()) {
          expect(Math.abs((moved[row] ?? 0) - p)).toBeLessThanOrEqual(1 / 41 + 1e-12);
        }
      }),
      { numRuns: 40 },
    );
  });

  test("never returns a larger p-value for a row further outside the data", () => {
    // In whitened space, further out than all reference rows, each step away from the centre is a step away from every
    // reference row.
    const { mean } = toMoments(iris);
    const { whitening, rows } = decodeReference(
      fitGuard(iris, iris.labels, iris.classCount, { method }).reference,
    );
    let radius = 0;
    for (let at = 0; at < rows.length; at += 4) {
      radius = Math.max(radius, Math.hypot(...rows.subarray(at, at + 4)));
    }
    const step = fc.array(fc.double({ min: 1, max: 2, noNaN: true }), {
      minLength: 8,
      maxLength: 8,
    });
    fc.assert(
      fc.property(seeds, step, (seed, steps) => {
        const random = createRandom(seed);
        const direction = mean.map(() => random.normal());
        const white = new Float64Array(4);
        const from = mean.map((value, j) => value + (direction[j] ?? 0));
        whiten(whitening, from, 0, white, 0, new Float64Array(4));
        let distance = radius / Math.hypot(...white);
        let previous = 1;
        for (const growth of steps) {
          const row = mean.map((value, j) => value + distance * (direction[j] ?? 0));
          const p = guard.pValue(row, 0);
          expect(p).toBeLessThanOrEqual(previous);
          previous = p;
          distance *= growth;
        }
      }),
    );
  });
});

describe("createGuard", () => {
  const iris = readIris();
  const { parameters, reference } = fitGuard(iris, iris.labels, iris.classCount);

  test("returns the bin of a value", () => {
    const guard = createGuard(compileGuard(parameters, reference, toFeatures(4)));
    expect([0.2, 0.25, 0.3, 9].map((value) => guard.binOf(3, value))).toEqual([0, 0, 1, 8]);
    expect(guard.binOf(3, Number.NaN)).toBe(-1);
    const counts = parameters.bins.map(({ ratios }) => ratios.map(() => 0));
    for (const [at, value] of iris.values.entries()) {
      counts[at % 4]![guard.binOf(at % 4, value)]! += 1;
    }
    expect(counts.map((list) => list.map((count) => count / 150))).toEqual(
      parameters.bins.map(({ ratios }) => ratios),
    );
  });

  test("rejects a reference of another model and lists every difference", () => {
    const stated = {
      ...parameters,
      method: "mahalanobis" as const,
      reference_rows: 3,
      calibration_rows: 9,
    };
    const error = catchTepalError(() =>
      createGuard(compileGuard({ ...stated, bins: [] }, reference, toFeatures(5))),
    );
    expect(error?.code).toBe("MODEL_DAMAGED");
    expect(error?.problems.map(({ at }) => at)).toEqual([
      "/guard/method",
      "/features",
      "/guard/bins",
      "/guard/reference_rows",
      "/guard/calibration_rows",
    ]);
    expect(error?.message).toContain("/features: Expected 4 features as in reference.bin, got 5.");
  });

  test("rejects a damaged reference", () => {
    const damaged = reference.slice();
    damaged[100]! ^= 1;
    expect(() => createGuard(compileGuard(parameters, damaged, toFeatures(4)))).toThrow(/checksum/);
  });
});
