import type { Problem } from "../../kernel/errors.ts";
import { FLOAT32_MAX, type Rows } from "../../tabular/tabular.ts";
import type { ClassLabels } from "../../model/model.ts";
import { toInvalidData } from "../table-problems.ts";

/** The targets of the rows. */
export type Target =
  | {
      readonly task: "classification";
      /** At least two, in any order. A class without rows is allowed and never predicted. */
      readonly classes: ClassLabels;
      /** Per row: an index into `classes`. */
      readonly labels: Int32Array;
    }
  | {
      readonly task: "regression";
      /** Per row: a finite number within the range of float32, the number type of the model's output. */
      readonly values: Float64Array;
    };

/** Describes the values of a feature column. Codes of a category are integers from 0 to `count`, which stands for unknown ones. */
export type FeatureColumn =
  | { readonly type: "number" }
  | { readonly type: "category"; readonly count: number };

/** Training rows. The caller owns them; training neither keeps nor changes them. */
export interface TrainingSet {
  /**
   * Rounded to float32 before training. NaN is a missing value. Infinite values (after rounding) are rejected.
   */
  readonly rows: Rows;
  /** One for each column. @default numbers */
  readonly columns?: readonly FeatureColumn[] | undefined;
  readonly target: Target;
}

/** Maximum number of reported problems. */
const MAX_PROBLEMS = 20;

/** @throws TepalError INVALID_DATA with the first problems, each with its 1-based row */
export function checkTrainingSet({ rows, columns, target }: TrainingSet): void {
  const problems: Problem[] = [];
  const add = (at: string, message: string): void => {
    if (problems.length < MAX_PROBLEMS) problems.push({ at, message });
  };

  if (rows.count < 1) add("rows", "Expected at least one row, got none.");
  if (rows.width < 1) add("rows", "Expected at least one feature column, got none.");
  if (rows.values.length !== rows.count * rows.width) {
    const expected = `${rows.count} × ${rows.width} = ${rows.count * rows.width}`;
    add("rows", `Expected ${expected} values, got ${rows.values.length}.`);
  }
  for (let i = 0; i < rows.values.length; i++) {
    // The comparison is false for NaN, which is allowed.
    if (Math.abs(Math.fround(rows.values[i]!)) > FLOAT32_MAX) {
      const at = `row ${Math.floor(i / rows.width) + 1}, column ${(i % rows.width) + 1}`;
      add(
        at,
        `Expected a number from -3.4e38 to 3.4e38 (float32), got ${rows.values[i]}. Rescale the column.`,
      );
    }
  }
  checkCodes(rows, columns, add);
  if (target.task === "classification") checkLabels(target.labels, target.classes, rows.count, add);
  else checkValues(target.values, rows.count, add);

  if (problems.length > 0) throw toInvalidData("the training set", problems);
}

type AddProblem = (at: string, message: string) => void;

function checkCodes(
  { values, count, width }: Rows,
  columns: readonly FeatureColumn[] | undefined,
  add: AddProblem,
): void {
  if (columns === undefined) return;
  if (columns.length !== width) {
    add("columns", `Expected ${width} descriptions, got ${columns.length}.`);
  }
  for (const [f, column] of columns.entries()) {
    if (column.type !== "category") continue;
    for (let row = 0; row < count; row++) {
      const code = values[row * width + f]!;
      if (Number.isNaN(code) || (Number.isInteger(code) && code >= 0 && code <= column.count))
        continue;
      const at = `row ${row + 1}, column ${f + 1}`;
      add(at, `Expected a code from 0 to ${column.count}, got ${code}.`);
    }
  }
}

function checkLabels(
  labels: Int32Array,
  classes: ClassLabels,
  count: number,
  add: AddProblem,
): void {
  if (classes.length < 2) {
    add("target", `Expected at least 2 classes, got ${classes.length}.`);
  }
  if (labels.length !== count) {
    add("target", `Expected ${count} class indexes, got ${labels.length}.`);
  }
  for (const [row, label] of labels.entries()) {
    if (label < 0 || label >= classes.length) {
      const last = classes.length - 1;
      add(`row ${row + 1}, target`, `Expected a class index from 0 to ${last}, got ${label}.`);
    }
  }
}

function checkValues(values: Float64Array, count: number, add: AddProblem): void {
  if (values.length !== count) add("target", `Expected ${count} numbers, got ${values.length}.`);
  for (const [row, value] of values.entries()) {
    if (!(Math.abs(value) <= FLOAT32_MAX)) {
      add(
        `row ${row + 1}, target`,
        `Expected a number from -3.4e38 to 3.4e38 (float32), got ${value}.`,
      );
    }
  }
}
