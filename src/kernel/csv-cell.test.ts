import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatCsvCell } from "./csv-cell.ts";

/** Cells as a spreadsheet reads them. With another separator than the comma, quotes are in the middle of a cell, without a meaning. */
function openInSpreadsheet(line: string, delimiter: string): string[] {
  if (delimiter !== ",") return line.split(/[\r\n]/).flatMap((record) => record.split(delimiter));
  const records: string[][] = parse(line);
  return records.flat();
}

const isFormula = (cell: string): boolean => /^[\s"]*[=+\-@＝＋－＠]/.test(cell);

describe("formatCsvCell", () => {
  it.each(["=1", "+1+1", "-x", "@x", "\tx", "\rx", "\nx", "＝1+1", "-", "-1-1", "+cmd|' /C'!A0"])(
    "puts an apostrophe before %j",
    (text) => {
      const [cell] = openInSpreadsheet(formatCsvCell(text), ",");
      expect(cell).toBe(`'${text}`);
    },
  );

  it.each(["-1", "+1", "-1.5e-7", "0", "-.5"])("leaves the number %j a number", (text) => {
    expect(formatCsvCell(text)).toBe(text);
  });

  it.each(["a", "a=1", "a-b", "1-2", "x@y.z", "é", "a'b", ""])("leaves %j unchanged", (text) => {
    expect(formatCsvCell(text)).toBe(text);
  });

  it("quotes separators of any spreadsheet", () => {
    expect(formatCsvCell("a;b")).toBe('"a;b"');
    expect(formatCsvCell("a\tb")).toBe('"a\tb"');
    expect(formatCsvCell('a "b", c')).toBe('"a ""b"", c"');
    expect(formatCsvCell(" a")).toBe('" a"');
  });

  const HOSTILE = fc.stringMatching(/^[ab;,=+\-@\t\r\n" '1]{0,12}$/);

  it("leaves no cell that starts a formula, with any separator of the reader", () => {
    fc.assert(
      fc.property(HOSTILE, fc.constantFrom(",", ";", "\t"), (text, delimiter) => {
        const cells = openInSpreadsheet(`12,${formatCsvCell(text)},x`, delimiter);
        const texts = cells.filter((cell) => !/^[+-]?[\d.]+$/.test(cell));
        expect(texts.filter(isFormula)).toEqual([]);
      }),
    );
  });

  it("is read as the same string but for apostrophes", () => {
    fc.assert(
      fc.property(HOSTILE, (text) => {
        const [, cell = ""] = openInSpreadsheet(`12,${formatCsvCell(text)},x`, ",");
        expect(cell.replaceAll("'", "")).toBe(text.replaceAll("'", ""));
      }),
    );
  });
});
