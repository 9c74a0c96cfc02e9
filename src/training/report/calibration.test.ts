import { describe, expect, it } from "vitest";
import { measureCalibration } from "./calibration.ts";

/** Measures rows of two classes that are all predicted as class 0, with these probabilities. */
function measure(rows: readonly (readonly [probability: number, isRight: boolean])[]) {
  return measureCalibration(
    Int32Array.from(rows, ([, isRight]) => (isRight ? 0 : 1)),
    new Int32Array(rows.length),
    Float32Array.from(rows.flatMap(([probability]) => [probability, 1 - probability])),
    2,
  );
}

describe("the calibration of predicted probabilities", () => {
  it("has ten bins with rows, mean probability and share of correct rows", () => {
    const { bins } = measure([
      [0.5, true],
      [0.5, false],
      [0.625, true],
      [1, true],
    ]);
    expect(bins).toHaveLength(10);
    expect(bins[5]).toEqual({ from: 0.5, to: 0.6, rows: 2, mean_predicted: 0.5, observed: 0.5 });
    expect(bins[6]).toEqual({ from: 0.6, to: 0.7, rows: 1, mean_predicted: 0.625, observed: 1 });
    expect(bins[9]).toEqual({ from: 0.9, to: 1, rows: 1, mean_predicted: 1, observed: 1 });
    expect(bins[0]).toEqual({ from: 0, to: 0.1, rows: 0, mean_predicted: null, observed: null });
  });

  it.each([
    [
      "0 if half of the rows with 0.5 are right",
      [
        [0.5, true],
        [0.5, false],
      ],
      0,
    ],
    [
      "1 if every certain prediction is wrong",
      [
        [1, false],
        [1, false],
      ],
      1,
    ],
    [
      "the mean over rows of the differences of their bins",
      [
        [0.75, true],
        [0.75, true],
        [1, true],
        [1, true],
      ],
      0.125,
    ],
  ] as const)("has an expected error of %s", (_name, rows, expected) => {
    expect(measure(rows).expected_error).toBeCloseTo(expected, 12);
  });

  it("compares the probability of the predicted class, of several", () => {
    const probabilities = Float32Array.of(0.25, 0.25, 0.5, 0.75, 0.125, 0.125);
    const { bins } = measureCalibration(Int32Array.of(2, 1), Int32Array.of(2, 0), probabilities, 3);
    expect(bins[5]).toMatchObject({ rows: 1, mean_predicted: 0.5, observed: 1 });
    expect(bins[7]).toMatchObject({ rows: 1, mean_predicted: 0.75, observed: 0 });
  });
});
