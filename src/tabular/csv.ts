import { CsvError, parse } from "csv-parse/sync";
import { TepalError } from "../kernel/errors.ts";

/** A table of strings with named columns. */
export interface Table {
  readonly header: readonly string[];
  /** Each record has as many cells as the header. */
  readonly records: readonly (readonly string[])[];
  /** The line of the file on which each record ends; the header is on line 1. Null without a file. */
  readonly lines: readonly number[] | null;
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
    throw new TepalError("INVALID_DATA", `${name}: ${describe(cause, records)}`, { cause });
  }
  return records;
}

function describe(error: CsvError, records: readonly Record[]): string {
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
    default:
      return `${location}: ${error.message.slice(0, 300)}`;
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
  const only = header[0] ?? "";
  const other = [";", "\t", "|"].find((mark) => mark !== delimiter && only.includes(mark));
  if (header.length === 1 && other !== undefined) {
    throw new TepalError(
      "INVALID_DATA",
      `${name}: header: Expected several columns, got "${only.slice(0, 60)}". ` +
        `If ${JSON.stringify(other)} separates the columns, add --delimiter ${JSON.stringify(other)}.`,
    );
  }
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const MISSING = new Set(["", "na", "n/a", "nan", "null", "none", "?"]);

/** Returns true if a cell stands for a missing value: empty, NA, N/A, NaN, null, None or ?, in any case. */
export function isMissingCell(cell: string): boolean {
  return MISSING.has(cell.toLowerCase());
}

/** Parses a cell as a decimal number; undefined for anything else. */
export function parseCell(cell: string): number | undefined {
  return NUMBER.test(cell) ? Number(cell) : undefined;
}
