import type { Table } from "../tabular/csv.ts";
import { shorten } from "../tabular/feature-codec.ts";
import { createFirstFinder, hashNumbers, hashStrings } from "./first-finder.ts";
import { createYield } from "./forest/yield-to-event-loop.ts";
import type { TrainingData } from "./load-data.ts";
import { formatTable } from "./report/format-table.ts";
import type { TrainingColumn } from "./training-columns.ts";

const TOP_CATEGORIES = 3;
/** Fewer rows do not show that a column names them, or that it gives the target. */
const MIN_ROWS = 20;
const RARE_ROWS = 2;
/** Correlation with the target of a column that is the target, in other units. */
const LEAK_CORRELATION = 0.9999;

/** So many cells are compared between two turns of the event loop: a millisecond. */
const CELLS_PER_STEP = 100_000;

/**
 * Describes the columns of a table before training, a line each: type, missing values, distinct values, range or top categories, and what looks
 * wrong. The last lines are about classes and rows. Yields to the event loop between columns.
 *
 * @throws TepalError CANCELLED once `signal` is aborted
 */
export async function describeColumns(
  table: Table,
  data: TrainingData,
  signal?: AbortSignal,
): Promise<string[]> {
  const { columns, leftOut, target } = data;
  const yieldNow = createYield(signal);
  const findFirst = createFirstFinder(
    (i) => hashNumbers(columns[i]!.values),
    (i, j) => isEqual(columns[i]!.values, columns[j]!.values),
  );
  const rows: string[][] = [];
  for (const [i, column] of columns.entries()) {
    await yieldNow();
    const { feature, values } = column;
    const present = values.filter((value) => !Number.isNaN(value));
    const distinct = new Set(present).size;
    const notes = findProblems(column, distinct, data, () => {
      const first = findFirst(i);
      return first === undefined ? undefined : columns[first]!.feature.name;
    });
    rows.push([
      feature.name,
      feature.type,
      String(values.length - present.length),
      String(distinct),
      describeValues(column),
      notes.join(", "),
    ]);
  }
  const others = leftOut.map(({ index }) => [table.header[index]!, "left out", "", "", "", ""]);
  const header = ["Column", "type", "missing", "distinct", "values", "notes"];
  return [
    ...formatTable([header, ...rows, ...others]),
    ...describeClasses(data).map((line) => `${shorten(target)}: ${line}`),
    ...(await describeDuplicates(table, yieldNow)),
  ];
}

function describeValues({ feature }: TrainingColumn): string {
  const { categories, min, max, unit, type } = feature;
  if (type === "boolean") return "false, true";
  if (categories === undefined) return `${min} to ${max}${unit === null ? "" : ` ${unit}`}`;
  const top = categories
    .toSorted((a, b) => (b.share ?? 0) - (a.share ?? 0))
    .slice(0, TOP_CATEGORIES)
    .map(({ value, share }) => `${String(value).slice(0, 12)} ${Math.round(100 * (share ?? 0))} %`);
  return `${top.join(", ")}${categories.length > TOP_CATEGORIES ? ", …" : ""}`;
}

function findProblems(
  { feature, values }: TrainingColumn,
  distinct: number,
  { set }: TrainingData,
  findEqual: () => string | undefined,
): string[] {
  if (distinct === 1) return ["constant"];
  const problems: string[] = [];
  if (feature.type === "number" && values.length >= MIN_ROWS && distinct === values.length) {
    if (isIndex(values)) problems.push("counts the rows: an id?");
    else if (values.every((value) => Number.isInteger(value))) {
      problems.push("different in each row: an id?");
    }
  }
  const same = findEqual();
  if (same !== undefined) problems.push(`equal to ${shorten(same)}`);
  const isLeak =
    set.target.task === "classification"
      ? givesClass(values, set.target.labels, distinct)
      : feature.type === "number" &&
        Math.abs(correlate(values, set.target.values)) > LEAK_CORRELATION;
  if (isLeak && values.length >= MIN_ROWS) problems.push("gives the target alone: a leak?");
  return problems;
}

function isIndex(values: Float64Array): boolean {
  return (
    (values[0] === 0 || values[0] === 1) && values.every((value, i) => value === values[0]! + i)
  );
}

function isEqual(left: Float64Array, right: Float64Array): boolean {
  return left.every((value, i) => Object.is(value, right[i]));
}

/** True if all rows with a value have one class, and values repeat, so that this is no chance. */
function givesClass(values: Float64Array, labels: Int32Array, distinct: number): boolean {
  if (3 * distinct > values.length) return false;
  const classOf = new Map<number, number>();
  for (const [row, value] of values.entries()) {
    const label = labels[row]!;
    if ((classOf.get(value) ?? label) !== label) return false;
    classOf.set(value, label);
  }
  return true;
}

/** Returns Pearson's correlation over the rows that have a value. */
function correlate(values: Float64Array, target: Float64Array): number {
  const rows = [...values.keys()].filter((row) => !Number.isNaN(values[row]!));
  const mean = (of: Float64Array): number =>
    rows.reduce((sum, row) => sum + of[row]! / rows.length, 0);
  const [left, right] = [mean(values), mean(target)];
  let product = 0;
  let leftSquares = 0;
  let rightSquares = 0;
  for (const row of rows) {
    product += (values[row]! - left) * (target[row]! - right);
    leftSquares += (values[row]! - left) ** 2;
    rightSquares += (target[row]! - right) ** 2;
  }
  return product / Math.sqrt(leftSquares * rightSquares);
}

function describeClasses({ set }: TrainingData): string[] {
  if (set.target.task === "regression") return [];
  const { classes, labels } = set.target;
  const counts = new Int32Array(classes.length);
  for (const label of labels) counts[label]! += 1;
  const rare = classes.filter((_, i) => counts[i]! <= RARE_ROWS);
  if (rare.length === 0) return [];
  const shown = rare.slice(0, 5).map((name) => shorten(String(name)));
  const more = rare.length > shown.length ? ", …" : "";
  return [
    `${rare.length} of ${classes.length} classes ${rare.length === 1 ? "has" : "have"} 1 or 2 rows: ${shown.join(", ")}${more}`,
  ];
}

async function describeDuplicates(
  { header, records }: Table,
  yieldNow: () => Promise<void>,
): Promise<string[]> {
  const findFirst = createFirstFinder(
    (row) => hashStrings(records[row]!),
    (left, right) => records[left]!.every((cell, i) => cell === records[right]![i]),
  );
  const step = Math.ceil(CELLS_PER_STEP / header.length);
  let duplicates = 0;
  for (let row = 0; row < records.length; row++) {
    if (row % step === 0) await yieldNow();
    if (findFirst(row) !== undefined) duplicates++;
  }
  if (duplicates === 0) return [];
  const verb = duplicates === 1 ? "is a duplicate" : "are duplicates";
  return [`${duplicates} of ${records.length} rows ${verb}`];
}
