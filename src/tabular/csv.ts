import { CsvError, parse } from "csv-parse/sync";
import { TepalError } from "../kernel/errors.ts";
import type { DecimalMark } from "./tabular.ts";

/** A table of strings with named columns. */
export interface Table {
  readonly header: readonly string[];
  /** Each record has as many cells as the header. */
  readonly records: readonly (readonly string[])[];
  /** The line of the file on which each record ends; the header is on line 1. Null without a file. */
  readonly lines: readonly number[] | null;
  /** Decimal mark of its numbers. @default "point" */
  readonly decimal?: DecimalMark;
  /** Cells that stand for a missing value, in lower case. @default MISSING_WORDS and empty cells */
  readonly missing?: ReadonlySet<string> | undefined;
}

/** The content of a CSV file with a header (RFC 4180). */
export interface CsvTable extends Table {
  readonly lines: readonly number[];
}

/** Longest record: far above any real row, and far below a size that hurts. */
const MAX_RECORD_CHARACTERS = 16 * 1024 * 1024;

/**
 * Parses CSV. Lines end with CRLF, LF or CR, also mixed. Blanks around unquoted cells, blank lines and a byte-order mark are dropped.
 *
 * @param name name of the input in messages, for example a file name
 * @throws TepalError INVALID_DATA with the line: no header, no records, a record with more or fewer cells than the header, an unclosed
 *   quote, an empty or duplicate column name
 */
export function parseCsv(text: string, name: string, delimiter = ","): CsvTable {
  const parsed = readRecords(text, name, delimiter);
  const first = parsed[0];
  if (first === undefined) {
    throw new TepalError("INVALID_DATA", `${name}: Expected a header and rows, got an empty file.`);
  }
  checkHeader(first.cells, name, delimiter);
  if (parsed.length === 1) {
    throw new TepalError("INVALID_DATA", `${name}: Expected rows below the header, got none.`);
  }
  const rows = parsed.slice(1);
  return {
    header: first.cells,
    records: rows.map((row) => row.cells),
    lines: rows.map((row) => row.line),
  };
}

interface Record {
  readonly cells: readonly string[];
  readonly line: number;
}

function readRecords(text: string, name: string, delimiter: string): Record[] {
  const records: Record[] = [];
  try {
    parse(text, {
      bom: true,
      from_line: findSeparator(text) === undefined ? 1 : 2,
      delimiter,
      trim: true,
      skip_empty_lines: true,
      // By default the parser expects all lines to end as the first one does, but files joined from two systems mix line ends.
      record_delimiter: ["\r\n", "\n", "\r"],
      max_record_size: MAX_RECORD_CHARACTERS,
      on_record: (cells: string[], context) => {
        records.push({ cells, line: context.lines });
        return null;
      },
    });
  } catch (cause) {
    if (!(cause instanceof CsvError)) throw cause;
    // Another delimiter explains rows with another number of cells.
    if (records[0] !== undefined) checkHeader(records[0].cells, name, delimiter);
    throw new TepalError("INVALID_DATA", `${name}: ${describe(cause, records, delimiter)}`, {
      cause,
    });
  }
  return records;
}

function describe(error: CsvError, records: readonly Record[], delimiter: string): string {
  const lines = error["lines"];
  const location = `line ${typeof lines === "number" ? lines : "?"}, row ${records.length}`;
  const expected = records[0]?.cells.length ?? 0;
  switch (error.code) {
    case "CSV_RECORD_INCONSISTENT_FIELDS_LENGTH": {
      const record = error["record"];
      const found = Array.isArray(record) ? record.length : "another number";
      return `${location}: Expected ${expected} cells as in the header, got ${found}.`;
    }
    case "CSV_QUOTE_NOT_CLOSED":
      return `row ${records.length}: Expected a closing quote, got the end of the file.`;
    case "CSV_INVALID_CLOSING_QUOTE":
    case "CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE":
      return `${location}: Expected ${JSON.stringify(delimiter)} after a closing quote, got other characters. Write a quote inside quotes twice.`;
    case "INVALID_OPENING_QUOTE":
      return `${location}: Expected quotes around a whole cell, got one inside a cell. Put the cell in quotes, and write the quote inside twice.`;
    case "CSV_MAX_RECORD_SIZE":
      return `${location}: Expected rows of at most ${MAX_RECORD_CHARACTERS} characters, got a longer one. A quote that is never closed may cause this.`;
    default:
      return `${location}: Expected CSV (RFC 4180): cells with a delimiter between them, rows on lines.`;
  }
}

function checkHeader(header: readonly string[], name: string, delimiter: string): void {
  const seen = new Map<string, number>();
  header.forEach((column, index) => {
    if (column === "") {
      throw new TepalError(
        "INVALID_DATA",
        `${name}: header, column ${index + 1}: Expected a name, got an empty cell.`,
      );
    }
    const first = seen.get(column);
    if (first !== undefined) {
      throw new TepalError(
        "INVALID_DATA",
        `${name}: header: Expected distinct names, got "${column.slice(0, 60)}" for columns ${first + 1} and ${index + 1}.`,
      );
    }
    seen.set(column, index);
  });
  const other = findOtherDelimiter(header, delimiter);
  if (other !== undefined) {
    const [only = ""] = header;
    throw new TepalError(
      "INVALID_DATA",
      `${name}: header: Expected several columns, got "${only.slice(0, 60)}". ` +
        `If ${JSON.stringify(other)} separates the columns, add --delimiter ${JSON.stringify(other)}.`,
    );
  }
}

const UNIT_BEFORE = /^([+-]?)([$€£¥₹])[ \u00a0]?(?=[\d.,])(.+)$/;
const UNIT_AFTER = /^(.*\d[.,]?)[ \u00a0]?([%$€£¥₹])$/;

/** Splits a number with a sign for percent or a currency: 12%, $1,234.50 or 5 €. Undefined for any other cell. */
export function splitUnit(
  cell: string,
  decimal: DecimalMark = "point",
): { readonly unit: string; readonly number: number } | undefined {
  const before = UNIT_BEFORE.exec(cell);
  const after = before === null ? UNIT_AFTER.exec(cell) : null;
  const [text = "", unit] =
    before === null ? [after?.[1], after?.[2]] : [`${before[1]}${before[3]}`, before[2]];
  const number = parseCell(text, decimal);
  return unit === undefined || number === undefined ? undefined : { unit, number };
}

const SEPARATOR_LINE = /^\ufeff?sep=([\t\x20-\x7e])\r?(?:\n|$)/i;

/** Returns the delimiter that spreadsheets write on a line before the header: `sep=;`. Undefined without such a line. */
export function findSeparator(text: string): string | undefined {
  return SEPARATOR_LINE.exec(text)?.[1];
}

/** Delimiters of CSV files; the first of equally likely ones is used. */
export const DELIMITERS: readonly string[] = [",", ";", "\t", "|"];

/** Finds the delimiter of a header that has only one cell with this one. */
export function findOtherDelimiter(
  header: readonly string[],
  delimiter: string,
): string | undefined {
  const [only = ""] = header;
  if (header.length !== 1) return undefined;
  return DELIMITERS.find((other) => other !== delimiter && other !== "," && only.includes(other));
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
/** Cells that stand for a missing value by default, besides empty ones; in any case. */
export const MISSING_WORDS = "NA,N/A,NaN,null,None,?";
/** The default cells that stand for a missing value, in lower case. None of them is a number or a truth value. */
export const DEFAULT_MISSING = toMissingWords(MISSING_WORDS);

/** Parses a list of cells that stand for a missing value, with commas between. Empty cells always do. */
export function toMissingWords(list: string): ReadonlySet<string> {
  return toMissingSet(list.split(",").map((word) => word.trim()));
}

/** Returns the cells that stand for a missing value, in lower case. Empty cells always do. @param words undefined for the default ones */
export function toMissingSet(words: readonly string[] | undefined): ReadonlySet<string> {
  if (words === undefined) return DEFAULT_MISSING;
  return new Set(["", ...words.map((word) => word.toLowerCase())]);
}

/** Lists the words of a set for a manifest, without the empty one; undefined if they are the default ones. */
export function listOwnWords(missing: ReadonlySet<string>): string[] | undefined {
  const isDefault = missing.size === DEFAULT_MISSING.size && missing.isSubsetOf(DEFAULT_MISSING);
  return isDefault ? undefined : [...missing].filter((word) => word !== "");
}

/** Returns true if a cell stands for a missing value, in any case. */
export function isMissingCell(
  cell: string,
  missing: ReadonlySet<string> = DEFAULT_MISSING,
): boolean {
  return missing.has(cell.toLowerCase());
}

const COMMA_NUMBER = /^[+-]?(?:\d+,\d*|\d*,\d+)(?:[eE][+-]?\d+)?$/;
const INTEGER = /^[+-]?\d+(?:[eE][+-]?\d+)?$/;

/** True if a cell is a number with a decimal comma. */
export function isCommaNumber(cell: string): boolean {
  return COMMA_NUMBER.test(cell);
}

/** Thousands, if two or more groups, or a fraction after them, show that the other mark is not the decimal one. */
const GROUPED = {
  point: /^[+-]?[1-9]\d{0,2}(?:(?:,\d{3})+\.\d+|(?:,\d{3}){2,})$/,
  comma: /^[+-]?[1-9]\d{0,2}(?:(?:\.\d{3})+,\d+|(?:\.\d{3}){2,})$/,
} as const;

/**
 * Parses a cell as a decimal number; undefined for anything else. Thousands may be separated where this is certain: 1,234.5 and 1,234,567.
 * 1,234 may have a decimal comma, and with a decimal comma 1.500 may be a thousand.
 */
export function parseCell(cell: string, decimal: DecimalMark = "point"): number | undefined {
  if (decimal === "point") {
    if (NUMBER.test(cell)) return Number(cell);
    return GROUPED.point.test(cell) ? Number(cell.replaceAll(",", "")) : undefined;
  }
  if (isCommaNumber(cell)) return Number(cell.replace(",", "."));
  if (INTEGER.test(cell)) return Number(cell);
  return GROUPED.comma.test(cell) ? Number(cell.replaceAll(".", "").replace(",", ".")) : undefined;
}
