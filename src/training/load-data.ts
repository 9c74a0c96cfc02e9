import type { FeatureColumn, TrainingSet } from "./forest/training-set.ts";
import { MAX_CLASSES, MAX_LABEL } from "../model/manifest.ts";
import type { Task } from "../model/model.ts";
import { isMissingCell, parseCell, type Table } from "../tabular/csv.ts";
import { FLOAT32_MAX, type Feature, type Rows } from "../tabular/tabular.ts";
import { shorten } from "../tabular/feature-codec.ts";
import { checkNames, findColumn, findFeatureColumns, findLeftOut } from "./find-columns.ts";
import { TableProblems, describeCell, toInvalidData } from "./table-problems.ts";
import { readColumn, type LeftOutColumn, type TrainingColumn } from "./training-columns.ts";

/** A table converted to numbers. */
export interface TrainingData {
  readonly set: TrainingSet;
  readonly features: readonly Feature[];
  readonly columns: readonly TrainingColumn[];
  /** Columns that are no features, also those that the user leaves out. */
  readonly leftOut: readonly LeftOutColumn[];
  /** Name of the target column. */
  readonly target: string;
  /** True if the task was inferred from the target's values. */
  readonly taskIsInferred: boolean;
}

export interface LoadDataOptions {
  /** Name of the table in messages. */
  readonly name: string;
  readonly target: string;
  readonly task?: Task | undefined;
  /** Units by feature name. */
  readonly units?: Readonly<Record<string, string>> | undefined;
  /** Columns to leave out. */
  readonly drop?: readonly string[] | undefined;
  /** Columns that identify rows, which are left out. */
  readonly id?: readonly string[] | undefined;
  /** Columns of categories, also if their values are numbers. */
  readonly categorical?: readonly string[] | undefined;
}

/** A target of integers with at most this many distinct values counts as classes. */
const MAX_INFERRED_CLASSES = 20;

/**
 * Converts a table to a training set. Every column but the target is a feature: of numbers, truth values or categories (`decideKind`).
 * @throws TepalError INVALID_DATA with rows (the first below the header is 1) and columns
 */
export function toTrainingData(table: Table, options: LoadDataOptions): TrainingData {
  const { name, target, units = {} } = options;
  const targetIndex = findColumn(table, target, name);
  const leftOut = findLeftOut(table, options);
  const isLeftOut = new Set(leftOut.map(({ index }) => index));
  const candidates = findFeatureColumns(table, target, name).filter(
    (index) => !isLeftOut.has(index),
  );
  const problems = new TableProblems(table);
  if (target.length > MAX_LABEL) {
    const message = `Expected a name of at most ${MAX_LABEL} characters, got ${target.length}.`;
    problems.addHeader(targetIndex, message);
  }
  const columns: TrainingColumn[] = [];
  for (const index of candidates) {
    if (problems.isFull) break;
    const title = table.header[index]!;
    const isCategorical = options.categorical?.includes(title) ?? false;
    const unit = Object.hasOwn(units, title) ? units[title]! : null;
    const column = readColumn(table, index, { isCategorical, unit }, problems);
    if ("feature" in column) columns.push(column);
    else leftOut.push(column);
  }
  checkNames(
    table,
    columns.map(({ index }) => index),
    units,
    problems,
  );
  const { target: read, taskIsInferred } = readTarget(table, targetIndex, options.task, problems);
  problems.throwIfAny(name);
  if (columns.length === 0) {
    const message = `Expected a column that can be a feature, got none. ${leftOut[0]?.reason ?? ""}`;
    throw toInvalidData(name, [{ at: "header", message: message.trim() }]);
  }

  const features = columns.map(({ feature }) => feature);
  const set = {
    rows: joinColumns(columns, table.records.length),
    columns: features.map(toFeatureColumn),
    target: read,
  };
  return { set, features, columns, leftOut, target, taskIsInferred };
}

function joinColumns(columns: readonly TrainingColumn[], count: number): Rows {
  const width = columns.length;
  const values = new Float64Array(count * width);
  for (const [f, column] of columns.entries()) {
    for (let row = 0; row < count; row++) values[row * width + f] = column.values[row]!;
  }
  return { values, count, width };
}

/** Describes a feature to the forest. */
function toFeatureColumn({ type, categories = [] }: Feature): FeatureColumn {
  return type === "category" ? { type, count: categories.length } : { type: "number" };
}

type Target = TrainingSet["target"];

function readTarget(
  table: Table,
  column: number,
  task: Task | undefined,
  problems: TableProblems,
): { readonly target: Target; readonly taskIsInferred: boolean } {
  const { records, decimal, missing } = table;
  const cells = records.map((record) => record[column]!);
  for (const [row, cell] of cells.entries()) {
    if (isMissingCell(cell, missing)) {
      problems.addCell(row, column, "Missing. Expected a target. Fill it in or remove the row.");
    }
  }
  const numbers = cells.map((cell) => parseCell(cell, decimal));
  const inferred = task ?? inferTask(numbers);
  const target =
    inferred === "classification"
      ? toClasses(cells, numbers)
      : toValues(cells, numbers, column, problems, table);
  // By value, not by spelling: 1, 1.0 and 01 are one class, and one number.
  const distinct = target.task === "classification" ? target.classes : [...new Set(target.values)];
  const only = String(distinct[0]).slice(0, 40);
  checkTarget(target, column, problems);
  if (
    distinct.length === 1 &&
    !cells.some((cell) => isMissingCell(cell, missing)) &&
    only !== "NaN"
  ) {
    const expected = target.task === "classification" ? "at least 2 classes" : "different values";
    problems.addColumn(column, `Expected ${expected}, got only ${only}.`);
  }
  return { target, taskIsInferred: task === undefined };
}

function inferTask(numbers: readonly (number | undefined)[]): Task {
  if (numbers.includes(undefined)) return "classification";
  return numbers.every(isInteger) && new Set(numbers).size <= MAX_INFERRED_CLASSES
    ? "classification"
    : "regression";
}

/**
 * Numbers are classes by value, in numerical order; other labels are strings in alphabetical order. ONNX has no class labels with
 * decimals: those become strings.
 */
function toClasses(cells: readonly string[], numbers: readonly (number | undefined)[]): Target {
  if (numbers.every(isExact)) {
    const values = [...new Set(numbers)].toSorted((a, b) => a - b);
    const areIntegers = values.every((value) => Number.isInteger(value));
    const classes = areIntegers ? values : values.map(String);
    return { task: "classification", classes, labels: toIndexes(numbers, values) };
  }
  const classes = [...new Set(cells)].toSorted();
  return { task: "classification", classes, labels: toIndexes(cells, classes) };
}

/** False for a larger number, which may be another one than its text states. */
function isExact(number: number | undefined): number is number {
  return number !== undefined && Math.abs(number) <= Number.MAX_SAFE_INTEGER;
}

function isInteger(number: number | undefined): number is number {
  return Number.isSafeInteger(number);
}

function toIndexes<T>(values: readonly T[], classes: readonly T[]): Int32Array {
  const index = new Map(classes.map((value, i) => [value, i]));
  return Int32Array.from(values, (value) => index.get(value)!);
}

function toValues(
  cells: readonly string[],
  numbers: readonly (number | undefined)[],
  column: number,
  problems: TableProblems,
  table: Table,
): Target {
  const values = Float64Array.from(numbers, (number, row) => {
    if (number !== undefined && Math.abs(number) <= FLOAT32_MAX) return number;
    const cell = cells[row]!;
    if (!isMissingCell(cell, table.missing)) {
      problems.addCell(row, column, describeCell(cell, number, table));
    }
    return Number.NaN;
  });
  return { task: "regression", values };
}

/** Checks the limits of the manifest and of float32 before a minute is spent on training. */
function checkTarget(target: Target, column: number, problems: TableProblems): void {
  if (target.task === "regression") {
    let min = Number.POSITIVE_INFINITY;
    let max = Number.NEGATIVE_INFINITY;
    for (const value of target.values) {
      if (value < min) min = value;
      if (value > max) max = value;
    }
    const spread = max - min;
    if (spread > FLOAT32_MAX / 2) {
      const message = `Expected a range of at most 1.7e38 (float32), got ${min} to ${max}. Rescale the column.`;
      problems.addColumn(column, message);
    }
    return;
  }
  if (target.classes.length > MAX_CLASSES) {
    const message = `Expected at most ${MAX_CLASSES} classes, got ${target.classes.length}.`;
    problems.addColumn(column, message);
  }
  const long = target.classes.map(String).find((name) => name.length > MAX_LABEL);
  if (long !== undefined) {
    const message = `Expected class names of at most ${MAX_LABEL} characters, got "${shorten(long)}".`;
    problems.addColumn(column, message);
  }
}
