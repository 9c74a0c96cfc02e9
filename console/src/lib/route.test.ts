import { describe, expect, it } from "vitest";
import { parseRoute, toHash } from "./route.ts";

describe("the address", () => {
  it.each([
    ["", []],
    ["#", []],
    ["#/", []],
    ["#/charts", ["charts"]],
    ["#/runs/20261122T133000-4f2a/charts", ["runs", "20261122T133000-4f2a", "charts"]],
    ["#/runs/%E0%A4%A", ["runs", "%E0%A4%A"]],
  ])("%j names %j", (hash, parts) => {
    expect(parseRoute(hash)).toEqual(parts);
  });

  it("keeps special characters", () => {
    const parts = ["runs", "a/b #?%"];
    expect(parseRoute(toHash(...parts))).toEqual(parts);
  });
});
