import { describe, expect, it } from "vitest";
import { SAMPLE_BYTES, describeDialect, detectDialect, type GivenDialect } from "./csv-dialect.ts";

const detect = (text: string, given: GivenDialect = {}): string => {
  const { delimiter, decimal } = detectDialect(Buffer.from(text), given);
  return `${delimiter} ${decimal}`;
};

describe("detectDialect", () => {
  it.each([
    ["a,b\n1,2\n", ", point"],
    ["a;b\n1;2\n", "; point"],
    ["a\tb\r\n1\t2\r\n", "\t point"],
    ["a|b\r1|2\r", "| point"],
    ["\ufeff\n\na;b\n1;2", "; point"],
    ['"fixed acidity";"pH";"quality"\n7.4;3.5;5\n', "; point"],
    ['"size, cm";"a"\n1;2\n', "; point"],
    ["size, cm;a;b\n1;2;3\n", "; point"],
    ['a;"line\nend; x"\n1;2\n', "; point"],
    ["a;b;c\n1;2\n3;4;5\n", "; point"],
    ["name,note; free\nx,y\nz,a;b\n", ", point"],
    ["only\n1\n", ", point"],
    ["only\n1;2\n", ", point"],
    ["", ", point"],
    ["a;b\n1,5;x\n", "; comma"],
    ["a;b\n-0,25;x\n1e3;y\n", "; comma"],
    ["a\tb\n1\t,5\n", "\t comma"],
    ["a;b\n1,5;2.5\n", "; point"],
    // May be one thousand, which the message about the cell explains.
    ["a;b\n1,234;x\n", "; point"],
    ["a;b\n1,234;x\n0,123;y\n", "; comma"],
    ["a;b\nx,y;1\n", "; point"],
    ['a,b\n"1,5",2\n', ", point"],
    ["sep=|\na|b,c\nx|y,z\n", "| point"],
    ["a,b;c\n1,5;3\n2,5;4\n", "; comma"],
  ])("detects the form of %j: %s", (text, form) => {
    expect(detect(text)).toBe(form);
  });

  it("rejects a file in which several delimiters fit", () => {
    expect(() => detect("a,b;c\nx,y;z\n")).toThrow(
      'Expected one delimiter, got columns with each of "," and ";". Set --delimiter.',
    );
    expect(detect("a,b;c\nx,y;z\n", { delimiter: "," })).toBe(", point");
  });

  it("keeps what is given", () => {
    expect(detect("a;b\n1,5;2\n", { delimiter: "," })).toBe(", point");
    expect(detect("a;b\n1,5;2\n", { decimal: "point" })).toBe("; point");
    expect(detect('a,b\n"1,5",2\n', { decimal: "comma" })).toBe(", comma");
    expect(detect("a:b\n1,5:2\n", { delimiter: ":" })).toBe(": comma");
  });

  it("ignores the record that the sample cuts off", () => {
    const text = `a;b\n${"1;2\n".repeat(SAMPLE_BYTES)}`;
    expect(detect(text.slice(0, SAMPLE_BYTES - 1).padEnd(SAMPLE_BYTES, "3"))).toBe("; point");
  });
});

describe("describeDialect", () => {
  it("names what was detected and the flags that override it, and nothing else", () => {
    const comma = { delimiter: ";", decimal: "comma" } as const;
    expect(describeDialect(comma, {})).toBe(
      '";" separates the columns and "," is the decimal mark (detected; --delimiter and --decimal override this).',
    );
    expect(describeDialect(comma, { delimiter: ";" })).toBe(
      '"," is the decimal mark (detected; --decimal overrides this).',
    );
    expect(describeDialect({ delimiter: "\t", decimal: "point" }, {})).toContain('"\\t" separates');
    expect(describeDialect({ delimiter: ",", decimal: "point" }, {})).toBeUndefined();
    expect(describeDialect(comma, comma)).toBeUndefined();
  });
});
