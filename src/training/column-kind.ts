import { isCommaNumber, isMissingCell, parseCell, splitUnit, type Table } from "../tabular/csv.ts";
import { MAX_CATEGORIES } from "../tabular/schema.ts";
import { shorten } from "../tabular/feature-codec.ts";

/** The kind of a column, decided by all of its cells. */
export type ColumnKind =
  /** `unit` is the sign that every cell has: 12% or $5. */
  | { readonly kind: "number"; readonly unit: string | null }
  | { readonly kind: "boolean" }
  /** Values in their order: integers, or strings. */
  | { readonly kind: "category"; readonly values: readonly (string | number)[] }
  /** A column that no forest can use; the reason is a sentence with the advice to keep it. */
  | { readonly kind: "left out"; readonly reason: string }
  /** A column that the user has to decide about. */
  | { readonly kind: "unclear"; readonly message: string };

/** A column of strings with more distinct values is taken as categories only on request. */
const MAX_INFERRED_CATEGORIES = 1_000;
/** So many distinct values are categories even if half of the rows have a value of their own. */
const FEW_CATEGORIES = 20;
const MAX_LENGTH = 1_000;
/** float32, in which the graph takes integers, holds all of at most this magnitude. */
const MAX_INTEGER = 2 ** 24;

const LEADING_ZEROS = /^0\d+$/;
const LONG_INTEGER = /^[+-]?\d{16,}$/;
/** A plus sign or leading zeros make a code of a number. */
const CODE = /^(?:\+|-?0\d)/;
const DATE =
  /^(?:\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}[./-]\d{1,2}[./-](?:\d{2}|\d{4}))(?:[T ]\d{1,2}:\d{2}.*)?$/;
const TRUTHS = [
  ["false", "true"],
  ["no", "yes"],
];

/**
 * Decides the kind of a column:
 *
 * - Numbers, if all present cells are numbers, perhaps with the same sign (%, $, €, £, ¥ or ₹) in each. Numbers with leading zeros, and integers that no
 *   double holds, are codes, so categories.
 * - Truth values, if all are true and false, or yes and no.
 * - Otherwise categories. A column where most rows have a value of their own names rows; it is left out.
 *
 * Dates, and strings among numbers, are never guessed.
 *
 * @param isCategorical true if the user states that the column has categories
 */
export function decideKind(
  name: string,
  cells: readonly string[],
  table: Table,
  isCategorical: boolean,
): ColumnKind {
  const present = cells.filter((cell) => !isMissingCell(cell, table.missing));
  const quoted = JSON.stringify(shorten(name));
  if (present.length === 0) {
    return { kind: "left out", reason: "It has no value." };
  }
  const distinct = [...new Set(present)];
  if (isCategorical) return toCategories(distinct, table, `--drop ${quoted}`);
  const parsed = distinct.filter((cell) => parseCell(cell, table.decimal) !== undefined);
  if (parsed.length === distinct.length) {
    const isCode = distinct.some((cell) => LEADING_ZEROS.test(cell) || LONG_INTEGER.test(cell));
    if (!isCode) return { kind: "number", unit: null };
  } else {
    const unit = findUnit(distinct, table);
    if (unit !== undefined) return { kind: "number", unit };
    if (isTruth(distinct)) return { kind: "boolean" };
    const message = describeDates(name, present);
    if (message !== undefined) return { kind: "unclear", message };
    const numbers = present.filter((cell) => isNumberLike(cell, table));
    // The cells that are no numbers are then reported.
    if (2 * numbers.length >= present.length) return { kind: "number", unit: null };
  }
  if (isIdentifier(distinct.length, present.length)) {
    const reason = `It has ${distinct.length} different strings in ${present.length} rows. --categorical ${quoted} keeps it.`;
    return { kind: "left out", reason };
  }
  return toCategories(distinct, table, `--drop ${quoted}`);
}

/** Returns the problem of a column whose cells are mostly dates; undefined for another one. */
export function describeDates(name: string, present: readonly string[]): string | undefined {
  if (!isMostly(present, DATE)) return undefined;
  const example = present.find((cell) => DATE.test(cell)) ?? "";
  return (
    `Expected numbers or categories, got dates such as "${example}". Add --drop ${JSON.stringify(shorten(name))}, or replace the dates by ` +
    "numbers, for example by a year, a month, or days since a date."
  );
}

function isIdentifier(distinct: number, present: number): boolean {
  return (
    distinct > MAX_INFERRED_CATEGORIES || (distinct > FEW_CATEGORIES && 2 * distinct > present)
  );
}

/** Categories are integers if all cells are short ones, by value: pandas writes 1 as 1.0 in a column with gaps. Otherwise they are strings. */
function toCategories(distinct: readonly string[], table: Table, advice: string): ColumnKind {
  const values = toIntegers(distinct, table) ?? distinct.toSorted();
  if (values.length > MAX_CATEGORIES) {
    const message = `Expected at most ${MAX_CATEGORIES} categories, got ${values.length}. Add ${advice}.`;
    return { kind: "unclear", message };
  }
  const long = distinct.find((value) => value.length > MAX_LENGTH);
  if (long !== undefined) {
    const message = `Expected categories of at most ${MAX_LENGTH} characters, got "${shorten(long)}". Add ${advice}.`;
    return { kind: "unclear", message };
  }
  return { kind: "category", values };
}

/** Returns the distinct values of cells in order; undefined if one is no short integer. */
function toIntegers(cells: readonly string[], { decimal }: Table): number[] | undefined {
  const values = new Set<number>();
  for (const cell of cells) {
    const number = CODE.test(cell) ? undefined : parseCell(cell, decimal);
    if (number === undefined || !Number.isInteger(number)) return undefined;
    if (Math.abs(number) > MAX_INTEGER) return undefined;
    // A set takes −0 as 0.
    values.add(number);
  }
  return [...values].toSorted((a, b) => a - b);
}

/** Finds the sign that every cell has beside its number. */
function findUnit(cells: readonly string[], { decimal }: Table): string | undefined {
  const units = new Set(cells.map((cell) => splitUnit(cell, decimal)?.unit));
  const [unit, ...others] = units;
  return others.length === 0 ? unit : undefined;
}

/** True for a number, also with a sign or with another decimal mark. */
function isNumberLike(cell: string, { decimal }: Table): boolean {
  return (
    parseCell(cell, decimal) !== undefined ||
    splitUnit(cell, decimal) !== undefined ||
    isCommaNumber(cell)
  );
}

function isTruth(cells: readonly string[]): boolean {
  const words = new Set(cells.map((cell) => cell.toLowerCase()));
  return TRUTHS.some((pair) => [...words].every((word) => pair.includes(word)));
}

function isMostly(cells: readonly string[], pattern: RegExp): boolean {
  return 2 * cells.filter((cell) => pattern.test(cell)).length > cells.length;
}
