import { expect, it } from "vitest";
import { parseNullable } from "./parse-nullable.ts";

it("splits names at commas outside of quotes", () => {
  expect(parseNullable("all")).toBe("all");
  expect(parseNullable("age, fare")).toEqual(["age", "fare"]);
  expect(parseNullable('"income, net",5" pipe')).toEqual(["income, net", '5" pipe']);
  expect(() => parseNullable('"a')).toThrow("Expected a closing quote");
});
