import { DEFAULT_MISSING, isMissingCell, parseCell } from "./csv.ts";
import type { Problem } from "../kernel/errors.ts";
import { findOtherEncoding } from "../kernel/text-encoding.ts";
import {
  describeMissing,
  hasNoValue,
  NO_VALUE,
  ProblemList,
  type UnseenValue,
} from "./decode-row.ts";
import { createFeatureCodec } from "./feature-codec.ts";
import { MAX_EXACT_DIGITS, POWERS } from "./plain-number.ts";
import type { DecimalMark, Feature } from "./tabular.ts";

/**
 * Decodes the bytes of CSV records into numbers in feature order. One codec serves one header. Cells of columns that are not features are
 * ignored.
 */
export interface CsvRowCodec {
  /** Unknown categories of the last decoded row. Empty for almost every row. */
  readonly unseen: readonly UnseenValue[];
  /**
   * Decodes `bytes[begin] … bytes[end − 1]`, one record without its line end, into `target[offset] …`. Adds problems at the names of
   * columns; the target then has undefined content. A missing cell (empty, or one of the words) of a nullable feature is NaN.
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

const [TAB, SPACE, QUOTE, PLUS, COMMA, MINUS, POINT, ZERO, NINE] = [
  9, 32, 34, 43, 44, 45, 46, 48, 57,
];

/**
 * @param header the cells of the header, in any order, which `findHeaderProblems` has checked
 * @param delimiter one ASCII character
 * @param decimal the mark in numbers
 * @param missing the cells that stand for a missing value, in lower case
 */
export function createCsvRowCodec(
  features: readonly Feature[],
  header: readonly string[],
  delimiter: string,
  decimal: DecimalMark = "point",
  missing: ReadonlySet<string> = DEFAULT_MISSING,
): CsvRowCodec {
  const mark = decimal === "point" ? POINT : COMMA;
  const columns = header.length;
  const separator = delimiter.charCodeAt(0);
  const names = features.map(({ name }) => name);
  const nullable = features.map((feature) => feature.nullable);
  const width = features.length;
  const mayBeEmpty = nullable.every(Boolean);
  const codecs = features.map((feature) => createFeatureCodec(feature, missing));
  const unseen: UnseenValue[] = [];
  const indexes = new Map(names.map((name, index) => [name, index]));
  const featureOf = Int32Array.from(header, (name) => indexes.get(name) ?? -1);
  /** With a number among the missing words, each number has to be compared with them. */
  const isNumberMissing = missing.values().some((word) => parseCell(word, decimal) !== undefined);
  /** As `featureOf`; −1 also for a feature whose values are not plain numbers. */
  const numberOf = featureOf.map((feature) =>
    isNumberMissing || Number.isNaN(codecs[feature]?.limit ?? Number.NaN) ? -1 : feature,
  );
  const present = new Set(header);
  // A nullable feature without a column is missing in every row.
  const absent = names.flatMap((name, index) => (present.has(name) ? [] : [index]));
  const [blank, otherBlank] = [SPACE, TAB].map((byte) => (byte === separator ? -2 : byte));

  /** Returns the value of a valid trimmed cell; undefined for any other. */
  function toValue(cell: string, feature: number): number | undefined {
    const value = codecs[feature]!.fromCell(cell, decimal);
    if (value !== undefined) return value;
    return nullable[feature] === true && isMissingCell(cell, missing) ? Number.NaN : undefined;
  }

  function describeProblem(cell: string, feature: number): string {
    const codec = codecs[feature]!;
    if (isMissingCell(cell, missing)) return describeMissing(codec.expected);
    return codec.explainCell(cell, decimal);
  }

  /** Decodes any record cell by cell, and reports all of its problems. */
  function decodeText(
    text: string,
    target: Float64Array,
    offset: number,
    problems: ProblemList,
    isDamaged: boolean,
  ): void {
    const { cells, problem } = splitRecord(text, delimiter);
    if (problem !== undefined) {
      problems.add("", problem);
      return;
    }
    if (cells.length !== columns) {
      const expected = columns === 1 ? "1 cell" : `${columns} cells`;
      problems.add("", `Expected ${expected} as in the header, got ${cells.length}.`);
      return;
    }
    for (const [column, cell] of cells.entries()) {
      const feature = featureOf[column]!;
      if (feature < 0) continue;
      const value = toValue(cell, feature);
      if (value === codecs[feature]!.unknown) {
        // A replacement character stands for bytes that are not UTF-8.
        if (isDamaged && cell.includes("\uFFFD")) problems.add(names[feature]!, "");
        unseen.push({
          feature: features[feature]!,
          value: codecs[feature]!.toUnseen(cell, decimal),
        });
      }
      if (value !== undefined) target[offset + feature] = value;
      else problems.add(names[feature]!, describeProblem(cell, feature));
    }
  }

  /** Decodes a record without quotes and with valid, known cells. Returns false for any other; the target then has undefined content. */
  function decodePlain(
    bytes: Buffer,
    begin: number,
    end: number,
    target: Float64Array,
    offset: number,
  ): boolean {
    let at = begin;
    for (let column = 0; column < columns; column++) {
      const feature = featureOf[column]!;
      const from = at;
      let byte = at < end ? bytes[at]! : -1;
      let digits = 0;
      if (numberOf[column]! >= 0) {
        while (byte === blank || byte === otherBlank) byte = ++at < end ? bytes[at]! : -1;
        const isNegative = byte === MINUS;
        if (isNegative || byte === PLUS) byte = ++at < end ? bytes[at]! : -1;
        let mantissa = 0;
        while (byte >= ZERO && byte <= NINE) {
          mantissa = mantissa * 10 + byte - ZERO;
          digits += 1;
          byte = ++at < end ? bytes[at]! : -1;
        }
        const whole = digits;
        if (byte === mark) {
          byte = ++at < end ? bytes[at]! : -1;
          while (byte >= ZERO && byte <= NINE) {
            mantissa = mantissa * 10 + byte - ZERO;
            digits += 1;
            byte = ++at < end ? bytes[at]! : -1;
          }
        }
        while (byte === blank || byte === otherBlank) byte = ++at < end ? bytes[at]! : -1;
        if (digits <= MAX_EXACT_DIGITS) {
          const size = mantissa / POWERS[digits - whole]!;
          target[offset + feature] = isNegative ? -size : size;
        } else digits = 0;
      }
      if (digits === 0 || (byte !== separator && at < end)) {
        // Not a plain number, or not a feature: find the end of the cell first.
        for (at = from; at < end; at++) {
          byte = bytes[at]!;
          if (byte === separator) break;
          if (byte === QUOTE) return false;
        }
        if (feature >= 0) {
          const value = toValue(bytes.toString("utf8", from, at).trim(), feature);
          if (value === undefined || value === codecs[feature]!.unknown) return false;
          target[offset + feature] = value;
        }
      }
      if (at >= end) return column === columns - 1;
      at += 1;
    }
    return false;
  }

  return {
    unseen,
    decode(bytes, begin, end, target, offset, problems) {
      if (unseen.length > 0) unseen.length = 0;
      for (const feature of absent) target[offset + feature] = Number.NaN;
      if (!decodePlain(bytes, begin, end, target, offset)) {
        const text = bytes.toString("utf8", begin, end);
        const other = findOtherEncoding(bytes.subarray(begin, end), null);
        if (other === undefined) decodeText(text, target, offset, problems, false);
        else {
          // Other encodings matter only in cells that are read.
          const own = new ProblemList("column");
          decodeText(text, target, offset, own, true);
          if (own.total > 0) problems.add("", other.message);
        }
        if (problems.total > 0) return;
      }
      if (mayBeEmpty && hasNoValue(target, offset, width)) problems.add("", NO_VALUE);
    },
  };
}

/** Writes a string as a cell that decodes to it, in quotes where it needs them. */
export function quoteCell(text: string): string {
  return /[",\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Splits a record, without its line end, into cells (RFC 4180). Blanks around cells are dropped, those inside quotes are kept: the characters
 * that `trim` drops, as the parser of training data does. A quote inside a cell that does not start with one is an ordinary character.
 */
export function splitRecord(
  record: string,
  delimiter: string,
): { readonly cells: string[]; readonly problem?: string } {
  const cells: string[] = [];
  const isBlank = (character: string | undefined): boolean =>
    character !== undefined && character !== delimiter && character.trim() === "";
  let at = 0;
  for (;;) {
    let from = at;
    while (isBlank(record[from])) from += 1;
    if (record[from] !== '"') {
      const found = record.indexOf(delimiter, at);
      const end = found < 0 ? record.length : found;
      cells.push(record.slice(at, end).trim());
      at = end;
    } else {
      let cell = "";
      for (;;) {
        const close = record.indexOf('"', from + 1);
        if (close < 0)
          return { cells, problem: "Expected a closing quote, got the end of the record." };
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
        const problem = `Expected a delimiter after the closing quote of cell ${cells.length + 1}.`;
        return { cells, problem };
      }
      cells.push(cell);
    }
    if (at >= record.length) return { cells };
    at += 1;
  }
}

/** Finds the problems of a header below which rows cannot be read: missing and duplicate columns. Unknown columns are allowed. */
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
      add(name, "Missing. Expected a column of this name.");
    } else if (times > 1) add(name, `Expected 1 column of this name, got ${times}.`);
  }
  if (features.every(({ name }) => !seen.has(name)) && problems.length === 0) {
    add("", "Expected a column for at least one feature, got none.");
  }
  return problems;
}
