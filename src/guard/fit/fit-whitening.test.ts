import { describe, expect, test } from "vitest";
import { createNormalSource, readIris, type Data } from "../../../test/guard/data.ts";
import { createRandom } from "../../kernel/random.ts";
import { whiten } from "../whitening.ts";
import { fitWhitening, type FittedWhitening } from "./fit-whitening.ts";

function fit({ values, count, width, labels, classCount }: Data): FittedWhitening {
  return fitWhitening(values, count, width, labels, classCount);
}

function toWhitened(whitening: FittedWhitening, data: Data): Data {
  const { width } = data;
  const values = new Float64Array(data.values.length);
  for (let at = 0; at < values.length; at += width) {
    whiten(whitening, data.values, at, values, at, new Float64Array(width));
  }
  return { ...data, values };
}

/** Returns the largest deviation of the covariance within classes from I. */
function toExcess({ values, count, width, labels, classCount }: Data): number {
  const means = new Float64Array(classCount * width);
  const sizes = new Float64Array(classCount);
  for (let r = 0; r < count; r++) sizes[labels?.[r] ?? 0]! += 1;
  for (let at = 0; at < values.length; at++) {
    const label = labels?.[Math.floor(at / width)] ?? 0;
    means[label * width + (at % width)]! += (values[at] ?? 0) / (sizes[label] ?? 1);
  }
  let excess = 0;
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < width; j++) {
      let sum = 0;
      for (let r = 0; r < count; r++) {
        const mean = (labels?.[r] ?? 0) * width;
        const a = (values[r * width + i] ?? 0) - (means[mean + i] ?? 0);
        sum += (a * ((values[r * width + j] ?? 0) - (means[mean + j] ?? 0))) / count;
      }
      excess = Math.max(excess, Math.abs(sum - (i === j ? 1 : 0)));
    }
  }
  return excess;
}

describe("fitted whitening", () => {
  test("brings the covariance within classes to the unit matrix, up to the shrinkage", () => {
    const data = createNormalSource(5, 3, createRandom(1))(3_000);
    const whitening = fit(data);
    expect(whitening.shrinkage).toBeLessThan(0.01);
    expect(toExcess(toWhitened(whitening, data))).toBeLessThan(0.2);
    // The same rows centred on one mean are spread wide by their classes.
    expect(
      toExcess({ ...toWhitened(whitening, data), labels: null, classCount: 1 }),
    ).toBeGreaterThan(1);
  });

  test("brings the covariance of rows without labels to the unit matrix", () => {
    const data = {
      ...createNormalSource(5, 3, createRandom(1))(3_000),
      labels: null,
      classCount: 1,
    };
    expect(toExcess(toWhitened(fit(data), data))).toBeLessThan(0.2);
  });

  test("gives scikit-learn's distances on Iris", () => {
    // Distance to the 5th nearest row and to the nearest class mean after L⁻¹·(x − mean)/scale: L of
    // LedoitWolf(assume_centered=True) on class-centred rows of unit deviation; scikit-learn 1.2.1.
    const iris = readIris();
    const whitening = fit(iris);
    expect(whitening.shrinkage).toBeCloseTo(0.05436664963527991, 12);
    const reference = toWhitened(whitening, iris).values;
    const expected = [
      { row: [5, 3, 1.5, 0.3], distance: 1.2033347277764743 },
      { row: [6, 3, 4, 1], distance: 1.9074957198115574 },
      { row: [7, 2, 3, 2.5], distance: 11.251926097698242 },
    ];
    for (const { row, distance } of expected) {
      const target = new Float64Array(4);
      whiten(whitening, Float64Array.from(row), 0, target, 0, new Float64Array(4));
      const distances = Float64Array.from({ length: 150 }, (_, r) =>
        Math.hypot(...target.map((value, j) => value - (reference[r * 4 + j] ?? 0))),
      );
      expect(distances.toSorted()[4]).toBeCloseTo(distance, 10);
    }
  });

  test("centres all rows on one mean when no class has two different rows", () => {
    const { values } = createNormalSource(2, 1, createRandom(2))(6);
    const labels = Int32Array.of(0, 1, 2, 3, 4, 5);
    const whitening = fitWhitening(values, 6, 2, labels, 6);
    expect(whitening.labels).toBeNull();
    expect(whitening.matrix).toEqual(fitWhitening(values, 6, 2, null, 0).matrix);
  });

  test("scales a feature that varies only between classes by its whole spread", () => {
    const values = Float64Array.of(1, 7, 2, 7, 3, 7, 1, 9, 2, 9, 3, 9);
    const whitening = fitWhitening(values, 6, 2, Int32Array.of(0, 0, 0, 1, 1, 1), 2);
    // 7 and 9, three times each, deviate by 1.
    expect(whitening.matrix[1]).toBe(0);
    expect(whitening.matrix[2]).toBeCloseTo(1, 12);
  });

  test("puts a changed constant feature far away, but not one that is rounded to float32", () => {
    const values = Float64Array.of(0.1, 1, 0.1, 2, 0.1, 4);
    const whitening = fitWhitening(values, 3, 2, null, 0);
    const target = new Float64Array(2);
    whiten(whitening, Float64Array.of(Math.fround(0.1), 2), 0, target, 0, new Float64Array(2));
    expect(Math.abs(target[0] ?? 1)).toBeLessThan(0.1);
    whiten(whitening, Float64Array.of(0.101, 2), 0, target, 0, new Float64Array(2));
    expect(Math.abs(target[0] ?? 0)).toBeGreaterThan(1_000);
  });
});
