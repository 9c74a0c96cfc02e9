import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";
import { sortRows, toggleSort, type SortOrder } from "../lib/sort.ts";
import { ArrowIcon } from "./icons.tsx";
import { TableFrame } from "./table-frame.tsx";

export interface Column<Row> {
  readonly id: string;
  readonly label: string;
  /** Shows the label to screen readers only, for a column of buttons. */
  readonly hidesLabel?: boolean;
  /** Full label, for a short one that is ambiguous. */
  readonly title?: string;
  /** Unit of all numbers of the column. */
  readonly unit?: string;
  /** Sort key of a row; without it the column is not sortable. Numbers are right-aligned. */
  readonly key?: (row: Row) => number | string;
  readonly cell: (row: Row) => ComponentChildren;
  readonly align?: "start" | "end";
  /** In CSS pixels; by content if it is not stated. */
  readonly width?: number;
}

interface Props<Row> {
  /** Caption for screen readers. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** Rows that stay at the bottom in every order. */
  readonly footer?: readonly Row[];
  readonly initialSort?: SortOrder;
  readonly rowClass?: (row: Row) => string;
}

/** A sortable table that scrolls sideways if needed and keeps its first column visible. */
export function Table<Row>(props: Props<Row>) {
  const { caption, columns, rows, rowKey, footer = [], rowClass } = props;
  const [order, setOrder] = useState<SortOrder>(
    props.initialSort ?? { column: "", descending: false },
  );
  const key = columns.find(({ id }) => id === order.column)?.key;
  const sorted = key === undefined ? rows : sortRows(rows, key, order.descending);

  const toRow = (row: Row) => (
    <tr key={rowKey(row)} class={rowClass?.(row)}>
      {columns.map((column, index) =>
        index === 0 ? (
          <th key={column.id} scope="row" class={alignClass(column)}>
            {column.cell(row)}
          </th>
        ) : (
          <td key={column.id} class={alignClass(column)}>
            {column.cell(row)}
          </td>
        ),
      )}
    </tr>
  );

  return (
    <TableFrame label={caption}>
      <table class="table">
        <caption class="visually-hidden">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head
                key={column.id}
                column={column}
                order={order}
                onSort={(isNumber) => setOrder(toggleSort(order, column.id, isNumber))}
                sample={rows[0]}
              />
            ))}
          </tr>
        </thead>
        <tbody>{sorted.map(toRow)}</tbody>
        {footer.length > 0 && <tfoot>{footer.map(toRow)}</tfoot>}
      </table>
    </TableFrame>
  );
}

interface HeadProps<Row> {
  readonly column: Column<Row>;
  readonly order: SortOrder;
  readonly onSort: (isNumber: boolean) => void;
  readonly sample: Row | undefined;
}

function Head<Row>({ column, order, onSort, sample }: HeadProps<Row>) {
  const { key } = column;
  const isSorted = order.column === column.id;
  const direction = order.descending ? "descending" : "ascending";
  return (
    <th
      scope="col"
      class={alignClass(column)}
      title={column.title}
      {...(column.width !== undefined && { style: { width: `${column.width}px` } })}
      {...(isSorted && { "aria-sort": direction })}
    >
      {key === undefined ? (
        <Label column={column} />
      ) : (
        <button
          type="button"
          class={`table-sort${isSorted ? " is-sorted" : ""}`}
          onClick={() => onSort(sample !== undefined && typeof key(sample) === "number")}
        >
          <Label column={column} />
          <ArrowIcon up={isSorted && !order.descending} />
        </button>
      )}
    </th>
  );
}

function Label<Row>({
  column: { label, unit, hidesLabel = false },
}: {
  readonly column: Column<Row>;
}) {
  return (
    <span {...(hidesLabel && { class: "visually-hidden" })}>
      {label}
      {unit !== undefined && <span class="table-unit"> {unit}</span>}
    </span>
  );
}

function alignClass<Row>(column: Column<Row>): string {
  return column.align === "end" ? "align-end" : "";
}
