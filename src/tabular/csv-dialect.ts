import { TepalError } from "../kernel/errors.ts";
import { DELIMITERS, findSeparator, isCommaNumber, parseCell } from "./csv.ts";
import { splitRecord } from "./csv-row.ts";
import { createRecordScanner } from "./record-scanner.ts";
import type { DecimalMark } from "./tabular.ts";

/** The form of a CSV file. */
export interface CsvDialect {
  /** One ASCII character between cells. */
  readonly delimiter: string;
  readonly decimal: DecimalMark;
}

/** The form that Tepal writes, and reads over HTTP. */
export const DEFAULT_DIALECT: CsvDialect = { delimiter: ",", decimal: "point" };

/** Settings of a user; the rest is detected. */
export type GivenDialect = { readonly [K in keyof CsvDialect]?: CsvDialect[K] | undefined };

/** Bytes at the start of a file that are examined. */
export const SAMPLE_BYTES = 64 * 1024;
const SAMPLE_RECORDS = 500;

const POINT_NUMBER = /^[+-]?\d*\.\d+(?:[eE][+-]?\d+)?$/;
/** 1,234 may be one thousand. */
const THOUSANDS = /^[+-]?[1-9]\d{0,2}(?:,\d{3})+$/;

/**
 * Detects the form of a CSV text by its first lines.
 *
 * The delimiter is that of a line `sep=;` before the header, else the one that gives the header, and all rows below it, the same number
 * of cells. Of several such, it is the one with clearly more numbers in cells. Commas are decimal marks if another character separates the
 * columns, a cell is a number with a comma that does not separate thousands, and no cell is a number with a point.
 *
 * @param sample the start of the text, in UTF-8; a record that it cuts off is ignored
 * @throws TepalError INVALID_DATA if several delimiters fit equally well
 */
export function detectDialect(sample: Buffer, given: GivenDialect): CsvDialect {
  const all = readLines(sample);
  const stated = findSeparator(all[0] ?? "");
  const lines = stated === undefined ? all : all.slice(1);
  const delimiter = given.delimiter ?? stated ?? detectDelimiter(lines);
  const decimal = given.decimal ?? (delimiter === "," ? "point" : detectDecimal(lines, delimiter));
  return { delimiter, decimal };
}

/** Describes what was detected, in a sentence; undefined if it is the usual form or was given. */
export function describeDialect(
  { delimiter, decimal }: CsvDialect,
  given: GivenDialect,
): string | undefined {
  const parts: string[] = [];
  const flags: string[] = [];
  if (given.delimiter === undefined && delimiter !== DEFAULT_DIALECT.delimiter) {
    parts.push(`${JSON.stringify(delimiter)} separates the columns`);
    flags.push("--delimiter");
  }
  if (given.decimal === undefined && decimal !== DEFAULT_DIALECT.decimal) {
    parts.push('"," is the decimal mark');
    flags.push("--decimal");
  }
  if (parts.length === 0) return undefined;
  const [verb, pronoun] = flags.length === 1 ? ["overrides", "this"] : ["override", "this"];
  return `${parts.join(" and ")} (detected; ${flags.join(" and ")} ${verb} ${pronoun}).`;
}

/** Splits a sample into lines that are not blank; line ends in quotes are part of a line. */
function readLines(sample: Buffer): string[] {
  // A quote opens a cell after any of the delimiters; which one makes no difference for the line ends of almost every file.
  const scanner = createRecordScanner({
    delimiter: guessScanDelimiter(sample),
    maxBytes: SAMPLE_BYTES,
  });
  const lines: string[] = [];
  const isWhole = sample.length < SAMPLE_BYTES;
  for (let from = 0; lines.length < SAMPLE_RECORDS && from < sample.length;) {
    const end = scanner.find(sample, from);
    // Only the last line of a whole text may lack its end.
    if (end < 0 && !isWhole && lines.length > 0) break;
    const line = sample.toString("utf8", scanner.begin, end < 0 ? sample.length : end);
    const text = lines.length === 0 ? line.replace(/^\ufeff/, "") : line;
    if (text.trim() !== "") lines.push(text);
    if (end < 0) break;
    from = scanner.next;
  }
  return lines;
}

/** Returns the most frequent delimiter of the first line, as a byte. */
function guessScanDelimiter(sample: Buffer): number {
  const [first = ""] = sample
    .toString("latin1")
    .trimStart()
    .split(/[\r\n]/, 1);
  const counts = DELIMITERS.map((delimiter) => first.split(delimiter).length);
  return DELIMITERS[counts.indexOf(Math.max(...counts))]!.charCodeAt(0);
}

function detectDelimiter(lines: readonly string[]): string {
  const [header = ""] = lines;
  const even: string[] = [];
  let most = { delimiter: DEFAULT_DIALECT.delimiter, cells: 1 };
  for (const delimiter of DELIMITERS) {
    const { cells, problem } = splitRecord(header, delimiter);
    if (problem !== undefined || cells.length < 2) continue;
    if (lines.every((line) => splitRecord(line, delimiter).cells.length === cells.length)) {
      even.push(delimiter);
    }
    if (cells.length > most.cells) most = { delimiter, cells: cells.length };
  }
  const [only, ...others] = even;
  if (only === undefined) return most.delimiter;
  return others.length === 0 ? only : chooseByNumbers(lines, even);
}

/** The best of several delimiters has at least this many times the numbers of the second. */
const CLEAR_RATIO = 1.25;

function chooseByNumbers(lines: readonly string[], delimiters: readonly string[]): string {
  const counted = delimiters
    .map((delimiter) => ({ delimiter, numbers: countNumbers(lines, delimiter) }))
    .toSorted((a, b) => b.numbers - a.numbers);
  const [best, second] = counted;
  if (best !== undefined && second !== undefined) {
    if (best.numbers > CLEAR_RATIO * second.numbers) return best.delimiter;
  }
  const shown = delimiters.map((delimiter) => JSON.stringify(delimiter));
  throw new TepalError(
    "INVALID_DATA",
    `Expected one delimiter, got columns with each of ${shown.join(" and ")}. Set --delimiter.`,
  );
}

function countNumbers(lines: readonly string[], delimiter: string): number {
  const cells = lines.slice(1).flatMap((line) => splitRecord(line, delimiter).cells);
  return cells.filter((cell) => parseCell(cell) !== undefined || isCommaNumber(cell)).length;
}

function detectDecimal(lines: readonly string[], delimiter: string): DecimalMark {
  const cells = lines.slice(1).flatMap((line) => splitRecord(line, delimiter).cells);
  if (cells.some((cell) => POINT_NUMBER.test(cell))) return "point";
  return cells.some((cell) => isCommaNumber(cell) && !THOUSANDS.test(cell)) ? "comma" : "point";
}
