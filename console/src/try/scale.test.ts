import { expect, it } from "vitest";
import { toScale } from "./scale.ts";

it("has round ticks, and pixels from the first to the last", () => {
  const { at, ticks } = toScale([4.3, 7.9, Number.NaN], undefined, 50, 450);
  expect(ticks).toEqual([5, 6, 7, 8]);
  expect([at(6.1), at(4.156), at(8.044)]).toEqual([250, 50, 450]);
});

it("extends to a value nearby, and has a value far away at its end", () => {
  const near = toScale([0, 10], 15, 0, 100);
  expect([near.has(15), near.at(15) < 100]).toEqual([true, true]);
  const far = toScale([0, 10], 1_000, 0, 100);
  expect([far.has(1_000), far.at(1_000), far.has(20)]).toEqual([false, 100, true]);
  expect(toScale([0, 10], -1e30, 0, 100).at(-1e30)).toBe(0);
});

it("is centered on a single value", () => {
  expect(toScale([3], 3, 0, 100).at(3)).toBe(50);
});
