import { describe, expect, it } from "vitest";
import { findFeatureProblems, findNameProblem } from "./schema.ts";

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
    ]) {
      expect(findNameProblem(name)).toBeUndefined();
    }
  });

  it("reject empty, long and padded names, and characters that break URLs, labels and HTML", () => {
    for (const name of [
      "",
      " a",
      "a ",
      "__proto__",
      "x".repeat(201),
      "a\nb",
      'a"b',
      "<b>",
      "a\\b",
      "-a",
    ]) {
      expect(findNameProblem(name)).toBeTypeOf("string");
    }
  });
});

describe("findFeatureProblems", () => {
  it("lists every problem with its JSON pointer", () => {
    const base = { type: "float32", unit: null, nullable: false } as const;
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
