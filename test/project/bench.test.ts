import { describe, expect, it } from "vitest";
import { formatSpread, toQuantile, toRatios } from "../../bench/statistics.ts";
import { takeTurns } from "../../bench/turns.ts";

/** Returns a side that measures these costs one after the other, then the last of them, and notes its name. */
function createSide(name: string, costs: readonly number[], taken: string[]): () => number {
  let round = 0;
  return () => {
    taken.push(name);
    return costs[Math.min(round++, costs.length - 1)] ?? Number.NaN;
  };
}

describe("turns of a benchmark", () => {
  it("alternate, and count from the round in which all sides are stable", async () => {
    const taken: string[] = [];
    const { measured, warmUp, isStable } = await takeTurns(
      {
        slow: createSide("slow", [40, 30, 20, 12, 10.2, 10.1, 10], taken),
        even: createSide("even", [5], taken),
      },
      { rounds: 2, cost: Number },
    );
    // The medians of three rounds are 30, 20, 12, 10.2, 10.1, and 10; the last three differ by 2 %.
    expect({ measured, warmUp, isStable }).toEqual({
      measured: { slow: [10, 10], even: [5, 5] },
      warmUp: "warm-up of 8 rounds: stable",
      isStable: true,
    });
    expect(taken).toEqual(Array.from({ length: 10 }, () => ["slow", "even"]).flat());
  });

  it("state that a side was not stable after the most rounds of warm-up", async () => {
    const growing = Array.from({ length: 20 }, (_, round) => 100 + 10 * round);
    const { measured, warmUp, isStable } = await takeTurns(
      { growing: createSide("growing", growing, []) },
      { rounds: 1, maxWarmUp: 5, cost: Number },
    );
    expect({ measured, warmUp, isStable }).toEqual({
      measured: { growing: [150] },
      warmUp: "warm-up of 5 rounds: not stable, the last medians differ by 18 %",
      isStable: false,
    });
  });
});

describe("statistics of a benchmark", () => {
  it("are the median with both quartiles, and the ratios of pairs", () => {
    expect(formatSpread([4, 1, 3, 2, 5], 1)).toBe("3.0 (2.0 to 4.0)");
    expect(toQuantile([2, 1], 1)).toBe(2);
    expect(toQuantile([], 0.5)).toBeNaN();
    expect(toRatios([6, 9], [3, 3])).toEqual([2, 3]);
  });
});
