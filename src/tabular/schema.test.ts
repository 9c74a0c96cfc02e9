import { describe, expect, it } from "vitest";
import { checkFeatures, findNameFault } from "./schema.ts";

describe("feature names", () => {
  it("may be what people call columns", () => {
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
      expect(findNameFault(name)).toBeUndefined();
    }
  });

  it("may not be empty, huge, padded, or hold what breaks addresses, labels and pages", () => {
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
      expect(findNameFault(name)).toBeTypeOf("string");
    }
  });
});

describe("checkFeatures", () => {
  it("lists all problems with their places", () => {
    const base = { type: "float32", unit: null, nullable: false } as const;
    const features = [
      { ...base, name: "a", min: 2, max: 1 },
      { ...base, name: "a", min: null, max: null },
      { ...base, name: "", min: 0, max: 0 },
    ];
    expect(() => checkFeatures(features, "/features")).toThrow(
      expect.objectContaining({
        code: "MODEL_DAMAGED",
        problems: [
          { at: "/features/0", message: "min 2 is above max 1" },
          { at: "/features/1/name", message: "is the same as that of feature 0" },
          { at: "/features/2/name", message: "is empty" },
        ],
      }),
    );
  });
});
