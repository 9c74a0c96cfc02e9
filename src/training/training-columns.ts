import { isMissingCell, parseCell, splitUnit, type Table } from "../tabular/csv.ts";
import { FLOAT32_MAX, type Feature } from "../tabular/tabular.ts";
import { decideKind, type ColumnKind } from "./column-kind.ts";
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
  const unit = options.unit ?? (kind.kind === "number" ? kind.unit : null);
  return { index, feature: toFeature(name, unit, kind, values), values };
}

/** Returns a function that converts a present cell; it returns undefined for a cell of another kind. */
function toReader(
  kind: Exclude<ColumnKind, { readonly kind: "left out" | "unclear" }>,
  { decimal }: Table,
): (cell: string) => number | undefined {
  if (kind.kind === "boolean") return (cell) => (/^(?:true|yes)$/i.test(cell) ? 1 : 0);
  if (kind.kind === "category") {
    const codes = new Map(kind.values.map((value, code) => [String(value), code]));
    return (cell) => codes.get(cell);
  }
  const { unit } = kind;
  return (cell) => {
    const number = unit === null ? parseCell(cell, decimal) : splitUnit(cell, decimal)?.number;
    return number !== undefined && Math.abs(number) <= FLOAT32_MAX ? number : undefined;
  };
}

function toFeature(
  name: string,
  unit: string | null,
  kind: ColumnKind,
  values: Float64Array,
): Feature {
  const present = values.filter((value) => !Number.isNaN(value));
  const shared = {
    name,
    precision: "float32",
    unit,
    min: null,
    max: null,
    nullable: present.length < values.length,
  } as const;
  if (kind.kind === "boolean") return { ...shared, type: "boolean" };
  if (kind.kind === "category") {
    const counts = new Float64Array(kind.values.length);
    for (const code of present) counts[code]! += 1;
    const categories = kind.values.map((value, code) => ({
      value,
      share: counts[code]! / present.length,
    }));
    return { ...shared, type: "category", categories };
  }
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const value of present) {
    if (value < min) min = value;
    if (value > max) max = value;
  }
  return { ...shared, type: "number", min, max };
}
