import { expect, it } from "vitest";
import { findClosest } from "./closest.ts";

it("finds the candidate with the fewest edits, and none that needs too many", () => {
  expect(findClosest("modles", ["models", "model", "port"])).toBe("models");
  expect(findClosest("PROT", ["host", "port"])).toBe("port");
  expect(findClosest("something", ["port"])).toBeUndefined();
  expect(findClosest("a/b", ["rate"])).toBeUndefined();
  expect(findClosest("port", [])).toBeUndefined();
});
