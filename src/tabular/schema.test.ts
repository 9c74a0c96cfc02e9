import { describe, expect, it } from "vitest";
import { MAX_CATEGORIES, findFeatureProblems, findNameProblem } from "./schema.ts";

describe("feature names", () => {
  it("accept common names of columns", () => {
    for (const name of [
      "sepal_length",
      "x",
      "Länge (cm)",
      "a.b",
      "0",
      "price/m2",
      "rate %",
      "constructor",
      "a, b",
      "income, > 50 000 €?",
      'a"b',
      "<b>",
      "a\\b",
      "-a",
      '{x="1"}',
      "naïve 温度 👩‍🔬",
    ]) {
      expect(findNameProblem(name)).toBeUndefined();
    }
  });

  it("reject empty, long and padded names, and characters without a glyph", () => {
    for (const name of [
      "",
      " a",
      "a ",
      "__proto__",
      "x".repeat(201),
      "a\nb",
      "a\u0000b",
      "a\u001b[31mb",
      "a\u202eb",
      "a\u2028b",
      "\ud800",
    ]) {
      expect(findNameProblem(name)).toBeTypeOf("string");
    }
  });
});

describe("findFeatureProblems", () => {
  it("lists every problem with its JSON pointer", () => {
    const base = { type: "number", precision: "float32", unit: null, nullable: false } as const;
    const features = [
      { ...base, name: "a", min: 2, max: 1 },
      { ...base, name: "a", min: null, max: null },
      { ...base, name: "", min: 0, max: 0 },
    ];
    expect(findFeatureProblems(features, "/features")).toEqual([
      { at: "/features/0", message: "Expected min ≤ max, got min 2 and max 1." },
      { at: "/features/1/name", message: "Expected a name of its own, got that of feature 0." },
      { at: "/features/2/name", message: "Expected a name of 1 to 200 characters, got 0." },
    ]);
  });
});

describe("categories", () => {
  const base = { name: "a", precision: "float32", unit: null, min: null, max: null } as const;
  const find = (type: "number" | "category", ...values: (string | number)[]): readonly string[] => {
    const categories = values.map((value) => ({ value, share: null }));
    const feature = { ...base, type, nullable: false, ...(values.length > 0 && { categories }) };
    return findFeatureProblems([feature], "").map(({ at, message }) => `${at}: ${message}`);
  };

  it("are strings or integers of their own", () => {
    expect(find("category", "a", "b", "")).toEqual([]);
    expect(find("category", 3, -1)).toEqual([]);
    expect(find("category", "a", "b", "a")).toEqual([
      "/0/categories/2/value: Expected a unique value, got a duplicate.",
    ]);
    expect(find("category", "1", 1)).toEqual([
      "/0/categories: Expected all strings or all integers, got both.",
    ]);
  });

  it("are checked in one pass: as many as there may be, in many features", () => {
    // Compared in pairs, they take minutes, which is longer than a test may.
    const values = Array.from({ length: MAX_CATEGORIES - 1 }, (_, i) => `${"x".repeat(900)}${i}`);
    const categories = [...values, values[0]!].map((value) => ({ value, share: null }));
    const features = Array.from({ length: 100 }, (_, i) => ({
      ...base,
      name: `f${i}`,
      type: "category" as const,
      nullable: false,
      categories,
    }));
    expect(findFeatureProblems(features, "")).toHaveLength(100);
  });

  it("are integers that differ in the numbers of the graph", () => {
    const large = [16_777_217, 3, 16_777_216];
    expect(find("category", 16_777_216, 16_777_218)).toEqual([]);
    expect(find("category", ...large)).toEqual([
      "/0/categories/2/value: Expected integers that differ in float32, the precision of the feature, got 16777217 and 16777216, which become 16777216.",
    ]);
    const categories = large.map((value) => ({ value, share: null }));
    const feature = { ...base, precision: "float64", type: "category", nullable: false } as const;
    expect(findFeatureProblems([{ ...feature, categories }], "")).toEqual([]);
  });

  it("belong to a category, and only to one", () => {
    expect(find("category")).toEqual(["/0/categories: Missing. Expected a list of categories."]);
    expect(find("number", "a")).toEqual([
      "/0/categories: Expected categories of a category only, got those of type number.",
    ]);
    const number = { ...base, type: "number", nullable: true, missing_string: "nan" } as const;
    expect(findFeatureProblems([number], "")).toEqual([
      {
        at: "/0/missing_string",
        message: "Expected missing_string of a category only, got that of type number.",
      },
    ]);
  });
});
