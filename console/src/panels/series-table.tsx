import { Table, type Column } from "../components/table.tsx";
import { toText } from "../grafana/display.ts";
import type { ShownField } from "../grafana/resolve-fields.ts";
import { formatDate } from "../grafana/time-units.ts";
import type { PanelProps } from "./panel-props.ts";
import { listLines, toColumns } from "./time-series/columns.ts";

/** The newest rows are shown. */
const MAX_ROWS = 200;
const MAX_COLUMNS = 30;

interface Row {
  readonly at: number;
  readonly index: number;
}

/** The values of a chart as a table, the newest first. */
export function SeriesTable({ panel: { title }, frames }: PanelProps) {
  const lines = listLines(frames).slice(0, MAX_COLUMNS);
  const { seconds, raw } = toColumns(lines);
  const rows = seconds.map((at, index): Row => ({ at, index })).toReversed();
  const shown = rows.filter(({ index }) => raw.some((values) => (values[index] ?? null) !== null));
  const columns: Column<Row>[] = [
    {
      id: "time",
      label: "Time",
      key: ({ at }) => at,
      cell: ({ at }) => formatDate(at * 1_000, "YYYY-MM-DD HH:mm:ss", "browser"),
    },
    ...lines.map(({ field, title: name }, index) =>
      toColumn(field, `${name}${index}`, name, raw[index]!),
    ),
  ];
  return (
    <Table
      caption={title}
      columns={columns}
      rows={shown.slice(0, MAX_ROWS)}
      rowKey={({ at }) => String(at)}
    />
  );
}

function toColumn(
  field: ShownField,
  id: string,
  label: string,
  values: readonly (number | null)[],
): Column<Row> {
  return {
    id,
    label,
    align: "end",
    key: ({ index }) => values[index] ?? -Infinity,
    cell: ({ index }) => toText(field.display(values[index] ?? null)),
  };
}
