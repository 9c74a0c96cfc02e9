import { describe, expect, it } from "vitest";
import { toSlices } from "./slices.ts";

const parts = [1, 6, Number.NaN, 0, -2, 3].map((value) => ({
  name: String(value),
  value,
  text: "",
  colour: "",
}));

describe("the slices of a pie", () => {
  it("are shares of the sum, the largest first", () => {
    expect(toSlices(parts, "desc").map(({ name, percent }) => [name, percent])).toEqual([
      ["6", "60%"],
      ["3", "30%"],
      ["1", "10%"],
      ["0", "0%"],
    ]);
    const ends = toSlices(parts, "asc").map(({ from, to }) => [from, to]);
    expect(ends.flat().map((share) => Math.round(share * 10) / 10)).toEqual([
      0, 0, 0, 0.1, 0.1, 0.4, 0.4, 1,
    ]);
    expect(toSlices(parts, "none").map(({ name }) => name)).toEqual(["1", "6", "0", "3"]);
  });

  it("are empty or none without a positive value", () => {
    expect(toSlices(parts.slice(2, 5), "desc")).toMatchObject([{ percent: "0%", from: 0, to: 0 }]);
    expect(toSlices(parts.slice(4, 5), "desc")).toEqual([]);
  });
});
