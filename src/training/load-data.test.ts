import { describe, expect, it } from "vitest";
import { parseCsv } from "../tabular/csv.ts";
import { createFeatureCodec } from "../tabular/feature-codec.ts";
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
    [
      "a,y\n2024-01-31,p\n2024-02-01,q\n",
      'column "a": Expected numbers or categories, got dates such as "2024-01-31". Add --drop "a"',
    ],
    ["a,y\n1%,p\n2%,q\n3,p\n$4,q\n5,p\n", 'row 1 (line 2), column "a": Expected a number'],
    [
      "a,y\n1e39,p\n2,q\n",
      'row 1 (line 2), column "a": Expected a number from -3.4e38 to 3.4e38 (float32), got 1e39.',
    ],
    ["a,y\n1,\n2,q\n", 'row 1 (line 2), column "y": Missing. Expected a target.'],
    ["a,y\n1,p\n2,p\n", 'column "y": Expected at least 2 classes, got only p.'],
    ["a,y\n1,2.5\n2,2.5\n", 'column "y": Expected different values, got only 2.5.'],
    ["a,b\n1,2\n2,3\n", 'header: Expected a column "y", got: a, b.'],
    ["y\n1\n2\n", "header: Expected a column besides the target, got none."],
    ["__proto__,y\n1,p\n2,q\n", "header, column 1: Expected a name that JavaScript"],
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

  it("keeps the sign of its numbers beside a unit that the user gives", () => {
    const text = "p,q,y\n12%,$1,a\n3%,$2,b\n";
    const { features } = load(text, { units: { p: "percent" } });
    expect(features.map(({ unit, sign }) => [unit, sign])).toEqual([
      ["percent", "%"],
      ["$", undefined],
    ]);
    const cells = ["12%", "12 %", "12", "$12", "12 percent"];
    const { fromCell } = createFeatureCodec(features[0]!);
    const read = cells.map((cell) => fromCell(cell, "point"));
    expect(read).toEqual([12, 12, 12, undefined, undefined]);
    expect(createFeatureCodec(features[1]!).fromCell("$12", "point")).toBe(12);
  });

  it("rejects a unit of a missing column", () => {
    expect(() => load("a,y\n1,p\n2,q\n", { units: { c: "cm" } })).toThrow(
      'unit of "c": Expected the name of a feature column.',
    );
  });

  it("lists several problems at once, ten at most", () => {
    const rows = Array.from({ length: 50 }, (_, i) => `x${i},p\n1,q\n`).join("");
    try {
      load(`a,y\n${rows}`);
      expect.unreachable();
    } catch (error) {
      expect(error).toMatchObject({ code: "INVALID_DATA", problems: { length: 10 } });
    }
  });
});

describe("columns of other types", () => {
  const featuresOf = (cells: readonly string[], options: Partial<LoadDataOptions> = {}) =>
    load(`a,y\n${cells.map((cell, i) => `${cell},${i % 2}`).join("\n")}\n`, options);

  it.each<[string, string[], Partial<LoadDataOptions>, object, number[]]>([
    [
      "numbers with a missing one",
      ["1", "", "3"],
      {},
      { type: "number", nullable: true, min: 1, max: 3 },
      [1, NaN, 3],
    ],
    ["truth values", ["true", "FALSE", "NA"], {}, { type: "boolean", nullable: true }, [1, 0, NaN]],
    ["yes and no", ["yes", "no", "Yes"], {}, { type: "boolean", nullable: false }, [1, 0, 1]],
    ["percent", ["12%", "3.5 %"], {}, { type: "number", unit: "%", min: 3.5 }, [12, 3.5]],
    ["a currency", ["$5", "-$1000.50"], {}, { type: "number", unit: "$" }, [5, -1000.5]],
    ["codes with leading zeros", ["01", "2"], {}, { type: "category" }, [0, 1]],
    ["codes that no double holds", ["12345678901234567", "1"], {}, { type: "category" }, [1, 0]],
    [
      "strings",
      ["b", "a", "?", "b"],
      {},
      {
        type: "category",
        nullable: true,
        categories: [
          { value: "a", share: 1 / 3 },
          { value: "b", share: 2 / 3 },
        ],
      },
      [1, 0, NaN, 1],
    ],
    [
      "integers on request",
      ["10", "9", "10"],
      { categorical: ["a"] },
      {
        type: "category",
        categories: [
          { value: 9, share: 1 / 3 },
          { value: 10, share: 2 / 3 },
        ],
      },
      [1, 0, 1],
    ],
    [
      "integers on request by value, as pandas writes those with a missing one",
      ["2.0", "10.0", "", "2", "-0.0"],
      { categorical: ["a"] },
      {
        type: "category",
        nullable: true,
        categories: [
          { value: 0, share: 1 / 4 },
          { value: 2, share: 1 / 2 },
          { value: 10, share: 1 / 4 },
        ],
      },
      [1, 2, NaN, 1, 0],
    ],
    ...[
      ["leading zeros", "01.0", "1.0"],
      ["a plus sign", "+1", "1"],
      ["decimals", "1.5", "2"],
      ["too many digits for float32", "16777217", "2"],
    ].map(([name, ...cells]): [string, string[], Partial<LoadDataOptions>, object, number[]] => [
      `numbers with ${name} on request, as strings`,
      cells,
      { categorical: ["a"] },
      { type: "category", categories: cells.map((value) => ({ value, share: 1 / 2 })) },
      [0, 1],
    ]),
  ])("reads %s", (_, cells, options, feature, values) => {
    const { features, set, columns } = featuresOf(cells, options);
    expect(features).toEqual([expect.objectContaining(feature)]);
    expect([...columns[0]!.values]).toEqual(values);
    expect(set.columns).toEqual([
      features[0]?.type === "category"
        ? { type: "category", count: features[0].categories?.length }
        : { type: "number" },
    ]);
  });

  it("leaves out columns that name rows, that have no value, and those that the user states", () => {
    const rows = Array.from({ length: 30 }, (_, i) => `${i},name ${i},,${i},${i % 2}`);
    const text = `n,name,empty,key,y\n${rows.join("\n")}\n`;
    const { features, leftOut } = load(text, { drop: ["key"] });
    expect(features.map(({ name }) => name)).toEqual(["n"]);
    expect(leftOut).toEqual([
      { index: 3, reason: "--drop" },
      { index: 1, reason: expect.stringContaining('--categorical "name" keeps it') },
      { index: 2, reason: "It has no value." },
    ]);
    const kept = load(text, { id: ["key"], categorical: ["name"] });
    expect(kept.features.map(({ type }) => type)).toEqual(["number", "category"]);
    expect(() => load(text, { drop: ["n", "key"] })).toThrow(
      "Expected a column that can be a feature, got none.",
    );
    expect(() => load(text, { drop: ["y"] })).toThrow("other than the target");
    expect(() => load(text, { id: ["x"] })).toThrow('Expected a column "x"');
  });

  it("takes the usual words for missing values as values if the table has others", () => {
    const table = {
      ...parseCsv("a,y\n1,2.5\nNA,3.5\n3,NA\n-,1\n", "f.csv"),
      missing: new Set(["", "-"]),
    };
    const read = () => toTrainingData(table, { name: "f.csv", target: "y", task: "regression" });
    expect(read).toThrow(/row 2 \(line 3\), column "a": Expected a number, got "NA"/);
    expect(read).toThrow(/row 3 \(line 4\), column "y": Expected a number, got "NA"/);
  });
});
