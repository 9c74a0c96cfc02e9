import { describe, expect, it } from "vitest";
import { TepalError } from "../../kernel/errors.ts";
import { checkTrainingSet, type Target, type TrainingSet } from "./training-set.ts";

const rows = { values: Float64Array.of(1, 2, 3, Number.NaN), count: 2, width: 2 };
const target: Target = {
  task: "classification",
  classes: ["no", "yes"],
  labels: Int32Array.of(0, 1),
};

function problemsOf(set: TrainingSet): string[] {
  try {
    checkTrainingSet(set);
    return [];
  } catch (error) {
    if (!(error instanceof TepalError) || error.code !== "INVALID_DATA") throw error;
    return error.problems.map(({ at, message }) => `${at}: ${message}`);
  }
}

describe("checkTrainingSet", () => {
  it("accepts rows with missing values", () => {
    expect(problemsOf({ rows, target })).toEqual([]);
  });

  it("reports every problem of rows and labels", () => {
    const values = Float64Array.of(1, 2, -1e39, Infinity);
    const labels = Int32Array.of(2, -1);
    expect(problemsOf({ rows: { ...rows, values }, target: { ...target, labels } })).toEqual([
      expect.stringContaining(
        "row 2, column 1: Expected a number from -3.4e38 to 3.4e38 (float32), got -1e+39.",
      ),
      expect.stringContaining(
        "row 2, column 2: Expected a number from -3.4e38 to 3.4e38 (float32), got Infinity.",
      ),
      expect.stringContaining("row 1, target: Expected a class index from 0 to 1, got 2."),
      expect.stringContaining("row 2, target: Expected a class index from 0 to 1, got -1."),
    ]);
  });

  it("rejects different lengths, no rows and a single class", () => {
    expect(problemsOf({ rows: { ...rows, width: 3 }, target })).toHaveLength(1);
    const labels = new Int32Array(0);
    const none = { values: new Float64Array(0), count: 0, width: 0 };
    expect(problemsOf({ rows: none, target: { ...target, classes: ["no"], labels } })).toEqual([
      expect.stringContaining("Expected at least one row"),
      expect.stringContaining("Expected at least one feature"),
      expect.stringContaining("at least 2 classes"),
    ]);
  });

  it("rejects targets that are not finite float32 numbers", () => {
    const values = Float64Array.of(Number.NaN, 1e39);
    expect(problemsOf({ rows, target: { task: "regression", values } })).toHaveLength(2);
  });

  it("stops at 20 problems", () => {
    const values = new Float64Array(100).fill(Infinity);
    const labels = new Int32Array(50);
    expect(
      problemsOf({ rows: { values, count: 50, width: 2 }, target: { ...target, labels } }),
    ).toHaveLength(20);
  });
});
