import { describeMismatch } from "../../kernel/check.ts";
import type { AnyExecutor } from "../../model/model.ts";
import { isMissingCell, parseCell, type Table } from "../../tabular/csv.ts";
import { shorten } from "../../tabular/feature-codec.ts";
import { evaluateRegression } from "../report/evaluate.ts";
import { findColumn } from "../find-columns.ts";
import { TableProblems, toInvalidData } from "../table-problems.ts";

/** Outputs of a model for the rows of a table. */
export interface Predicted {
  /** Rows × outputs. */
  readonly scores: Float32Array;
  /** Per row: index of the class. */
  readonly labels: Int32Array;
}

const MAX_LISTED = 8;

/**
 * Compares predictions with a column of the data. Rows without a value are left out.
 * @param name name of the table in messages
 * @returns the share of correct classes, or R²; null for several outputs, and if all values are equal
 * @throws TepalError INVALID_DATA if no value of the column is a class of the model, or if one is no number for a regression
 */
export function measureFit(
  executor: AnyExecutor,
  { scores, labels }: Predicted,
  table: Table,
  { target, name }: { readonly target: string; readonly name: string },
): number | null {
  const column = findColumn(table, target, name);
  const problems = new TableProblems(table);
  const cells = table.records.map((record) => record[column]!);
  const present = Int32Array.from(cells.keys()).filter((row) => !isMissingCell(cells[row]!));
  if (present.length === 0) problems.addColumn(column, "Expected values, got only missing ones.");
  problems.throwIfAny(name);

  if (executor.task === "classification") {
    const toKey = chooseKey(executor.classes.map(String));
    const keys = executor.classes.map((label) => toKey(String(label)));
    const known = new Set(keys);
    const truth = Array.from(present, (row) =>
      toKey(String(parseCell(cells[row]!, table.decimal) ?? cells[row]!)),
    );
    if (!truth.some((key) => known.has(key))) {
      const at = `column "${shorten(target)}"`;
      const expected = `the classes of the model (${list(executor.classes.map(String))})`;
      const got = list(Array.from(present, (row) => cells[row]!));
      const advice =
        "Name the column that the model predicts, with the values that it was trained on.";
      throw toInvalidData(name, [{ at, message: `Expected ${expected}, got ${got}. ${advice}` }]);
    }
    const right = present.filter((row, i) => keys[labels[row]!] === truth[i]);
    return right.length / present.length;
  }

  const values = Float64Array.from(present, (row) => {
    const number = parseCell(cells[row]!, table.decimal);
    if (number === undefined) {
      const advice = "The model predicts a number. Name the column that it predicts.";
      problems.addCell(row, column, describeMismatch("a number", shorten(cells[row]!), advice));
    }
    return number ?? Number.NaN;
  });
  problems.throwIfAny(name);
  if (executor.outputs !== 1) return null;
  return evaluateRegression(
    values,
    Float32Array.from(present, (row) => scores[row]!),
  ).rSquared;
}

/**
 * Returns the function that gives equal labels the same key. Numbers are equal by value (1, 1.0, 01), and truth values in any spelling
 * (True, true, 1), if the model's classes are truth values. Classes that would become equal are compared as strings.
 */
function chooseKey(classes: readonly string[]): (label: string) => string {
  const byTruth = (label: string): string => TRUTH.get(label.toLowerCase()) ?? byValue(label);
  const isTruth = classes.every((label) => ["0", "1"].includes(byTruth(label)));
  const toKey = isTruth ? byTruth : byValue;
  return new Set(classes.map(toKey)).size === classes.length ? toKey : (label) => label;
}

/** Equal for the spellings of a number. */
function byValue(label: string): string {
  return String(parseCell(label) ?? label);
}

const TRUTH = new Map([
  ["true", "1"],
  ["false", "0"],
]);

function list(labels: readonly string[]): string {
  const distinct = [...new Set(labels)].toSorted();
  const shown = distinct.slice(0, MAX_LISTED).map(shorten);
  return distinct.length > shown.length ? `${shown.join(", ")}, …` : shown.join(", ");
}
