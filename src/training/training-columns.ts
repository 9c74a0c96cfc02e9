import { isMissingCell, parseCell, splitUnit, type Table } from "../tabular/csv.ts";
import { parseBooleanCell } from "../tabular/feature-codec.ts";
import { FLOAT32_MAX, type Feature } from "../tabular/tabular.ts";
import { decideKind, type ColumnKind } from "./column-kind.ts";
import { summarizeValues } from "./summarize-values.ts";
import { describeCell, type TableProblems } from "./table-problems.ts";

/** A column of a table that becomes a feature. */
export interface TrainingColumn {
  /** Index in the table. */
  readonly index: number;
  readonly feature: Feature;
  /** Numbers, 0 or 1, or codes of categories; NaN where the value is missing. */
  readonly values: Float64Array;
}

/** A column that does not become a feature, with the reason. */
export interface LeftOutColumn {
  readonly index: number;
  readonly reason: string;
}

/**
 * Reads a column as a feature.
 * @param unit the unit that the user gives
 */
export function readColumn(
  table: Table,
  index: number,
  options: { readonly isCategorical: boolean; readonly unit: string | null },
  problems: TableProblems,
): TrainingColumn | LeftOutColumn {
  const cells = table.records.map((record) => record[index]!);
  const kind = decideKind(table.header[index]!, cells, table, options.isCategorical);
  if (kind.kind === "left out") return { index, reason: kind.reason };
  if (kind.kind === "unclear") {
    problems.addColumn(index, kind.message);
    return { index, reason: kind.message };
  }
  const values = new Float64Array(cells.length);
  const read = toReader(kind, table);
  for (const [row, cell] of cells.entries()) {
    const isMissing = isMissingCell(cell, table.missing);
    values[row] = isMissing ? Number.NaN : (read(cell) ?? Number.NaN);
    if (isMissing || !Number.isNaN(values[row]!)) continue;
    problems.addCell(row, index, describeCell(cell, parseCell(cell, table.decimal), table));
    if (problems.isFull) break;
  }
  const name = table.header[index]!;
  return { index, feature: summarizeValues(toFeature(name, options.unit, kind), values), values };
}

/** Returns a function that converts a present cell; it returns undefined for a cell of another kind. */
function toReader(
  kind: Exclude<ColumnKind, { readonly kind: "left out" | "unclear" }>,
  { decimal }: Table,
): (cell: string) => number | undefined {
  if (kind.kind === "boolean") return parseBooleanCell;
  if (kind.kind === "category") {
    const codes = new Map(kind.values.map((value, code) => [value, code]));
    if (typeof kind.values[0] === "string") return (cell) => codes.get(cell);
    return (cell) => codes.get(parseCell(cell, decimal) ?? Number.NaN);
  }
  const { unit } = kind;
  return (cell) => {
    const number = unit === null ? parseCell(cell, decimal) : splitUnit(cell, decimal)?.number;
    return number !== undefined && Math.abs(number) <= FLOAT32_MAX ? number : undefined;
  };
}

/** Describes a column without its values. */
function toFeature(
  name: string,
  givenUnit: string | null,
  kind: Exclude<ColumnKind, { readonly kind: "left out" | "unclear" }>,
): Feature {
  const precision = "float32";
  const sign = kind.kind === "number" ? kind.unit : null;
  const unit = givenUnit ?? sign;
  const units = { unit, ...(sign !== null && sign !== unit && { sign }) };
  const feature = { name, precision, ...units, min: null, max: null, nullable: false } as const;
  if (kind.kind !== "category") return { ...feature, type: kind.kind };
  const categories = kind.values.map((value) => ({ value, share: null }));
  return { ...feature, type: "category", categories };
}
