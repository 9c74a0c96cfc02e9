import { escapeLine } from "../kernel/printable.ts";
import type { Table } from "../tabular/csv.ts";
import { shorten } from "../tabular/feature-codec.ts";
import { MAX_FEATURES, findNameProblem } from "../tabular/schema.ts";
import { toInvalidData, type TableProblems } from "./table-problems.ts";
import type { LeftOutColumn } from "./training-columns.ts";

export function findColumn({ header }: Table, column: string, name: string): number {
  const index = header.indexOf(column);
  if (index >= 0) return index;
  const message = `Expected a column "${shorten(column)}", got: ${list(header)}.`;
  throw toInvalidData(name, [{ at: "header", message }]);
}

export function findFeatureColumns(
  { header }: Table,
  target: string | null,
  name: string,
): number[] {
  const columns = header.flatMap((column, index) => (column === target ? [] : [index]));
  if (columns.length > 0) return columns;
  const message = "Expected a column besides the target, got none.";
  throw toInvalidData(name, [{ at: "header", message }]);
}

/** Options that name columns of the data, other than the target. */
interface ColumnOptions {
  readonly drop?: readonly string[] | undefined;
  readonly id?: readonly string[] | undefined;
  readonly categorical?: readonly string[] | undefined;
}

/** Finds the columns that the user leaves out with --drop and --id. @throws TepalError INVALID_DATA, also for a wrong --categorical */
export function findLeftOut(
  table: Table,
  options: ColumnOptions & { readonly target: string | null; readonly name: string },
): LeftOutColumn[] {
  return (["drop", "id", "categorical"] as const).flatMap((option) => {
    const indexes = (options[option] ?? []).map((column) => {
      const index = findColumn(table, column, options.name);
      if (column !== options.target) return index;
      const message = `Expected a column other than the target in --${option}.`;
      throw toInvalidData(options.name, [{ at: `column "${shorten(column)}"`, message }]);
    });
    return option === "categorical"
      ? []
      : indexes.map((index) => ({ index, reason: `--${option}` }));
  });
}

export function checkNames(
  { header }: Table,
  columns: readonly number[],
  units: Readonly<Record<string, string>>,
  problems: TableProblems,
): void {
  if (columns.length > MAX_FEATURES) {
    const message = `Expected at most ${MAX_FEATURES} feature columns, got ${columns.length}.`;
    problems.list.push({ at: "header", message });
  }
  for (const index of columns) {
    if (problems.isFull) return;
    const problem = findNameProblem(header[index]!);
    if (problem !== undefined) problems.addHeader(index, problem);
  }
  for (const feature of Object.keys(units)) {
    if (columns.some((index) => header[index] === feature)) continue;
    const message = "Expected the name of a feature column.";
    problems.list.push({ at: `unit of "${shorten(feature)}"`, message });
  }
}

function list(header: readonly string[]): string {
  const shown = header.slice(0, 50).map((name) => escapeLine(shorten(name)));
  return header.length > shown.length ? `${shown.join(", ")}, …` : shown.join(", ");
}
