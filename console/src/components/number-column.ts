import type { Column } from "./table.tsx";

/** Creates a right-aligned column of numbers, sorted by its values. */
export function numberColumn<Row>(
  id: string,
  label: string,
  value: (row: Row) => number,
  format: (value: number) => string,
  title?: string,
): Column<Row> {
  return {
    id,
    label,
    align: "end",
    key: value,
    cell: (row) => format(value(row)),
    ...(title !== undefined && { title }),
  };
}
