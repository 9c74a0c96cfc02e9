/** Characters that begin a formula in a spreadsheet, also in their full-width forms; and those that it drops before it looks for one. */
const FORMULA = /^(?:[ "]*[=+\-@＝＋－＠]|[\t\r\n])/;
/** A spreadsheet whose separator is a semicolon or a tab starts a new cell at one, since quotes inside a cell have no meaning to it. */
const INNER_FORMULA = /([;\t\r\n][ "]*)([=+\-@＝＋－＠])/g;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;
const NEEDS_QUOTES = /[",;\t\r\n]|^\s|\s$/;

/**
 * Formats a string as a cell of a CSV line (RFC 4180). A string that a spreadsheet could evaluate as a formula gets an apostrophe before
 * the formula, since names and messages come from files and clients. A number stays a number.
 *
 * @example
 * ```ts
 * import { formatCsvCell } from "./csv-cell.ts";
 *
 * console.log(formatCsvCell("=1+1"), formatCsvCell("-1.5"), formatCsvCell("a,b")); // '=1+1 -1.5 "a,b"
 * ```
 */
export function formatCsvCell(text: string): string {
  if (NUMBER.test(text)) return text;
  const start = FORMULA.test(text) ? `'${text}` : text;
  const safe = start.replace(INNER_FORMULA, "$1'$2");
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
