import { describe, expect, it } from "vitest";
import { IRIS } from "../../../test/support/models.ts";
import { projectPrincipal, selectFeatures } from "./project.ts";

const rows = IRIS.map(({ row }) => row);

describe("projectPrincipal", () => {
  it("finds the components of Iris that scikit-learn finds", () => {
    const { points, own, x, y } = projectPrincipal(rows, rows[0]!);
    // StandardScaler and PCA of scikit-learn explain .7296 and .2285 of the variance; their first row is at (−2.2647, ±.4800).
    expect([x, y]).toEqual([
      "Principal component 1 (73 % of the variance)",
      "Principal component 2 (23 % of the variance)",
    ]);
    expect(points[0]![0]).toBeCloseTo(-2.2647, 3);
    expect(Math.abs(points[0]![1])).toBeCloseTo(0.48, 3);
    expect(own).toEqual(points[0]);
  });

  it("places a row with a missing value nowhere, and stands constant and few features", () => {
    expect(projectPrincipal(rows, [5, null, 1, 1]).own).toBeNull();
    const { points, own } = projectPrincipal([[1], [2], [3]], [2]);
    expect(points.map(([x, y]) => [Math.round(x * 100) / 100, Math.abs(y) < 1e-9])).toEqual([
      [-1.22, true],
      [0, true],
      [1.22, true],
    ]);
    expect(own![0]).toBeCloseTo(0, 9);
    expect(projectPrincipal([[7, 7]], [7, 7]).points).toEqual([[0, 0]]);
  });
});

describe("selectFeatures", () => {
  it("takes two values of each row", () => {
    const chosen = selectFeatures([[1, 2, 3]], [4, null, 6], [2, 0], ["a", "b", "c"]);
    expect(chosen).toEqual({ points: [[3, 1]], own: [6, 4], x: "c", y: "a" });
    expect(selectFeatures([[1, 2]], [null, 1], [0, 1], ["a", "b"]).own).toBeNull();
  });
});
