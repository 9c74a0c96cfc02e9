import { describe, expect, it } from "vitest";
import { listSamples, listSteps } from "./gradients.ts";

describe("the colors of a gradient", () => {
  it("change at once where the color of a value does", () => {
    const colourAt = (share: number): string =>
      share < 0.35 ? "red" : share < 0.8 ? "orange" : "green";
    expect(listSteps(colourAt, 10)).toEqual([
      [0, "red"],
      [0.35, "red"],
      [0.35, "orange"],
      [0.75, "orange"],
      [0.75, "green"],
    ]);
  });

  it("are one color over values of one color", () => {
    expect(listSteps(() => "blue", 200)).toEqual([[0, "blue"]]);
  });

  it("are samples of a scale, with both of its ends", () => {
    expect(listSamples((share) => `${share * 100} %`, 5)).toEqual([
      [0, "0 %"],
      [0.25, "25 %"],
      [0.5, "50 %"],
      [0.75, "75 %"],
      [1, "100 %"],
    ]);
  });
});
