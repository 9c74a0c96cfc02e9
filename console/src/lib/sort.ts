export interface SortOrder {
  readonly column: string;
  readonly descending: boolean;
}

/** Returns the rows in the order of a key; equal rows keep their order. Strings are compared naturally: 2 before 10. */
export function sortRows<Row>(
  rows: readonly Row[],
  key: (row: Row) => number | string,
  descending: boolean,
): Row[] {
  const sign = descending ? -1 : 1;
  return rows.toSorted((a, b) => {
    const [left, right] = [key(a), key(b)];
    return typeof left === "number" && typeof right === "number"
      ? sign * (left - right)
      : sign * String(left).localeCompare(String(right), "en", { numeric: true });
  });
}

/** Returns the order after a click on a column's header: a new column starts descending for numbers, the same column reverses. */
export function toggleSort(order: SortOrder, column: string, isNumber: boolean): SortOrder {
  return order.column === column
    ? { column, descending: !order.descending }
    : { column, descending: isNumber };
}
