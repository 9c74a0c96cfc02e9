import { FLOAT32_MAX } from "../tabular/tabular.ts";
import { isMissingCell, parseCell, type Table } from "../tabular/csv.ts";
import { MAX_FEATURES, findNameProblem } from "../tabular/schema.ts";
import type { Feature, Rows } from "../tabular/tabular.ts";
import { TableProblems, describeCell, shorten, toInvalidData } from "./table-problems.ts";

/** The feature columns of a table as numbers. */
export interface FeatureTable {
  readonly rows: Rows;
  /** Features with the range of their values; `nullable` if a value is missing. */
  readonly features: readonly Feature[];
}

/**
 * Reads the feature columns alone; a missing value is NaN.
 * @param options.leaveOut a column that is no feature; null when all are
 * @throws TepalError INVALID_DATA as `toTrainingData`
 */
export function toFeatureTable(
  table: Table,
  options: {
    /** Name of the table in messages. */
    readonly name: string;
    readonly leaveOut: string | null;
    /** Units by feature name. */
    readonly units?: Readonly<Record<string, string>> | undefined;
  },
): FeatureTable {
  const { name, leaveOut, units = {} } = options;
  if (leaveOut !== null) findColumn(table, leaveOut, name);
  const columns = findFeatureColumns(table, leaveOut, name);
  const problems = new TableProblems(table);
  checkNames(table, columns, units, problems);
  const values = readFeatures(table, columns, true, problems);
  problems.throwIfAny(name);
  const features = toFeatures(table, columns, values, units);
  return { rows: { values, count: table.records.length, width: columns.length }, features };
}

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

export function toFeatures(
  { header }: Table,
  columns: readonly number[],
  values: Float64Array,
  units: Readonly<Record<string, string>>,
): Feature[] {
  return columns.map((column, f) => {
    const name = header[column]!;
    const bounds = findBounds(values, f, columns.length);
    return {
      name,
      type: "number",
      precision: "float32",
      unit: Object.hasOwn(units, name) ? units[name]! : null,
      ...bounds,
    };
  });
}

export function readFeatures(
  table: Table,
  columns: readonly number[],
  allowsMissing: boolean,
  problems: TableProblems,
): Float64Array {
  const { records, decimal, missing } = table;
  const width = columns.length;
  const values = new Float64Array(records.length * width);
  for (const [row, record] of records.entries()) {
    for (const [f, column] of columns.entries()) {
      const cell = record[column]!;
      const number = parseCell(cell, decimal);
      if (number !== undefined && Math.abs(number) <= FLOAT32_MAX) {
        values[row * width + f] = number;
        continue;
      }
      if (allowsMissing && isMissingCell(cell, missing)) {
        values[row * width + f] = Number.NaN;
        continue;
      }
      problems.addCell(row, column, describeCell(cell, number, table));
      if (problems.isFull) return values;
    }
  }
  return values;
}

/** Returns the range of the values that are present; null without any. */
function findBounds(
  values: Float64Array,
  feature: number,
  width: number,
): Pick<Feature, "min" | "max" | "nullable"> {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let nullable = false;
  for (let at = feature; at < values.length; at += width) {
    const value = values[at]!;
    if (Number.isNaN(value)) nullable = true;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return min > max ? { min: null, max: null, nullable } : { min, max, nullable };
}

function list(header: readonly string[]): string {
  const shown = header.slice(0, 50).map(shorten);
  return header.length > shown.length ? `${shown.join(", ")}, …` : shown.join(", ");
}
