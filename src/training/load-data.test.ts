import { describe, expect, it } from "vitest";
import { parseCsv } from "../tabular/csv.ts";
import { toTrainingData, type LoadDataOptions, type TrainingData } from "./load-data.ts";

function load(text: string, options: Partial<LoadDataOptions> = {}): TrainingData {
  return toTrainingData(parseCsv(text, "f.csv"), { name: "f.csv", target: "y", ...options });
}

describe("toTrainingData", () => {
  it("converts every column but the target to numbers, at any position of the target", () => {
    const { set, features } = load("a,y,b\n1,p,2.5\n-3e2,q,4\n", { units: { b: "cm" } });
    expect(set.rows).toEqual({ values: Float64Array.of(1, 2.5, -300, 4), count: 2, width: 2 });
    expect(set.target).toEqual({
      task: "classification",
      classes: ["p", "q"],
      labels: Int32Array.of(0, 1),
    });
    expect(features).toEqual([
      {
        name: "a",
        type: "number",
        precision: "float32",
        unit: null,
        min: -300,
        max: 1,
        nullable: false,
      },
      {
        name: "b",
        type: "number",
        precision: "float32",
        unit: "cm",
        min: 2.5,
        max: 4,
        nullable: false,
      },
    ]);
  });

  it("infers classes from strings and few distinct integers, and values from other numbers", () => {
    expect(load("a,y\n1,b\n2,a\n").set.target).toMatchObject({ classes: ["a", "b"] });
    expect(load("a,y\n1,10\n2,2\n").set.target).toMatchObject({
      classes: [2, 10],
      labels: Int32Array.of(1, 0),
    });
    expect(load("a,y\n1,1.5\n2,2\n").set.target).toEqual({
      task: "regression",
      values: Float64Array.of(1.5, 2),
    });
    const many = Array.from({ length: 30 }, (_, i) => `${i},${i}`).join("\n");
    expect(load(`a,y\n${many}\n`).set.target.task).toBe("regression");
    expect(load("a,y\n1,10\n2,2\n", { task: "regression" })).toMatchObject({
      set: { target: { task: "regression" } },
      taskIsInferred: false,
    });
    expect(load("a,y\n1,1.5\n2,2\n", { task: "classification" }).set.target).toMatchObject({
      classes: ["1.5", "2"],
    });
  });

  it.each([
    ["a,y\n1,p\nx,q\n", 'row 2 (line 3), column "a": Expected a number, got "x".'],
    ["a,y\n1,p\n,q\n", 'row 2 (line 3), column "a": Missing. Expected a number.'],
    ["a,y\nNA,p\n2,q\n", 'row 1 (line 2), column "a": Missing. Expected a number.'],
    [
      "a,y\n1e39,p\n2,q\n",
      'row 1 (line 2), column "a": Expected a number from -3.4e38 to 3.4e38 (float32), got 1e39.',
    ],
    ["a,y\n1,\n2,q\n", 'row 1 (line 2), column "y": Missing. Expected a target.'],
    ["a,y\n1,p\n2,p\n", 'column "y": Expected at least 2 classes, got only p.'],
    ["a,y\n1,2.5\n2,2.5\n", 'column "y": Expected different values, got only 2.5.'],
    ["a,b\n1,2\n2,3\n", 'header: Expected a column "y", got: a, b.'],
    ["y\n1\n2\n", "header: Expected a column besides the target, got none."],
    ["a<b,y\n1,p\n2,q\n", "header, column 1: Expected a name of letters"],
  ])("rejects %j with its location", (text, message) => {
    expect(() => load(text)).toThrow(message);
  });

  it("rejects a target that is not a number for a regression", () => {
    expect(() => load("a,y\n1,p\n2,3\n", { task: "regression" })).toThrow(
      'row 1 (line 2), column "y": Expected a number, got "p".',
    );
  });

  it("accepts names of object properties, and compares classes by value", () => {
    const { features } = load("constructor,toString,y\n1,2,a\n3,4,b\n");
    expect(features.map(({ name, unit }) => [name, unit])).toEqual([
      ["constructor", null],
      ["toString", null],
    ]);
    expect(() => load("a,y\n1,1\n2,01\n")).toThrow(
      'column "y": Expected at least 2 classes, got only 1.',
    );
    expect(() => load("a,y\n1,1.5\n2,1.50\n")).toThrow("Expected different values, got only 1.5.");
  });

  it("checks the limits of the manifest and of float32 before training", () => {
    const long = "x".repeat(201);
    expect(() => load(`a,y\n1,${long}\n2,b\n`)).toThrow(
      "Expected class names of at most 200 characters",
    );
    expect(() => load("a,y\n1,-3e38\n2,3e38\n")).toThrow(
      "Expected a range of at most 1.7e38 (float32)",
    );
    const wide = Array.from({ length: 10_001 }, (_, i) => `c${i}`);
    const row = wide.map(() => "1").join(",");
    const text = `${wide.join(",")},y\n${row},p\n${row},q\n`;
    expect(() => load(text)).toThrow("Expected at most 10000 feature columns, got 10001.");
  });

  it("rejects a unit of a missing column", () => {
    expect(() => load("a,y\n1,p\n2,q\n", { units: { c: "cm" } })).toThrow(
      'unit of "c": Expected the name of a feature column.',
    );
  });

  it("lists several problems at once, ten at most", () => {
    const rows = Array.from({ length: 50 }, (_, i) => `x${i},p`).join("\n");
    try {
      load(`a,y\n${rows}\n1,q\n`);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: "INVALID_DATA", problems: { length: 10 } });
    }
  });
});
