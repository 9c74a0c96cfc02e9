import { expect, it } from "vitest";
import { toConversion } from "./run-moves.ts";

it.each([
  [2 ** 31, -(2 ** 31)],
  [-(2 ** 31) - 1, 2 ** 31 - 1],
  [2 ** 53 + 2, 2],
  // What a lookup beyond a table, an overflow and a negative power give.
  [Number.NaN, -(2 ** 31)],
  [Number.POSITIVE_INFINITY, -(2 ** 31)],
  [0.5, 0],
])("converts the int64 %d to int32", (value, expected) => {
  expect(toConversion("int64", "int32")(value)).toBe(expected);
});
