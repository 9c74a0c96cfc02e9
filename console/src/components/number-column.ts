import type { Column } from "./table.tsx";

/** A column of numbers: at the right, sorted by what it shows. */
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
