import { describeMismatch } from "../kernel/check.ts";
import { TepalError, type Problem } from "../kernel/errors.ts";
import { isMissingCell, parseCell, type Table } from "../tabular/csv.ts";
import { shorten } from "../tabular/feature-codec.ts";

const MAX_PROBLEMS = 10;

/** Collects problems with their location in the table, up to a limit. */
export class TableProblems {
  readonly list: Problem[] = [];
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  throwIfAny(name: string): void {
    if (this.list.length > 0) throw toInvalidData(name, this.list);
  }

  get isFull(): boolean {
    return this.list.length >= MAX_PROBLEMS;
  }

  addHeader(column: number, message: string): void {
    if (this.isFull) return;
    this.list.push({ at: `header, column ${column + 1}`, message });
  }

  addCell(row: number, column: number, message: string): void {
    if (this.isFull) return;
    const { lines } = this.#table;
    const line = lines === null ? "" : ` (line ${lines[row]})`;
    const at = `row ${row + 1}${line}, column "${shorten(this.#table.header[column]!)}"`;
    this.list.push({ at, message });
  }

  addColumn(column: number, message: string): void {
    this.list.push({ at: `column "${shorten(this.#table.header[column]!)}"`, message });
  }
}

/** Creates the error for an unusable table. */
export function toInvalidData(name: string, problems: readonly Problem[]): TepalError {
  const listed = problems.map(({ at, message }) => `\n  ${at}: ${message}`).join("");
  const more = problems.length >= MAX_PROBLEMS ? "\n  … and possibly more" : "";
  return new TepalError("INVALID_DATA", `Invalid data in ${name}:${listed}${more}`, { problems });
}

/** Returns the problem of a cell that is not a usable number. */
export function describeCell(
  cell: string,
  number: number | undefined,
  { decimal = "point", missing }: Pick<Table, "decimal" | "missing">,
): string {
  if (number !== undefined) {
    return `Expected a number from -3.4e38 to 3.4e38 (float32), got ${shorten(cell)}. Rescale the column.`;
  }
  if (isMissingCell(cell, missing))
    return "Missing. Expected a number. Fill it in or remove the row.";
  const other = decimal === "point" ? "comma" : "point";
  if (parseCell(cell, other) !== undefined) {
    const expected = `a number with a decimal ${decimal}`;
    const advice = `If numbers have a decimal ${other}, set --decimal ${other}. Thousands may have separators where this is certain: 1,234.5 or 1,234,567.`;
    return describeMismatch(expected, cell, advice);
  }
  return describeMismatch(
    "a number",
    shorten(cell),
    "Correct it, or set --missing, --categorical or --drop.",
  );
}
