import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countLines, createRecordCutter, splitCells } from "./csv.ts";

function cutAll(...parts: string[]): string[] {
  const cutter = createRecordCutter();
  return parts.flatMap((part, i) => [...cutter.cut(part, i === parts.length - 1)]);
}

describe("createRecordCutter", () => {
  it("ends records at LF, CRLF and CR, but not within quotes", () => {
    expect(cutAll('a,b\r\n"1\n2","x ""y"" ,\r\n"\n3,4\r5,6')).toEqual([
      "a,b\r\n",
      '"1\n2","x ""y"" ,\r\n"\n',
      "3,4\r",
      "5,6",
    ]);
  });

  it("takes a quote within a cell as text", () => {
    expect(cutAll('5" pipe,1\n6,2\n')).toEqual(['5" pipe,1\n', "6,2\n"]);
  });

  it("does not depend on the cuts", () => {
    const part = fc.stringMatching(/^[",\r\na]{0,6}$/);
    fc.assert(
      fc.property(fc.array(part, { minLength: 1 }), (parts) => {
        const whole = cutAll(parts.join(""));
        expect(cutAll(...parts)).toEqual(whole);
        expect(whole.join("")).toBe(parts.join(""));
      }),
    );
  });
});

describe("splitCells", () => {
  it("takes quotes away", () => {
    expect(splitCells('1,"a ""b"", c",,"x"\r\n')).toEqual(["1", 'a "b", c', "", "x"]);
    expect(splitCells("\n")).toEqual([""]);
    expect(splitCells("a,")).toEqual(["a", ""]);
    expect(splitCells('"a\nb",2')).toEqual(["a\nb", "2"]);
  });
});

it("counts the lines of a record", () => {
  expect(countLines('"a\r\nb",1\r\n')).toBe(2);
  expect(countLines("a")).toBe(0);
});
