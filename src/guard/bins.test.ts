import { describe, expect, test } from "vitest";
import { formatBinLabel, toBin } from "./bins.ts";

describe("bins", () => {
  test("include their upper edge and exclude their lower edge", () => {
    expect([1, 1.5, 2, 2.5, 3, 99].map((value) => toBin([1, 2, 3], value))).toEqual([
      0, 1, 1, 2, 2, 3,
    ]);
    expect(toBin([1, 2], Number.NEGATIVE_INFINITY)).toBe(0);
    expect(toBin([1, 2], Number.POSITIVE_INFINITY)).toBe(2);
    expect(toBin([1, 2], Number.NaN)).toBe(-1);
    expect(toBin([], 5)).toBe(0);
  });
});

function formatSecond(edges: readonly number[]): string {
  return formatBinLabel({ edges, ratios: [], missing_ratio: 0 }, 1);
}

describe("bin labels", () => {
  test("sort in the order of the bins", () => {
    const bins = { edges: [4.9, 5.1], ratios: [0.2, 0.3, 0.5], missing_ratio: 0 };
    const names = [0, 1, 2].map((bin) => formatBinLabel(bins, bin));
    expect(names).toEqual(["01 (-Inf, 4.9]", "02 (4.9, 5.1]", "03 (5.1, +Inf]"]);
    const many = { edges: Array.from({ length: 63 }, (_, i) => i), ratios: [], missing_ratio: 0 };
    const labels = Array.from({ length: 64 }, (_, bin) => formatBinLabel(many, bin));
    expect(labels.toSorted()).toEqual(labels);
    expect(formatBinLabel({ edges: [], ratios: [1], missing_ratio: 0 }, 0)).toBe("01 (-Inf, +Inf]");
  });

  test("use few digits and keep edges distinct", () => {
    expect(formatSecond([1 / 3, 2 / 3])).toBe("02 (0.3333, 0.6667]");
    expect(formatSecond([1_000_001, 1_000_002])).toBe("02 (1000001, 1000002]");
    expect(formatSecond([1, 1 + Number.EPSILON])).toBe("02 (1, 1.0000000000000002]");
    expect(formatSecond([-1e-20, 1e30])).toBe("02 (-1e-20, 1e+30]");
  });
});
