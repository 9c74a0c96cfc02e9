import { TepalError, type Problem } from "../kernel/errors.ts";
import type { TrainingSet } from "../model/forest/training-set.ts";
import type { Task } from "../model/model.ts";
import { isMissingCell, parseCell, type CsvTable } from "../tabular/csv.ts";
import { findNameFault } from "../tabular/schema.ts";
import type { Feature } from "../tabular/tabular.ts";

/** A table turned into numbers. */
export interface TrainingData {
  readonly set: TrainingSet;
  readonly features: readonly Feature[];
  /** Name of the target column. */
  readonly target: string;
  /** Whether the task was told or taken from the target's values. */
  readonly taskIsInferred: boolean;
}

export interface LoadDataOptions {
  /** What to call the table in messages. */
  readonly name: string;
  readonly target: string;
  readonly task?: Task | undefined;
  /** Units by feature name. */
  readonly units?: Readonly<Record<string, string>> | undefined;
}

/** A target of whole numbers with at most this many values is taken for class numbers. */
const MAX_INFERRED_CLASSES = 20;
const MAX_PROBLEMS = 10;
const FLOAT32_MAX = 3.4028234663852886e38;

/**
 * Makes a training set of a table: every column but the target is a feature and must be numeric.
 * @throws TepalError INVALID_DATA naming rows (the first below the header is 1) and columns
 */
export function toTrainingData(table: CsvTable, options: LoadDataOptions): TrainingData {
  const { header } = table;
  const { name, target } = options;
  const targetIndex = header.indexOf(target);
  if (targetIndex < 0) {
    throw invalid(name, [
      { at: "the header", message: `has no column "${target}"; it has: ${header.join(", ")}` },
    ]);
  }
  const columns = header.flatMap((_, index) => (index === targetIndex ? [] : [index]));
  if (columns.length === 0) {
    throw invalid(name, [{ at: "the header", message: "has no column besides the target" }]);
  }
  const problems = new Problems(table);
  for (const index of columns) {
    const fault = findNameFault(header[index] ?? "");
    if (fault !== undefined) problems.addHeader(index, fault);
  }
  for (const feature of Object.keys(options.units ?? {})) {
    if (!columns.some((index) => header[index] === feature)) {
      problems.list.push({ at: `--unit ${feature}`, message: "names no feature column" });
    }
  }
  const values = readFeatures(table, columns, problems);
  const { target: read, taskIsInferred } = readTarget(table, targetIndex, options.task, problems);
  if (problems.list.length > 0) throw invalid(name, problems.list);

  const count = table.records.length;
  const features = columns.map((column, f): Feature => {
    const bounds = findBounds(values, f, columns.length);
    const feature = header[column] ?? "";
    const unit = options.units?.[feature] ?? null;
    return { name: feature, type: "float32", unit, ...bounds, nullable: false };
  });
  const set = { rows: { values, count, width: columns.length }, target: read };
  return { set, features, target, taskIsInferred };
}

/** Problems with their place in the table, up to a bound. */
class Problems {
  readonly list: Problem[] = [];
  readonly #table: CsvTable;

  constructor(table: CsvTable) {
    this.#table = table;
  }

  get isFull(): boolean {
    return this.list.length >= MAX_PROBLEMS;
  }

  addHeader(column: number, message: string): void {
    if (this.isFull) return;
    this.list.push({ at: `the header, column ${column + 1}`, message: `the name ${message}` });
  }

  addCell(row: number, column: number, message: string): void {
    if (this.isFull) return;
    const line = this.#table.lines[row] ?? 0;
    const at = `row ${row + 1} (line ${line}), column "${this.#table.header[column] ?? ""}"`;
    this.list.push({ at, message });
  }

  addColumn(column: number, message: string): void {
    this.list.push({ at: `column "${this.#table.header[column] ?? ""}"`, message });
  }
}

function readFeatures(
  { records }: CsvTable,
  columns: readonly number[],
  problems: Problems,
): Float64Array {
  const width = columns.length;
  const values = new Float64Array(records.length * width);
  for (const [row, record] of records.entries()) {
    for (const [f, column] of columns.entries()) {
      const cell = record[column] ?? "";
      const number = parseCell(cell);
      if (number !== undefined && Math.abs(number) <= FLOAT32_MAX) {
        values[row * width + f] = number;
        continue;
      }
      problems.addCell(row, column, describeCell(cell, number));
      if (problems.isFull) return values;
    }
  }
  return values;
}

function describeCell(cell: string, number: number | undefined): string {
  if (number !== undefined) return `${cell} is beyond the range of float32 (±3.4e38)`;
  if (isMissingCell(cell)) {
    return "a value is missing; fill it in or remove the row, training needs every value";
  }
  return `"${cell.slice(0, 40)}" is not a number; features must be numeric, so encode or drop the column`;
}

type Target = TrainingSet["target"];

function readTarget(
  { records }: CsvTable,
  column: number,
  task: Task | undefined,
  problems: Problems,
): { readonly target: Target; readonly taskIsInferred: boolean } {
  const cells = records.map((record) => record[column] ?? "");
  for (const [row, cell] of cells.entries()) {
    if (isMissingCell(cell)) problems.addCell(row, column, "the target is missing");
  }
  const numbers = cells.map(parseCell);
  const inferred = task ?? inferTask(numbers);
  const distinct = new Set(cells);
  const [only] = distinct;
  if (distinct.size === 1 && !isMissingCell(only ?? "")) {
    const what =
      inferred === "classification" ? "there is one class only" : "the target is constant";
    problems.addColumn(column, `${what}, ${only}: there is nothing to learn`);
  }
  const target =
    inferred === "classification"
      ? toClasses(cells, numbers)
      : toValues(cells, numbers, column, problems);
  return { target, taskIsInferred: task === undefined };
}

function inferTask(numbers: readonly (number | undefined)[]): Task {
  if (numbers.includes(undefined)) return "classification";
  return numbers.every(isWhole) && new Set(numbers).size <= MAX_INFERRED_CLASSES
    ? "classification"
    : "regression";
}

/** Whole numbers stay numbers, in their order; anything else is text, in alphabetical order. */
function toClasses(cells: readonly string[], numbers: readonly (number | undefined)[]): Target {
  if (numbers.every(isWhole)) {
    const classes = [...new Set(numbers)].toSorted((a, b) => a - b);
    return { task: "classification", classes, labels: toIndexes(numbers, classes) };
  }
  const classes = [...new Set(cells)].toSorted();
  return { task: "classification", classes, labels: toIndexes(cells, classes) };
}

function isWhole(number: number | undefined): number is number {
  return Number.isSafeInteger(number);
}

function toIndexes<T>(values: readonly T[], classes: readonly T[]): Int32Array {
  const index = new Map(classes.map((value, i) => [value, i]));
  return Int32Array.from(values, (value) => index.get(value) ?? 0);
}

function toValues(
  cells: readonly string[],
  numbers: readonly (number | undefined)[],
  column: number,
  problems: Problems,
): Target {
  const values = Float64Array.from(numbers, (number, row) => {
    if (number !== undefined && Math.abs(number) <= FLOAT32_MAX) return number;
    const cell = cells[row] ?? "";
    if (!isMissingCell(cell)) problems.addCell(row, column, describeCell(cell, number));
    return Number.NaN;
  });
  return { task: "regression", values };
}

function findBounds(
  values: Float64Array,
  feature: number,
  width: number,
): { readonly min: number; readonly max: number } {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (let at = feature; at < values.length; at += width) {
    const value = values[at] ?? Number.NaN;
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { min, max };
}

function invalid(name: string, problems: readonly Problem[]): TepalError {
  const listed = problems.map(({ at, message }) => `\n  ${at}: ${message}`).join("");
  const more = problems.length >= MAX_PROBLEMS ? "\n  … and perhaps more" : "";
  return new TepalError("INVALID_DATA", `${name} cannot be learnt from:${listed}${more}`, {
    problems,
  });
}
