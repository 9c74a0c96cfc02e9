export interface SortOrder {
  readonly column: string;
  readonly descending: boolean;
}

/** The same rows in the order of a key; equal ones stay as they are. Texts are compared as people do: 2 before 10. */
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

/** What a click on a column's head makes of an order: another column begins as it is read best, the same one turns round. */
export function toggleSort(order: SortOrder, column: string, isNumber: boolean): SortOrder {
  return order.column === column
    ? { column, descending: !order.descending }
    : { column, descending: isNumber };
}
