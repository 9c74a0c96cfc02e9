import { describe, expect, it } from "vitest";
import { parse } from "../../../../src/promql/syntax/parser.ts";
import { parseMark, toRange } from "./error-mark.ts";

/** Returns the part of an expression that is marked for the error of our parser. */
function findMarked(expression: string): string {
  try {
    parse(expression);
  } catch (error) {
    const mark = parseMark(`invalid parameter "query": ${(error as Error).message}`);
    const { from, to } = toRange(mark!, expression);
    return `${expression.slice(0, from)}«${expression.slice(from, to)}»`;
  }
  throw new Error(`${expression} is valid`);
}

describe("the mark of an error", () => {
  it.each([
    ["rate(up[", "rate(up«[»"],
    ["sum(up) foo", "sum(up) «foo»"],
    ["sum(\n  up,\n  $)", "sum(\n  up,\n  «$»"],
    ["rate(up)", "rate(«up»"],
    ["up{job=1}", "up{job=«1»"],
    ["nope(up)", "«nope»"],
  ])("is at the position of the parser in %j", (expression, marked) => {
    expect(findMarked(expression)).toBe(marked);
  });

  it("is absent for other errors", () => {
    expect(parseMark("query timed out in expression evaluation")).toBeUndefined();
  });
});
