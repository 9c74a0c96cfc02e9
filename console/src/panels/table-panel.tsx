import { useState } from "preact/hooks";
import { Table, type Column } from "../components/table.tsx";
import type { Palette } from "../grafana/colours.ts";
import { toText } from "../grafana/display.ts";
import { asFlag, asNumber, asObject, asText, asTexts } from "../grafana/json.ts";
import type { Link } from "../grafana/dashboard-links.ts";
import { toLinkValues } from "../grafana/link-values.ts";
import { toReducerLabel } from "../grafana/reducers.ts";
import type { ShownField, ShownFrame } from "../grafana/resolve-fields.ts";
import { countRows, reduceCells } from "../grafana/transform/parts.ts";
import type { PanelProps } from "./panel-props.ts";
import { NoValue } from "./no-value.tsx";
import { listOrder, sortByColumns, toId, toSortKey, type Row } from "./row-order.ts";
import { TableCell } from "./table-cell.tsx";

/** Rows beyond this number are not drawn; a line below the table states it. */
const MAX_ROWS = 500;

/** A frame as a sortable table. Of several frames, one is shown. */
export function TablePanel({ panel, frames, palette, resolveLink }: PanelProps) {
  const { options, title } = panel;
  const [chosen, setChosen] = useState(asNumber(options["frameIndex"]) ?? 0);
  const frame = frames[chosen] ?? frames[0];
  const fields = frame?.fields.filter(({ config }) => config.custom["hidden"] !== true) ?? [];
  const count = countRows({ fields });
  if (frame === undefined || count === 0) return <NoValue panel={panel} />;
  const order = listOrder(options["sortBy"], fields);
  const rows = sortByColumns(fields, order, count).slice(0, MAX_ROWS);
  const toHref = (link: Link, field: ShownField, row: number): string | undefined =>
    resolveLink?.(link, toLinkValues(frame, field, row));
  const totals = toTotals(options["footer"], fields, count);
  return (
    <>
      {frames.length > 1 && (
        <select
          class="frame-choice"
          aria-label={`Table of ${title}`}
          value={String(frames.indexOf(frame))}
          onChange={({ currentTarget }) => setChosen(Number(currentTarget.value))}
        >
          {frames.map((each, index) => (
            <option key={index} value={String(index)}>
              {nameFrame(each, index)}
            </option>
          ))}
        </select>
      )}
      <div class={`table-panel${options["showHeader"] === false ? " is-headless" : ""}`}>
        <Table
          key={`${chosen}`}
          caption={title}
          columns={fields.map((field, index) =>
            toColumn({ field, index, total: totals?.[index], palette, toHref }),
          )}
          rows={rows}
          rowKey={({ index }) => String(index)}
          footer={totals === undefined ? [] : [{ index: -1 }]}
          {...(order[0] !== undefined && { initialSort: order[0] })}
        />
      </div>
      {count > MAX_ROWS && (
        <p class="muted">
          The first {MAX_ROWS} of {count} rows.
        </p>
      )}
    </>
  );
}

function nameFrame({ refId, fields }: ShownFrame, index: number): string {
  const series = fields.find(({ type }) => type === "number")?.title;
  return series === undefined || series.startsWith("Value")
    ? refId || `Table ${index + 1}`
    : series;
}

/** Returns the row of totals of a table; undefined without one. */
function toTotals(
  footer: unknown,
  fields: readonly ShownField[],
  count: number,
): readonly string[] | undefined {
  const { show, reducer, fields: only, countRows: countsRows } = asObject(footer);
  const [calc = "sum"] = asTexts(reducer);
  if (!asFlag(show)) return undefined;
  const names = asTexts(only);
  return fields.map((field, index) => {
    if (calc === "count" && asFlag(countsRows)) return index === 0 ? `Count: ${count}` : "";
    const isTotal = field.type === "number" && (names.length === 0 || names.includes(field.title));
    if (isTotal) return toText(field.display(reduceCells(calc, field.values)));
    return index === 0 ? toReducerLabel(calc) : "";
  });
}

interface ColumnInput {
  readonly field: ShownField;
  readonly index: number;
  /** In the row of totals. */
  readonly total: string | undefined;
  readonly palette: Palette;
  readonly toHref: (link: Link, field: ShownField, row: number) => string | undefined;
}

function toColumn({ field, index, total, palette, toHref }: ColumnInput): Column<Row> {
  const { custom } = field.config;
  const align = asText(custom["align"], "auto");
  const width = asNumber(custom["width"]);
  return {
    id: toId(index),
    label: field.title,
    align: align === "right" || (align === "auto" && field.type === "number") ? "end" : "start",
    ...(width !== undefined && { width }),
    key: (row) => toSortKey(field, row),
    cell: (row) => {
      if (row.index < 0) return total ?? "";
      const cell = <TableCell field={field} row={row.index} palette={palette} />;
      const [link] = field.config.links ?? [];
      const href = link && toHref(link, field, row.index);
      if (link === undefined || href === undefined) return cell;
      const tab = link.opensTab ? { target: "_blank", rel: "noreferrer" } : {};
      return (
        <a class="cell-link" href={href} title={link.title} {...tab}>
          {cell}
        </a>
      );
    },
  };
}
