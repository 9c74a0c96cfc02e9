import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { evaluateClassification, evaluateRegression } from "./evaluate.ts";

const sum = (numbers: number[]): number => numbers.reduce((a, b) => a + b, 0);

describe("evaluateClassification", () => {
  it("equals a calculation by hand", () => {
    const metrics = evaluateClassification(
      ["a", "b", "c", "unseen"],
      Int32Array.of(0, 0, 0, 1, 1, 2),
      Int32Array.of(0, 0, 1, 1, 0, 1),
      Float32Array.from(
        [
          [0.5, 0.25, 0.25, 0],
          [1, 0, 0, 0],
          [0.25, 0.5, 0.25, 0],
          [0, 1, 0, 0],
          [0.5, 0.5, 0, 0],
          [0, 1, 0, 0],
        ].flat(),
      ),
    );
    expect(metrics.accuracy).toBe(3 / 6);
    // −ln of .5, 1, .25, 1, .5 and of 0, which counts as 1e-15.
    expect(metrics.logLoss).toBeCloseTo((Math.log(2 * 4 * 2) + 15 * Math.log(10)) / 6, 12);
    expect(metrics.confusion).toEqual([
      [2, 1, 0, 0],
      [1, 1, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 0, 0],
    ]);
    expect(metrics.perClass).toEqual([
      { label: "a", support: 3, precision: 2 / 3, recall: 2 / 3, f1: 2 / 3 },
      { label: "b", support: 2, precision: 1 / 3, recall: 1 / 2, f1: 2 / 5 },
      { label: "c", support: 1, precision: null, recall: 0, f1: 0 },
      { label: "unseen", support: 0, precision: null, recall: null, f1: null },
    ]);
  });

  it("has no loss for perfect predictions", () => {
    const labels = Int32Array.of(1, 0);
    // The sum of many float32 shares may come out above 1.
    const probabilities = Float32Array.of(0, 1.0000001, 1, 0);
    const { accuracy, logLoss } = evaluateClassification([0, 1], labels, labels, probabilities);
    expect(accuracy).toBe(1);
    expect(Math.abs(logLoss)).toBe(0);
  });

  it("counts every row once", () => {
    const row = fc.tuple(fc.nat({ max: 3 }), fc.nat({ max: 3 }));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1 }), (rows) => {
        const labels = Int32Array.from(rows, ([label]) => label);
        const predicted = Int32Array.from(rows, ([, guess]) => guess);
        const probabilities = new Float32Array(rows.length * 4).fill(0.25);
        const classes = [1, 2, 3, 4];
        const metrics = evaluateClassification(classes, labels, predicted, probabilities);
        const { confusion, perClass, accuracy, logLoss } = metrics;
        expect(sum(confusion.flat())).toBe(rows.length);
        expect(confusion.map((counts) => sum([...counts]))).toEqual(perClass.map((c) => c.support));
        expect(sum(confusion.map((counts, c) => counts[c] ?? 0)) / rows.length).toBe(accuracy);
        expect(logLoss).toBeCloseTo(Math.log(4), 12);
        for (const { precision, recall, f1 } of perClass) {
          const both = (precision ?? 0) + (recall ?? 0);
          const harmonic = both > 0 ? (2 * (precision ?? 0) * (recall ?? 0)) / both : 0;
          expect(f1 ?? 0).toBeCloseTo(harmonic, 12);
        }
      }),
    );
  });
});

describe("evaluateRegression", () => {
  it("equals a calculation by hand", () => {
    const metrics = evaluateRegression(Float64Array.of(1, 2, 3, 6), Float32Array.of(1, 3, 3, 3));
    expect(metrics).toEqual({
      rSquared: 1 - 10 / 14,
      meanAbsoluteError: 1,
      rootMeanSquaredError: Math.sqrt(10 / 4),
    });
  });

  it("has no R² if all targets are equal", () => {
    expect(evaluateRegression(Float64Array.of(2, 2), Float32Array.of(2, 3)).rSquared).toBe(null);
  });
});
