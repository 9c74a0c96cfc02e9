import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isMissingCell, parseCell, parseCsv, splitUnit, toMissingWords } from "./csv.ts";

describe("parseCsv", () => {
  it("reads quotes, commas and line ends inside cells, CRLF, a byte-order mark and blank lines", () => {
    const text = '\uFEFFa,"b ""x"", y"\r\n1,2\r\n\r\n"3\n",4\r\n';
    expect(parseCsv(text, "f")).toEqual({
      header: ["a", 'b "x", y'],
      records: [
        ["1", "2"],
        ["3\n", "4"],
      ],
      lines: [2, 5],
    });
  });

  it("reads every kind of line end, also mixed, and counts lines by them", () => {
    for (const [first, second, third] of [
      ["\r\n", "\n", "\r\n"],
      ["\n", "\r\n", "\n"],
      ["\r", "\n", ""],
      ["\n", "\r", "\r\n"],
    ]) {
      expect(parseCsv(`a,b${first}1,"2"${second}3,4${third}`, "f")).toEqual({
        header: ["a", "b"],
        records: [
          ["1", "2"],
          ["3", "4"],
        ],
        lines: [2, 3],
      });
    }
  });

  it.each([
    ["", "f: Expected a header and rows, got an empty file."],
    ["\n\n", "f: Expected a header and rows, got an empty file."],
    ["a,b\n", "f: Expected rows below the header, got none."],
    ["a,b\n1,2\n3\n", "f: line 3, row 2: Expected 2 cells as in the header, got 1."],
    ["a,b\n1,2,3\n", "f: line 2, row 1: Expected 2 cells as in the header, got 3."],
    ['a,b\n1,"2\n', "f: row 1: Expected a closing quote, got the end of the file."],
    ["a,,b\n1,2,3\n", "f: header, column 2: Expected a name, got an empty cell."],
    ["a,b,a\n1,2,3\n", 'f: header: Expected distinct names, got "a" for columns 1 and 3.'],
    ["a;b\n1;2\n", 'add --delimiter ";"'],
    ["a\tb\n1\t2\n", 'add --delimiter "\\t"'],
  ])("rejects %j with its location", (text, message) => {
    expect(() => parseCsv(text, "f")).toThrow(message);
  });

  it("skips the line by which spreadsheets state the delimiter", () => {
    expect(parseCsv("sep=;\r\na;b\r\n1;2\r\n", "f", ";")).toEqual({
      header: ["a", "b"],
      records: [["1", "2"]],
      lines: [3],
    });
  });

  it("parses any table that is written by RFC 4180", () => {
    const cell = fc.string({ unit: "grapheme", maxLength: 10 }).map((text) => text.trim());
    const table = fc
      .integer({ min: 1, max: 5 })
      .chain((width) =>
        fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1 }),
      );
    const quote = (text: string): string => `"${text.replaceAll('"', '""')}"`;
    fc.assert(
      fc.property(table, (records) => {
        const width = records[0]?.length ?? 0;
        const header = Array.from({ length: width }, (_, i) => `column ${i}`);
        const text = [header, ...records].map((row) => row.map(quote).join(",")).join("\n");
        expect(parseCsv(text, "f").records).toEqual(records);
      }),
    );
  });

  it("parses any text or throws INVALID_DATA", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", "1", " ") }),
        (text) => {
          try {
            const { header, records } = parseCsv(text, "f");
            expect(records.every((record) => record.length === header.length)).toBe(true);
          } catch (error) {
            expect(error).toMatchObject({ code: "INVALID_DATA" });
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("cells", () => {
  it("are numbers only if they are decimal numbers", () => {
    for (const text of ["1", "-1.5", "+.5", "1.", "1e3", "2E-3"])
      expect(parseCell(text)).toBe(Number(text));
    for (const text of ["", "x", "1,5", "0x10", "1_000", "Infinity", "NaN", "1e", "--1", "1 2"]) {
      expect(parseCell(text)).toBeUndefined();
    }
  });

  it("may have separators of thousands where these are certain", () => {
    for (const [cell, number] of [
      ["1,234.5", 1_234.5],
      ["-1,234,567", -1_234_567],
      ["12,345,678.25", 12_345_678.25],
    ] as const)
      expect(parseCell(cell)).toBe(number);
    expect(parseCell("1.234,5", "comma")).toBe(1_234.5);
    expect(parseCell("1.234.567", "comma")).toBe(1_234_567);
    for (const cell of ["1,234", "0,123,456", "1,23,456", "1,234,56", "1,2345.5"])
      expect(parseCell(cell)).toBeUndefined();
    expect(parseCell("1.500", "comma")).toBeUndefined();
  });

  it("have a sign for percent or a currency beside the number", () => {
    expect(splitUnit("12%")).toEqual({ unit: "%", number: 12 });
    expect(splitUnit("$1,234.50")).toEqual({ unit: "$", number: 1_234.5 });
    expect(splitUnit("-€5")).toEqual({ unit: "€", number: -5 });
    expect(splitUnit("1,5 €", "comma")).toEqual({ unit: "€", number: 1.5 });
    for (const cell of ["12", "%", "$", "$-5", "5%%", "x%", "$1,234"])
      expect(splitUnit(cell)).toBeUndefined();
  });

  it("are read in linear time, even if they only begin like a number", () => {
    // A million digits took minutes with a pattern that can split them in many ways.
    expect(parseCell(`${"1".repeat(1_000_000)}x`)).toBeUndefined();
  });

  it("are missing if they are empty or a word for a missing value", () => {
    for (const text of ["", "NA", "n/a", "NaN", "null", "None", "?"])
      expect(isMissingCell(text)).toBe(true);
    for (const text of ["0", "nan1", "-"]) expect(isMissingCell(text)).toBe(false);
    const own = toMissingWords("-, Unknown");
    expect(["", "-", "unknown", "NA"].map((cell) => isMissingCell(cell, own))).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});
