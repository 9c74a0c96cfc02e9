import { expect, it } from "vitest";
import { toSparkPath } from "./spark-path.ts";

it("draws from left to right, the largest at the top, with a break where there is no value", () => {
  expect(toSparkPath([0, 10, null, 5], 90, 23)).toBe("M0 21.5L30 1.5M90 11.5");
  expect(toSparkPath([0, 0], 10, 23)).toBe("M0 21.5L10 21.5");
  expect(toSparkPath([], 10, 23)).toBe("");
});
