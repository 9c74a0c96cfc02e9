import { describe, expect, it } from "vitest";
import { countDecimals, listTicks } from "./ticks.ts";

describe("ticks", () => {
  it("are round and cover the range", () => {
    expect(listTicks(0, 9.3, 5)).toEqual([0, 2, 4, 6, 8, 10]);
    expect(listTicks(-0.12, 0.31, 4)).toEqual([-0.2, 0, 0.2, 0.4]);
    expect(listTicks(0, 1_000, 4)).toEqual([0, 250, 500, 750, 1_000]);
  });

  it("exist for a range without a width", () => {
    expect(listTicks(0, 0, 4)).toEqual([0, 0.25]);
    expect(listTicks(7, 7, 4).length).toBeGreaterThan(1);
  });

  it("differ in their decimals", () => {
    expect([250, 0.25, 2e-7].map(countDecimals)).toEqual([0, 2, 7]);
  });
});
