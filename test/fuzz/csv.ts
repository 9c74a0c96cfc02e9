import * as fc from "fast-check";
import { TepalError } from "../../src/kernel/errors.ts";
import { isMissingCell, parseCell, parseCsv, type CsvTable } from "../../src/tabular/csv.ts";
import { readColumns } from "../../src/training/import/read-columns.ts";
import { toTrainingData } from "../../src/training/load-data.ts";

/** The outcomes of one run. */
interface CsvCount {
  /** Files written from a table and parsed as that table. */
  same: number;
  /** Damaged files that are still a table. */
  tables: number;
  /** Tables that are valid training data, or valid features of an imported graph. */
  usable: number;
  rejected: number;
}

const NAME = "data.csv";
/** Parsing this many characters takes milliseconds in linear time, and minutes in quadratic time. */
const LONG = 200_000;
const LONGEST_SECONDS = 5;

const CELLS = [
  "1",
  "-0",
  "+5",
  ".5",
  "5.",
  "1e5",
  "1e-400",
  "9007199254740993",
  "01",
  "1.0",
  " 1 ",
];
const ODD_CELLS = [
  "",
  "NA",
  "?",
  "1e39",
  "1e999",
  "0x10",
  "1_000",
  "1,5",
  "1;5",
  "a",
  "A",
  "a ",
  "ä",
];
const HARD_CELLS = [
  '"',
  '""',
  'a"b',
  "a\nb",
  "a\r\nb",
  "\r",
  "\t",
  "\u00a0",
  "\ufeff",
  "\0",
  "#x",
  "'a'",
];
const HEADERS = ["a", "b", "c", "y", "0", "1", "constructor", "toString", "a b", "ä", "Y", "y.1"];
const DELIMITERS = [",", ";", "\t", "|"];

interface Layout {
  readonly delimiter: string;
  readonly end: string;
  readonly quotes: readonly boolean[];
  readonly mark: boolean;
  readonly blankLines: readonly number[];
  readonly endsLine: boolean;
}

const layout: fc.Arbitrary<Layout> = fc.record({
  delimiter: fc.constantFrom(...DELIMITERS),
  end: fc.constantFrom("\n", "\r\n"),
  quotes: fc.array(fc.boolean(), { minLength: 1, maxLength: 7 }),
  mark: fc.boolean(),
  blankLines: fc.array(fc.nat(2), { minLength: 1, maxLength: 3 }),
  endsLine: fc.boolean(),
});

/** A header, and rows with as many cells. */
const table = fc
  .uniqueArray(fc.constantFrom(...HEADERS), { minLength: 1, maxLength: 5 })
  .chain((header) => {
    const cell = fc.oneof(
      { weight: 12, arbitrary: fc.constantFrom(...CELLS) },
      { weight: 2, arbitrary: fc.constantFrom(...ODD_CELLS) },
      { weight: 1, arbitrary: fc.constantFrom(...HARD_CELLS) },
      { weight: 1, arbitrary: fc.string({ maxLength: 6 }) },
    );
    const easy = fc.constantFrom(...CELLS, "2", "3", "4");
    const rowOf = (one: fc.Arbitrary<string>): fc.Arbitrary<string[]> =>
      fc.array(one, { minLength: header.length, maxLength: header.length });
    const rows = fc.oneof(
      fc.array(rowOf(cell), { minLength: 1, maxLength: 8 }),
      fc.array(rowOf(easy), { minLength: 1, maxLength: 8 }),
    );
    return rows.map((records) => ({ header, records }));
  });

/**
 * Parses CSV: files written from a table must give that table, and any other file a valid table or TepalError INVALID_DATA. None may take
 * long.
 *
 * @param runs files of each kind
 */
export function fuzzCsv(runs: number, seed = 1): CsvCount {
  const count: CsvCount = { same: 0, tables: 0, usable: 0, rejected: 0 };
  const parameters = { numRuns: runs, seed };
  fc.assert(
    fc.property(table, layout, ({ header, records }, how) => {
      const { text, lines } = format([header, ...records], how);
      const read = parseCsv(text, NAME, how.delimiter);
      const expected = { header, records: records.map((row) => row.map(toRead)), lines };
      same(read, { ...expected, lines: lines.slice(1) });
      count.same++;
      readAsData(read, count);
    }),
    parameters,
  );
  fc.assert(
    fc.property(table, layout, edits(), ({ header, records }, how, list) => {
      const { text } = format([header, ...records], how);
      parseAny(
        list.reduce((changed, edit) => edit(changed), text),
        how.delimiter,
        count,
      );
    }),
    parameters,
  );
  fc.assert(
    fc.property(table, layout, fc.nat(), fc.nat(9), ({ header, records }, how, from, length) => {
      const { text } = format([header, ...records], how);
      const at = from % text.length;
      const piece = text.slice(at, at + length + 1);
      const long =
        text.slice(0, at) + piece.repeat(Math.ceil(LONG / piece.length)) + text.slice(at);
      const begun = performance.now();
      parseAny(long, how.delimiter, count);
      const seconds = (performance.now() - begun) / 1_000;
      if (seconds > LONGEST_SECONDS) throw new Error(`${LONG} characters took ${seconds} s`);
    }),
    { ...parameters, numRuns: Math.ceil(runs / 50) },
  );
  return count;
}

/** Returns the parsed value of a cell: blanks around an unquoted cell are dropped. */
function toRead(cell: string): string {
  return needsQuotes(cell) ? cell : cell.trim();
}

/** Returns true for more cells than the format requires: cells with blanks or marks that parsing could drop, and blank cells. */
function needsQuotes(cell: string): boolean {
  return /[^\p{L}\p{N} .+_'#?-]/u.test(cell) || cell.trim() === "";
}

function format(
  rows: readonly (readonly string[])[],
  { delimiter, end, quotes, mark, blankLines, endsLine }: Layout,
): { text: string; lines: number[] } {
  let text = mark ? "\ufeff" : "";
  let line = 1;
  let cells = 0;
  const lines: number[] = [];
  for (const [index, row] of rows.entries()) {
    const written = row.map((cell) => {
      const isQuoted =
        needsQuotes(cell) || (quotes[cells++ % quotes.length] && cell === cell.trim());
      return isQuoted ? `"${cell.replaceAll('"', '""')}"` : cell;
    });
    text += written.join(delimiter);
    line += countLineEnds(written.join(delimiter), end);
    lines.push(line);
    if (index === rows.length - 1 && !endsLine) break;
    const blanks = blankLines[index % blankLines.length] ?? 0;
    text += end.repeat(1 + blanks);
    line += 1 + blanks;
  }
  return { text, lines };
}

/** Counts line ends. Those inside quotes count if they are the line ends of the file. */
function countLineEnds(text: string, end: string): number {
  return text.split(end).length - 1;
}

function same(read: CsvTable, expected: CsvTable): void {
  for (const part of ["header", "records"] as const) {
    const [got, exact] = [JSON.stringify(read[part]), JSON.stringify(expected[part])];
    if (got !== exact) throw new Error(`${part}: Expected ${exact}, got ${got}.`);
  }
  const hasOddLineEnds = expected.records.flat().some((cell) => /[\r\n]/.test(cell));
  const [got, exact] = [read.lines.join(), expected.lines.join()];
  if (!hasOddLineEnds && got !== exact) throw new Error(`lines: Expected ${exact}, got ${got}.`);
}

function parseAny(text: string, delimiter: string, count: CsvCount): void {
  let read: CsvTable;
  try {
    read = parseCsv(text, NAME, delimiter);
  } catch (thrown) {
    checkError(thrown);
    count.rejected++;
    return;
  }
  const { header, records, lines } = read;
  check(records.length > 0 && records.every((row) => row.length === header.length), "cells");
  check(new Set(header).size === header.length && !header.includes(""), "a header");
  check(lines.length === records.length, "lines");
  check(
    lines.every((line, i) => line > (lines[i - 1] ?? 1)),
    "lines in order",
  );
  count.tables++;
  readAsData(read, count);
}

/** Reads a table as training data, for its first and last column as the target, and as the features of a graph that takes numbers. */
function readAsData(read: CsvTable, count: CsvCount): void {
  const { header, records } = read;
  for (const target of [header[0] ?? "", header.at(-1) ?? ""]) {
    for (const task of [undefined, "classification", "regression"] as const) {
      try {
        const { set, columns, leftOut } = toTrainingData(read, { name: NAME, target, task });
        const column = header.indexOf(target);
        check(columns.length + leftOut.length === header.length - 1, "columns");
        for (const [row, record] of records.entries()) {
          for (const { index, feature, values } of columns) {
            if (feature.type !== "number" || feature.unit !== null) continue;
            const cell = record[index] ?? "";
            const value = values[row] ?? 0;
            check(
              Number.isNaN(value) ? isMissingCell(cell) : value === parseCell(cell),
              `the value ${cell}`,
            );
          }
          check(set.rows.width === columns.length, "width");
          checkTarget(set.target, row, record[column] ?? "");
        }
        count.usable++;
      } catch (thrown) {
        checkError(thrown);
      }
    }
  }
  try {
    const columns = header.map(() => ({ type: "float", categories: [], missing: null }) as const);
    const { rows, features } = readColumns(read, columns, { name: NAME, target: null, units: {} });
    check(rows.values.length === records.length * header.length, "the number of values");
    for (const [f, { type, categories, min, max, nullable }] of features.entries()) {
      const cells = records.map((record) => record[f] ?? "");
      const present = cells.filter((cell) => !isMissingCell(cell));
      check(nullable === present.length < cells.length, "nullable");
      if (type === "category") {
        const values = new Set(categories?.map(({ value }) => value));
        check(values.size === new Set(present).size, "the number of categories");
        for (const [row, cell] of cells.entries()) {
          const code = rows.values[row * header.length + f] ?? 0;
          check(isMissingCell(cell) || categories?.[code]?.value === cell, `the category ${cell}`);
        }
      }
      if (type !== "number") continue;
      const numbers = present.map((cell) => parseCell(cell) ?? Number.NaN);
      check(min === (numbers.length > 0 ? Math.min(...numbers) : null), "min");
      check(max === (numbers.length > 0 ? Math.max(...numbers) : null), "max");
    }
    count.usable++;
  } catch (thrown) {
    checkError(thrown);
  }
}

function checkTarget(
  target: ReturnType<typeof toTrainingData>["set"]["target"],
  row: number,
  cell: string,
): void {
  if (target.task === "regression") check(target.values[row] === Number(cell), "the target");
  else {
    const name = target.classes[target.labels[row] ?? -1];
    // Numbers with decimals are classes by value, and strings in ONNX.
    const byValue = typeof name === "number" ? Number(cell) : String(Number(cell));
    check(name === byValue || name === cell, `the class ${cell}`);
    check(target.classes.length >= 2, "two classes");
  }
}

/** Checks that an error is short and names the table. */
function checkError(thrown: unknown): void {
  if (!(thrown instanceof TepalError) || thrown.code !== "INVALID_DATA") throw thrown;
  check(thrown.message.includes(NAME), `a message with the table's name: ${thrown.message}`);
  check(thrown.message.length < 20_000, `a message of ${thrown.message.length} characters`);
}

function check(holds: boolean, what: string): void {
  if (!holds) throw new Error(`Expected ${what}.`);
}

type TextEdit = (text: string) => string;

function edits(): fc.Arbitrary<TextEdit[]> {
  const position = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const piece = fc.oneof(
    fc.constantFrom(
      '"',
      '""',
      ",",
      ";",
      "\n",
      "\r",
      "\r\n",
      "\t",
      " ",
      "\0",
      "\ufeff",
      "\ud800",
      "#",
    ),
    fc.constantFrom(...ODD_CELLS, ...HARD_CELLS),
    fc.string({ unit: "grapheme", maxLength: 4 }),
  );
  const insert = fc.tuple(position, piece).map(([share, inserted]): TextEdit => (text) => {
    const at = Math.floor(share * text.length);
    return text.slice(0, at) + inserted + text.slice(at);
  });
  const remove = fc.tuple(position, fc.nat(6)).map(([share, length]): TextEdit => (text) => {
    const at = Math.floor(share * text.length);
    return text.slice(0, at) + text.slice(at + length);
  });
  const copy = fc.tuple(position, position).map(([from, to]): TextEdit => (text) => {
    const [a, b] = [Math.floor(from * text.length), Math.floor(to * text.length)];
    return text.slice(0, b) + text.slice(Math.min(a, b));
  });
  return fc.array(fc.oneof(insert, insert, remove, copy), { minLength: 1, maxLength: 3 });
}
