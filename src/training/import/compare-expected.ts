import { TepalError } from "../../kernel/errors.ts";
import type { AnyExecutor } from "../../model/model.ts";
import { parseCell, type Table } from "../../tabular/csv.ts";
import { shorten } from "../../tabular/feature-codec.ts";
import { TableProblems, toInvalidData } from "../table-problems.ts";
import type { Predicted } from "./measure-fit.ts";

/** Greatest difference from the expected value, relative to it where it is above 1. */
const TOLERANCE = 1e-4;
const MAX_LISTED = 5;

/**
 * Compares predictions with those that the library made for the same rows. The table has a column for each class (in their order, or
 * with their names) or target, or one column with the classes, or one with the probability of the second of two classes.
 *
 * @param rows number of rows that were predicted
 * @param name name of the table in messages
 * @throws TepalError INVALID_DATA for a table of another form, MODEL_UNSUPPORTED with the worst rows if predictions differ by more
 *   than 1e-4, relative to expected values above 1
 */
export function compareExpected(
  executor: AnyExecutor,
  predicted: Predicted,
  rows: number,
  table: Table,
  name: string,
): void {
  if (table.records.length !== rows) {
    const message = `Expected ${rows} rows, as in the data, got ${table.records.length}.`;
    throw toInvalidData(name, [{ at: "rows", message }]);
  }
  const differences = holdsClasses(executor, table)
    ? compareClasses(executor, predicted, table)
    : compareNumbers(executor, predicted, table, name);
  if (differences.length === 0) return;
  const worst = differences.toSorted((a, b) => b.size - a.size).slice(0, MAX_LISTED);
  const listed = worst.map(({ row, message }) => `\n  row ${row + 1}: ${message}`).join("");
  const count = new Set(differences.map(({ row }) => row)).size;
  throw new TepalError(
    "MODEL_UNSUPPORTED",
    `${name}: The graph predicts other values for ${count} of ${rows} rows (tolerance ${TOLERANCE}). The worst:${listed}\n` +
      "The conversion changed the model. Import the file of XGBoost (JSON) or LightGBM (text) itself, or export with another version of the converter.",
  );
}

interface Difference {
  readonly row: number;
  readonly size: number;
  readonly message: string;
}

/** True for one column of class labels. */
function holdsClasses(executor: AnyExecutor, { header, records }: Table): boolean {
  if (executor.task !== "classification" || header.length !== 1) return false;
  const classes = new Set(executor.classes.map((label) => toKey(String(label))));
  return records.every(([cell = ""]) => classes.has(toKey(cell)));
}

/** Equal for the spellings of a number, and for True and true. */
function toKey(label: string): string {
  return String(parseCell(label) ?? label.toLowerCase());
}

function compareClasses(
  executor: AnyExecutor,
  { labels }: Predicted,
  { records }: Table,
): Difference[] {
  return records.flatMap(([cell = ""], row) => {
    const actual = String(executor.classes[labels[row]!]);
    if (toKey(actual) === toKey(cell)) return [];
    return [{ row, size: 1, message: `Expected ${shorten(cell)}, got ${shorten(actual)}.` }];
  });
}

function compareNumbers(
  executor: AnyExecutor,
  { scores }: Predicted,
  table: Table,
  name: string,
): Difference[] {
  const places = findOutputs(executor, table, name);
  const problems = new TableProblems(table);
  const differences = table.records.flatMap((record, row) =>
    places.flatMap((output, column): Difference[] => {
      const expected = parseCell(record[column]!, table.decimal);
      if (expected === undefined) {
        problems.addCell(row, column, `Expected a number, got ${shorten(record[column]!)}.`);
        return [];
      }
      const actual = scores[row * executor.outputs + output]!;
      const size = Math.abs(actual - expected) / Math.max(1, Math.abs(expected));
      if (size <= TOLERANCE) return [];
      const label = executor.classes[output];
      const of = label === undefined ? "" : ` for ${shorten(String(label))}`;
      return [{ row, size, message: `Expected ${expected}${of}, got ${actual}.` }];
    }),
  );
  problems.throwIfAny(name);
  return differences;
}

/** Returns the output of each column. */
function findOutputs(executor: AnyExecutor, { header }: Table, name: string): number[] {
  const { outputs, classes } = executor;
  if (header.length === 1 && classes.length === 2) return [1];
  if (header.length === outputs) {
    const names = classes.map((label) => toKey(String(label)));
    const places = header.map((column) => names.indexOf(toKey(column)));
    return places.includes(-1) ? header.map((_, i) => i) : places;
  }
  const columns =
    classes.length > 0 ? "one for each class, or one with the classes" : "one for each target";
  const message = `Expected ${outputs} columns, ${columns}, got ${header.length}.`;
  throw toInvalidData(name, [{ at: "header", message }]);
}
