import { describe, expect, it } from "vitest";
import { summarizeValues } from "./summarize-values.ts";

const base = { name: "a", precision: "float32", unit: null, min: null, max: null } as const;

describe("summarizeValues", () => {
  it("gives numbers the range of those that are present", () => {
    const feature = { ...base, type: "number", nullable: false } as const;
    expect(summarizeValues(feature, Float64Array.of(2, Number.NaN, -1))).toEqual({
      ...feature,
      min: -1,
      max: 2,
      nullable: true,
    });
    expect(summarizeValues(feature, Float64Array.of(Number.NaN))).toEqual({
      ...feature,
      nullable: true,
    });
  });

  it("gives categories their share of the present values; unknown ones have none", () => {
    const categories = ["p", "q"].map((value) => ({ value, share: null }));
    const feature = { ...base, type: "category", nullable: false, categories } as const;
    const { categories: shares, nullable } = summarizeValues(feature, Float64Array.of(1, 0, 2, 1));
    expect(shares).toEqual([
      { value: "p", share: 1 / 4 },
      { value: "q", share: 1 / 2 },
    ]);
    expect(nullable).toBe(false);
  });

  it("gives truth values no range", () => {
    const feature = { ...base, type: "boolean", nullable: false } as const;
    expect(summarizeValues(feature, Float64Array.of(0, 1))).toEqual(feature);
  });
});
