import { isMissingCell, parseCell, type Table } from "../../tabular/csv.ts";
import { createFeatureCodec, shorten } from "../../tabular/feature-codec.ts";
import { MAX_CATEGORIES } from "../../tabular/schema.ts";
import type { Category, Feature, Rows } from "../../tabular/tabular.ts";
import { describeDates } from "../column-kind.ts";
import { checkNames, findFeatureColumns, findColumn } from "../find-columns.ts";
import { summarizeValues } from "../summarize-values.ts";
import { describeCell, TableProblems, toInvalidData } from "../table-problems.ts";
import type { GraphColumn } from "./read-graph.ts";

/** The feature columns of a table, as a graph takes them. */
export interface ImportedRows {
  readonly rows: Rows;
  readonly features: readonly Feature[];
  /** Sentences for the user about columns that were converted. */
  readonly notices: readonly string[];
}

/** Returns the feature of a graph's column, as far as the graph describes it. */
export function toGraphFeature(name: string, { type, categories, missing }: GraphColumn): Feature {
  const shared = { name, unit: null, min: null, max: null, nullable: false };
  switch (type) {
    case "string":
      return {
        ...shared,
        type: "category",
        precision: "float64",
        categories: toCategories(categories),
        missing_string: missing,
      };
    case "bool":
      return { ...shared, type: "boolean", precision: "float64" };
    case "float":
      return { ...shared, type: "number", precision: "float32" };
    case "double":
      return { ...shared, type: "number", precision: "float64" };
    default:
      return { ...shared, type: "integer", precision: "float64" };
  }
}

function toCategories(values: readonly string[]): Category[] {
  return values.map((value) => ({ value, share: null }));
}

/**
 * Reads the feature columns with the types of a graph's columns; a missing value is NaN. A column of strings for which the graph takes
 * numbers is a category whose codes are the places of its values in sorted order, as pandas and scikit-learn number them.
 *
 * @throws TepalError INVALID_DATA
 */
export function readColumns(
  table: Table,
  columns: readonly GraphColumn[],
  options: {
    /** Name of the table in messages. */
    readonly name: string;
    readonly target: string | null;
    readonly units: Readonly<Record<string, string>>;
  },
): ImportedRows {
  const { name, target, units } = options;
  if (target !== null) findColumn(table, target, name);
  const places = findFeatureColumns(table, target, name);
  if (places.length !== columns.length) {
    const message =
      `Expected ${columns.length} feature columns as the graph has inputs, got ${places.length}. ` +
      "Order the columns as the graph's inputs, name the predicted column as the target, and leave others out with --drop.";
    throw toInvalidData(name, [{ at: "header", message }]);
  }
  const problems = new TableProblems(table);
  checkNames(table, places, units, problems);
  problems.throwIfAny(name);
  const width = places.length;
  const count = table.records.length;
  const values = new Float64Array(count * width);
  const notices: string[] = [];
  const features = places.map((place, f) => {
    const cells = table.records.map((record) => record[place]!);
    const title = table.header[place]!;
    const unit = Object.hasOwn(units, title) ? units[title]! : null;
    const given = { ...toGraphFeature(title, columns[f]!), unit };
    const dates =
      given.type === "number" ? describeDates(title, listPresent(cells, table)) : undefined;
    if (dates !== undefined) {
      problems.addColumn(place, dates);
      return given;
    }
    const typed = toTyped(given, cells, table, notices);
    const read = readCells(typed, cells, table, (row, message) =>
      problems.addCell(row, place, message),
    );
    for (let row = 0; row < count; row++) values[row * width + f] = read[row]!;
    return summarizeValues(typed, read);
  });
  problems.throwIfAny(name);
  return { rows: { values, count, width }, features, notices };
}

/** Decides the categories of a column, which are those of the graph and those of the data. */
function toTyped(
  feature: Feature,
  cells: readonly string[],
  table: Table,
  notices: string[],
): Feature {
  const { decimal } = table;
  const present = listPresent(cells, table);
  if (feature.type === "category") {
    const known = (feature.categories ?? []).map(({ value }) => String(value));
    const others = [...new Set(present)].filter((cell) => !known.includes(cell)).toSorted();
    return { ...feature, categories: toCategories([...known, ...others].slice(0, MAX_CATEGORIES)) };
  }
  if (feature.type !== "number" || present.length === 0) return feature;
  if (present.some((cell) => parseCell(cell, decimal) !== undefined)) return feature;
  const distinct = [...new Set(present)].toSorted();
  if (distinct.length > MAX_CATEGORIES) return feature;
  if (distinct.every((cell) => /^(?:true|false)$/i.test(cell)))
    return { ...feature, type: "boolean" };
  const listed = distinct.slice(0, 8).map((value, code) => `${shorten(value)} = ${code}`);
  if (distinct.length > listed.length) listed.push("…");
  notices.push(
    `${feature.name}: the graph takes numbers, so strings become their place in sorted order, as in pandas: ${listed.join(", ")}. ` +
      "Compare the predictions with --expect.",
  );
  return { ...feature, type: "category", categories: toCategories(distinct) };
}

function listPresent(cells: readonly string[], { missing }: Table): string[] {
  return cells.filter((cell) => !isMissingCell(cell, missing));
}

function readCells(
  feature: Feature,
  cells: readonly string[],
  table: Table,
  addProblem: (row: number, message: string) => void,
): Float64Array {
  const { decimal = "point", missing } = table;
  const { fromCell, explainCell } = createFeatureCodec(feature, missing);
  return Float64Array.from(cells, (cell, row) => {
    const value = fromCell(cell, decimal);
    if (value !== undefined) return value;
    if (isMissingCell(cell, missing)) return Number.NaN;
    const message =
      feature.type === "number"
        ? describeCell(cell, parseCell(cell, decimal), table)
        : explainCell(cell, decimal);
    addProblem(row, message);
    return Number.NaN;
  });
}
