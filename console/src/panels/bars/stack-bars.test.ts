import { describe, expect, it } from "vitest";
import { findExtent, stackBars } from "./stack-bars.ts";

const SERIES = [
  { values: [1, -2, null] },
  { values: [3, 4, Number.NaN] },
  { values: [null, -2, 0] },
];

describe("bars", () => {
  it("begin at 0 without stacking; what is no number has none", () => {
    expect(stackBars(SERIES, "none")).toEqual([
      [{ from: 0, to: 1 }, { from: 0, to: -2 }, undefined],
      [{ from: 0, to: 3 }, { from: 0, to: 4 }, undefined],
      [undefined, { from: 0, to: -2 }, { from: 0, to: 0 }],
    ]);
  });

  it("stack upwards and downwards", () => {
    const stacked = stackBars(SERIES, "normal");
    expect(stacked.map(([, second]) => second)).toEqual([
      { from: 0, to: -2 },
      { from: 0, to: 4 },
      { from: -2, to: -4 },
    ]);
    expect(findExtent(stacked)).toEqual({ from: -4, to: 4 });
  });

  it("stack to shares of their category", () => {
    expect(stackBars(SERIES, "percent").map(([first]) => first)).toEqual([
      { from: 0, to: 0.25 },
      { from: 0.25, to: 1 },
      undefined,
    ]);
  });
});
