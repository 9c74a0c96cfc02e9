import { CsvError, parse } from "csv-parse/sync";
import { TepalError } from "../kernel/errors.ts";

/** A CSV file with a header (RFC 4180), as text cells. */
export interface CsvTable {
  readonly header: readonly string[];
  /** Each has as many cells as the header. */
  readonly records: readonly (readonly string[])[];
  /** The line of the file on which each record ends; the header is on line 1. */
  readonly lines: readonly number[];
}

/** The longest record that is read: far above any sane row, far below what hurts. */
const MAX_RECORD_CHARACTERS = 16 * 1024 * 1024;

/**
 * Reads a CSV text. Lines end with CRLF, LF or CR, also in turns. Blanks around cells that are not quoted, blank
 * lines and a byte-order mark are dropped.
 *
 * @param name what to call the text in messages, such as its file name
 * @throws TepalError INVALID_DATA naming the line: no header, no records, a record with more or fewer
 *   cells than the header, an unclosed quote, an empty or repeated column name
 */
export function parseCsv(text: string, name: string, delimiter = ","): CsvTable {
  const parsed = readRecords(text, name, delimiter);
  const first = parsed[0];
  if (first === undefined) {
    throw new TepalError("INVALID_DATA", `${name} is empty; a header and rows are expected`);
  }
  checkHeader(first.cells, name, delimiter);
  if (parsed.length === 1) {
    throw new TepalError("INVALID_DATA", `${name} has a header but no rows`);
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
      // Left to itself the parser takes the first line's end for the end of all, and files joined from two systems mix them.
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
  const where = `row ${records.length} (line ${typeof lines === "number" ? lines : "?"})`;
  const expected = records[0]?.cells.length ?? 0;
  switch (error.code) {
    case "CSV_RECORD_INCONSISTENT_FIELDS_LENGTH": {
      const record = error["record"];
      const found = Array.isArray(record) ? record.length : "another number of";
      return `${where} has ${found} cells; the header has ${expected}`;
    }
    case "CSV_QUOTE_NOT_CLOSED":
      return `a quote that opens in row ${records.length} is never closed`;
    default:
      return `${where}: ${error.message.slice(0, 300)}`;
  }
}

function checkHeader(header: readonly string[], name: string, delimiter: string): void {
  const seen = new Map<string, number>();
  header.forEach((column, index) => {
    if (column === "") {
      throw new TepalError(
        "INVALID_DATA",
        `${name}: column ${index + 1} has no name in the header`,
      );
    }
    const first = seen.get(column);
    if (first !== undefined) {
      throw new TepalError(
        "INVALID_DATA",
        `${name}: the header names "${column.slice(0, 60)}" twice, as columns ${first + 1} and ${index + 1}`,
      );
    }
    seen.set(column, index);
  });
  const only = header[0] ?? "";
  const other = [";", "\t", "|"].find((mark) => mark !== delimiter && only.includes(mark));
  if (header.length === 1 && other !== undefined) {
    throw new TepalError(
      "INVALID_DATA",
      `${name} has a single column, "${only.slice(0, 60)}"; it seems to be separated by ${JSON.stringify(other)}: ` +
        `pass --delimiter ${JSON.stringify(other)}`,
    );
  }
}

const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const MISSING = new Set(["", "na", "n/a", "nan", "null", "none", "?"]);

/** Whether a cell stands for a missing value: empty, or one of NA, N/A, NaN, null, None, ?. */
export function isMissingCell(cell: string): boolean {
  return MISSING.has(cell.toLowerCase());
}

/** The decimal number that a cell holds, or undefined when it holds anything else. */
export function parseCell(cell: string): number | undefined {
  return NUMBER.test(cell) ? Number(cell) : undefined;
}
