import { describe, expect, it } from "vitest";
import { loadModel } from "./load-model.ts";

/** Written by a server of format 1. Its predictions were computed by that server, too. */
const DIRECTORY = "test/fixtures/format-1/size/1";

describe("a model folder of format 1", () => {
  it("loads, with its features as numbers", async () => {
    const { manifest } = await loadModel(DIRECTORY);
    expect(manifest.format).toBe(2);
    expect(manifest.features).toEqual([
      {
        name: "length",
        type: "number",
        precision: "float32",
        unit: "cm",
        min: 4.7,
        max: 7,
        nullable: false,
      },
      {
        name: "width",
        type: "number",
        precision: "float32",
        unit: null,
        min: 2.8,
        max: 3.6,
        nullable: false,
      },
    ]);
  });

  it("predicts the same bits, and the same p-values", async () => {
    const { executor, guard } = await loadModel(DIRECTORY);
    const rows = Float64Array.of(5.1, 3.5, 7, 3.2, 5.9, 3, 5.8, 2.9, 1e9, -4);
    const scores = new Float32Array(10);
    const labels = new Int32Array(5);
    executor.run(rows, 5, scores, labels);
    expect([...scores]).toEqual([0, 1, 0.75, 0.25, 0.75, 0.25, 1, 0, 1, 0]);
    expect([...labels]).toEqual([1, 0, 0, 0, 0]);
    expect([0, 2, 4, 6, 8].map((offset) => guard?.pValue(rows, offset))).toEqual([
      1,
      1 / 3,
      1,
      1,
      1 / 9,
    ]);
  });

  it("has p-values for rows with a missing value, without new training", async () => {
    const { guard } = await loadModel(DIRECTORY);
    const rows = Float64Array.of(5.1, Number.NaN, Number.NaN, 3.2, 1e9, Number.NaN);
    const [first = 0, second = 0, far] = [0, 2, 4].map((offset) => guard?.pValue(rows, offset));
    expect([first > 1 / 9, second > 1 / 9, far]).toEqual([true, true, 1 / 9]);
  });
});
