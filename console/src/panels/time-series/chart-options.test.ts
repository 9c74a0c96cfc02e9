import { describe, expect, it } from "vitest";
import { findLone } from "./chart-options.ts";

describe("values without a neighbor, which no line shows", () => {
  it.each([
    ["between two gaps", [1, null, 2, null, 3, 4], [0, 2]],
    ["at the ends", [1, null, null, 2], [0, 3]],
    ["the only one", [null, 5, null], [1]],
    ["none in a line", [1, 2, 3], []],
    ["none without values", [null, null], []],
    ["over times of other lines, which are no gaps", [1, undefined, 2, null, undefined, 3], [5]],
  ] as const)("%s", (_name, values, expected) => {
    expect(findLone(values)).toEqual(expected);
  });
});
