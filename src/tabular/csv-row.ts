import { isMissingCell, parseCell } from "./csv.ts";
import type { Problem } from "../kernel/errors.ts";
import type { ProblemList } from "./decode-row.ts";
import { FLOAT32_MAX, type Feature } from "./tabular.ts";

/**
 * Turns the bytes of CSV records into numbers in feature order. One codec serves one header. Cells of columns that are no
 * feature are not looked at.
 */
export interface CsvRowCodec {
  /**
   * Decodes `bytes[begin] … bytes[end − 1]`, one record without its line end, into `target[offset] …`. Problems are
   * named by column; the target then holds rubbish. A missing cell (empty, NA, NaN, …) is NaN where the feature may
   * lack values.
   */
  decode(
    bytes: Buffer,
    begin: number,
    end: number,
    target: Float64Array,
    offset: number,
    problems: ProblemList,
  ): void;
}

const [TAB, SPACE, QUOTE, PLUS, MINUS, POINT, ZERO, NINE] = [9, 32, 34, 43, 45, 46, 48, 57];
/** With at most 15 digits and a power of ten up to 22, both are exact as doubles and their quotient is rounded once. */
const MAX_EXACT_DIGITS = 15;
const POWERS = Float64Array.from({ length: 23 }, (_, i) => 10 ** i);
const BLANKS = new Set([" ", "\t", "\f"]);
const MAX_SHOWN = 60;

/**
 * @param header the cells of the header, in any order; see `findHeaderProblems` for what it must hold
 * @param delimiter one ASCII character
 */
export function createCsvRowCodec(
  features: readonly Feature[],
  header: readonly string[],
  delimiter: string,
): CsvRowCodec {
  const columns = header.length;
  const separator = delimiter.charCodeAt(0);
  const names = features.map(({ name }) => name);
  const nullable = features.map((feature) => feature.nullable);
  const limits = Float64Array.from(features, ({ type }) =>
    type === "float32" ? FLOAT32_MAX : Number.MAX_VALUE,
  );
  const indexes = new Map(names.map((name, index) => [name, index]));
  const featureOf = Int32Array.from(header, (name) => indexes.get(name) ?? -1);
  const present = new Set(header);
  // A column that a nullable feature lacks altogether is missing in every row.
  const absent = names.flatMap((name, index) => (present.has(name) ? [] : [index]));
  const [blank, otherBlank] = [SPACE, TAB].map((byte) => (byte === separator ? -2 : byte));

  /** The value of a trimmed cell that is fine; undefined for any other. */
  function toValue(cell: string, feature: number): number | undefined {
    const number = parseCell(cell);
    const limit = limits[feature] ?? 0;
    if (number !== undefined) return number >= -limit && number <= limit ? number : undefined;
    return nullable[feature] === true && isMissingCell(cell) ? Number.NaN : undefined;
  }

  function describeFault(cell: string, feature: number): string {
    if (isMissingCell(cell)) return "is missing; a number is expected";
    if (parseCell(cell) === undefined) {
      return `is the text ${JSON.stringify(shorten(cell))}; a number is expected`;
    }
    return `is ${shorten(cell)}, beyond the largest number the model can take (${limits[feature]})`;
  }

  /** Reads any record, cell by cell, and says all that is wrong with it. */
  function decodeText(
    text: string,
    target: Float64Array,
    offset: number,
    problems: ProblemList,
  ): void {
    const { cells, fault } = splitRecord(text, delimiter);
    if (fault !== undefined) {
      problems.add("", fault);
      return;
    }
    if (cells.length !== columns) {
      const found = cells.length === 1 ? "1 cell" : `${cells.length} cells`;
      problems.add("", `has ${found}; the header has ${columns}`);
      return;
    }
    for (const [column, cell] of cells.entries()) {
      const feature = featureOf[column] ?? -1;
      if (feature < 0) continue;
      const value = toValue(cell, feature);
      if (value !== undefined) target[offset + feature] = value;
      else problems.add(names[feature] ?? "", describeFault(cell, feature));
    }
  }

  /** Reads a record without quotes whose cells are all fine; false, and rubbish, for any other. */
  function decodePlain(
    bytes: Buffer,
    begin: number,
    end: number,
    target: Float64Array,
    offset: number,
  ): boolean {
    let at = begin;
    for (let column = 0; column < columns; column++) {
      const feature = featureOf[column] as number;
      const from = at;
      let byte = at < end ? (bytes[at] as number) : -1;
      let digits = 0;
      if (feature >= 0) {
        while (byte === blank || byte === otherBlank)
          byte = ++at < end ? (bytes[at] as number) : -1;
        const isNegative = byte === MINUS;
        if (isNegative || byte === PLUS) byte = ++at < end ? (bytes[at] as number) : -1;
        let mantissa = 0;
        while (byte >= ZERO && byte <= NINE) {
          mantissa = mantissa * 10 + byte - ZERO;
          digits += 1;
          byte = ++at < end ? (bytes[at] as number) : -1;
        }
        const whole = digits;
        if (byte === POINT) {
          byte = ++at < end ? (bytes[at] as number) : -1;
          while (byte >= ZERO && byte <= NINE) {
            mantissa = mantissa * 10 + byte - ZERO;
            digits += 1;
            byte = ++at < end ? (bytes[at] as number) : -1;
          }
        }
        while (byte === blank || byte === otherBlank)
          byte = ++at < end ? (bytes[at] as number) : -1;
        if (digits <= MAX_EXACT_DIGITS) {
          const size = mantissa / (POWERS[digits - whole] as number);
          target[offset + feature] = isNegative ? -size : size;
        } else digits = 0;
      }
      if (digits === 0 || (byte !== separator && at < end)) {
        // No plain number, or of no interest: what it is shows at the cell's end.
        for (at = from; at < end; at++) {
          byte = bytes[at] as number;
          if (byte === separator) break;
          if (byte === QUOTE) return false;
        }
        if (feature >= 0) {
          const value = toValue(trimCell(bytes.toString("utf8", from, at)), feature);
          if (value === undefined) return false;
          target[offset + feature] = value;
        }
      }
      if (at >= end) return column === columns - 1;
      at += 1;
    }
    return false;
  }

  return {
    decode(bytes, begin, end, target, offset, problems) {
      for (const feature of absent) target[offset + feature] = Number.NaN;
      if (decodePlain(bytes, begin, end, target, offset)) return;
      decodeText(bytes.toString("utf8", begin, end), target, offset, problems);
    },
  };
}

/** Blanks around cells that are not quoted are dropped, as where training data is read. */
function trimCell(cell: string): string {
  let begin = 0;
  let end = cell.length;
  while (begin < end && BLANKS.has(cell[begin] ?? "")) begin += 1;
  while (begin < end && BLANKS.has(cell[end - 1] ?? "")) end -= 1;
  return cell.slice(begin, end);
}

/**
 * Cuts a record, without its line end, into cells (RFC 4180). Blanks around cells are dropped, those in quotes are kept; a
 * quote within a cell that does not begin with one is a character like others.
 */
export function splitRecord(
  record: string,
  delimiter: string,
): { readonly cells: string[]; readonly fault?: string } {
  const cells: string[] = [];
  const isBlank = (character = ""): boolean => BLANKS.has(character) && character !== delimiter;
  let at = 0;
  for (;;) {
    let from = at;
    while (isBlank(record[from])) from += 1;
    if (record[from] !== '"') {
      const found = record.indexOf(delimiter, at);
      const end = found < 0 ? record.length : found;
      cells.push(trimCell(record.slice(at, end)));
      at = end;
    } else {
      let cell = "";
      for (;;) {
        const close = record.indexOf('"', from + 1);
        if (close < 0) return { cells, fault: "has a quote that is never closed" };
        cell += record.slice(from + 1, close);
        if (record[close + 1] !== '"') {
          at = close + 1;
          break;
        }
        cell += '"';
        from = close + 1;
      }
      while (isBlank(record[at])) at += 1;
      if (at < record.length && record[at] !== delimiter) {
        return { cells, fault: `has text behind the closing quote of cell ${cells.length + 1}` };
      }
      cells.push(cell);
    }
    if (at >= record.length) return { cells };
    at += 1;
  }
}

function shorten(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
}

/**
 * Why rows cannot be read below a header: columns that the model needs and it lacks, a name that stands twice.
 * Columns that the model does not know are fine.
 */
export function findHeaderProblems(
  features: readonly Feature[],
  header: readonly string[],
): Problem[] {
  const problems: Problem[] = [];
  const add = (at: string, message: string): void => {
    problems.push({ at, kind: "column", message });
  };
  const seen = new Map<string, number>();
  for (const name of header) seen.set(name, (seen.get(name) ?? 0) + 1);
  for (const { name, nullable } of features) {
    const times = seen.get(name) ?? 0;
    if (times === 0 && !nullable) {
      add(name, "is not in the header; the model needs this column");
    } else if (times > 1) add(name, "stands twice in the header");
  }
  return problems;
}
