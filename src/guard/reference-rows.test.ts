import { describe, expect, test } from "vitest";
import { createFittedGuard, readIris, readWine } from "../../test/guard/data.ts";

const iris = readIris();

function toRows(values: Float64Array, width: number): string[] {
  return Array.from({ length: values.length / width }, (_, row) =>
    [...values.subarray(row * width, (row + 1) * width)].join(),
  );
}

describe("reference rows", () => {
  test.each([
    ["iris", iris],
    ["wine", readWine()],
  ])("of knn are the training rows of %s, to the last digit", (_name, data) => {
    const { reference } = createFittedGuard(data, { method: "knn" });
    expect(reference.kind).toBe("training_rows");
    const read = Array.from({ length: reference.count }, (_, i) => reference.read(i).join());
    expect(read.toSorted()).toEqual(toRows(data.values, data.width).toSorted());
  });

  test("of mahalanobis are the means of the classes", () => {
    const { reference } = createFittedGuard(iris, { method: "mahalanobis" });
    expect([reference.kind, reference.count]).toEqual(["class_means", 3]);
    // Fisher's means of Iris setosa.
    const means = [0, 1, 2].map((i) => reference.read(i).map((value) => value.toFixed(3)));
    expect(means).toContainEqual(["5.006", "3.428", "1.462", "0.246"]);
  });

  test("are found by distance, the nearest first; the score of the trust check is the fifth", () => {
    const { reference } = createFittedGuard(iris, { method: "knn" });
    const row = Float64Array.of(Number.NaN, 5.1, 3.5, 1.4, 0.2);
    const found = reference.findNearest(row, 1, 7);
    const distances = found.map(({ distance }) => distance);
    expect(distances).toHaveLength(7);
    expect(distances).toEqual(distances.toSorted((a, b) => a - b));
    expect(distances[0]).toBeCloseTo(0, 9);
    expect(reference.read(found[0]!.index)).toEqual([5.1, 3.5, 1.4, 0.2]);
    // All others are at least as far away.
    const all = reference.findNearest(row, 1, 150).map(({ distance }) => distance);
    expect(all.slice(0, 7)).toEqual(distances);
    expect(all).toHaveLength(150);
  });

  test("are none for a row with a missing value", () => {
    const { reference } = createFittedGuard(iris, { method: "knn" });
    expect(reference.findNearest(Float64Array.of(5, Number.NaN, 1, 1), 0, 5)).toEqual([]);
  });
});
