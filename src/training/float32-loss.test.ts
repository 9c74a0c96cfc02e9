import { describe, expect, it } from "vitest";
import { describeFloat32Losses, toColumns } from "./float32-loss.ts";

const describeOne = (...values: number[]): string[] =>
  describeFloat32Losses([{ name: "x", values: Float64Array.from(values) }]);

describe("describeFloat32Losses", () => {
  it.each([
    [[16_777_216, 16_777_217, 16_777_216], "2 distinct values become 1"],
    [Array.from({ length: 90 }, (_, i) => 1e12 + i), "90 distinct values become 1"],
    [[-16_777_217, -16_777_216, 5, Number.NaN], "3 distinct values become 2"],
    [[1, 1 + 1e-9, 2.5], "3 distinct values become 2"],
    [[1e-50, 2e-50, 0], "3 distinct values become 1"],
  ])("names a column of %j", (values, message) => {
    expect(describeOne(...values)).toEqual([
      expect.stringMatching(`^column "x": ${message} in float32`),
    ]);
  });

  it("names no column whose values stay distinct, or almost all", () => {
    expect(describeOne(0.1, 0.2, 0.3, Number.NaN, -0, 0)).toEqual([]);
    expect(describeOne(16_777_214, 16_777_215, 16_777_216)).toEqual([]);
    const almost = Array.from({ length: 200 }, (_, i) => i + 0.5);
    expect(describeOne(...almost, 0.5 + 1e-12)).toEqual([]);
    expect(describeOne()).toEqual([]);
  });

  it("names ten columns and counts the rest", () => {
    const names = Array.from({ length: 13 }, (_, i) => `c${i}`);
    const values = Float64Array.from([...names.map(() => 1e12), ...names.map(() => 1e12 + 1)]);
    const messages = describeFloat32Losses(toColumns(names, values));
    expect(messages).toHaveLength(11);
    expect(messages[0]).toContain('"c0"');
    expect(messages.at(-1)).toBe("3 more columns lose distinct values in float32.");
  });
});
