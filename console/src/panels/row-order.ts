import type { ShownField } from "../grafana/resolve-fields.ts";
import { asFlag, asObjects, asText } from "../grafana/json.ts";
import { sortRows, type SortOrder } from "../lib/sort.ts";

/** A row of a table. −1 is the row of totals. */
export interface Row {
  readonly index: number;
}

type SortedField = Pick<ShownField, "title" | "type" | "values">;

/** Returns the columns that the panel is sorted by, the first one first. */
export function listOrder(sortBy: unknown, fields: readonly SortedField[]): readonly SortOrder[] {
  return asObjects(sortBy).flatMap(({ displayName, desc }): SortOrder[] => {
    const column = fields.findIndex(({ title }) => title === asText(displayName));
    return column < 0 ? [] : [{ column: toId(column), descending: asFlag(desc) }];
  });
}

/** Returns the ID of the column of a field. */
export const toId = (index: number): string => `column ${index}`;

/** Returns the rows in the order of several columns: rows that are equal in the first one are in the order of the second one. */
export function sortByColumns(
  fields: readonly SortedField[],
  order: readonly SortOrder[],
  count: number,
): readonly Row[] {
  const rows = Array.from({ length: count }, (_each, index): Row => ({ index }));
  return order.toReversed().reduce<readonly Row[]>((sorted, { column, descending }) => {
    const field = fields.find((_each, index) => toId(index) === column)!;
    return sortRows(sorted, (row) => toSortKey(field, row), descending);
  }, rows);
}

/** Returns the value of a cell that orders its column. */
export function toSortKey(field: SortedField, { index }: Row): number | string {
  const value = field.values[index] ?? null;
  if (isText(field)) return String(value ?? "");
  return typeof value === "number" && !Number.isNaN(value) ? value : -Infinity;
}

function isText({ type }: SortedField): boolean {
  return type === "string" || type === "boolean";
}
