import { expect, it } from "vitest";
import { formatActual } from "./format-actual.ts";

it.each([
  ["predict:p(95)<50", 8.3, "8.30 ms"],
  ["p( 99.9 ) <= 200", 1_500, "1.50 s"],
  ["mean<20", 12, "12.0 ms"],
  ["rps failures:failures<0.01", 0.145, "14.5 %"],
  ["rps>100", 98.7, "98.7 per second"],
  ["mean<20", null, "nothing measured"],
])("%s of %s is shown as %s", (expression, actual, text) => {
  expect(formatActual(expression, actual)).toBe(text);
});
