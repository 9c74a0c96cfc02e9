import { describe, expect, it } from "vitest";
import type { ForestOptions } from "../training.ts";
import { resolveForestOptions } from "./options.ts";

const shape = { task: "classification", rows: 150, features: 30 } as const;

describe("resolveForestOptions", () => {
  it("has defaults", () => {
    expect(resolveForestOptions({}, shape)).toEqual({
      trees: 128,
      maxDepth: Infinity,
      minSamplesLeaf: 1,
      maxFeatures: 5,
      seed: 42,
      threads: 0,
    });
    expect(resolveForestOptions({}, { ...shape, task: "regression" }).maxFeatures).toBe(30);
  });

  it.each([
    { maxFeatures: "sqrt", features: 30, expected: 5 },
    { maxFeatures: "sqrt", features: 1, expected: 1 },
    { maxFeatures: "log2", features: 30, expected: 4 },
    { maxFeatures: "log2", features: 1, expected: 1 },
    { maxFeatures: "all", features: 30, expected: 30 },
    { maxFeatures: 7, features: 30, expected: 7 },
    { maxFeatures: 1, features: 30, expected: 1 },
    { maxFeatures: 0.5, features: 30, expected: 15 },
    { maxFeatures: 0.01, features: 30, expected: 1 },
  ] as const)("resolves $maxFeatures of $features features to $expected", (given) => {
    const { maxFeatures, features, expected } = given;
    expect(resolveForestOptions({ maxFeatures }, { ...shape, features }).maxFeatures).toBe(
      expected,
    );
  });

  it("uses threads only for large data, and at most one per tree", () => {
    const large = { ...shape, rows: 1_000_000 };
    expect(resolveForestOptions({}, large).threads).toBeGreaterThan(0);
    expect(resolveForestOptions({ threads: 0 }, large).threads).toBe(0);
    expect(resolveForestOptions({ threads: 8, trees: 3 }, shape).threads).toBe(3);
  });

  it("takes 0 as an unlimited depth, as the command does", () => {
    expect(resolveForestOptions({ maxDepth: 0 }, shape).maxDepth).toBe(Infinity);
    expect(resolveForestOptions({ maxDepth: 3 }, shape).maxDepth).toBe(3);
  });

  it("reports every invalid option", () => {
    const options: ForestOptions = {
      trees: 0,
      maxDepth: 1.5,
      minSamplesLeaf: Number.NaN,
      seed: -1,
      maxFeatures: 31,
      threads: 1e9,
    };
    expect(() => resolveForestOptions(options, shape)).toThrow(
      expect.objectContaining({
        code: "INVALID_OPTION",
        problems: Object.keys(options).map((at) => expect.objectContaining({ at })),
      }),
    );
  });

  it.each([0, -1, 1.5, Number.NaN, 31])("rejects %d of 30 features", (maxFeatures) => {
    expect(() => resolveForestOptions({ maxFeatures }, shape)).toThrow("maxFeatures");
  });
});
