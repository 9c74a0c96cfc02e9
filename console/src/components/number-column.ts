import type { Column } from "./table.tsx";

/** Creates a right-aligned column of numbers ≥ 0, sorted by its values; null for a missing one comes before 0. */
export function numberColumn<Row, Value extends number | null = number>(
  id: string,
  label: string,
  value: (row: Row) => Value,
  format: (value: Value) => string,
  title?: string,
): Column<Row> {
  return {
    id,
    label,
    align: "end",
    key: (row) => value(row) ?? -1,
    cell: (row) => format(value(row)),
    ...(title !== undefined && { title }),
  };
}
