import { Table } from "../components/table.tsx";
import { toText } from "../grafana/display.ts";
import { countValues } from "./bars/histogram.tsx";
import { NoValue } from "./no-value.tsx";
import { SeriesTable } from "./series-table.tsx";
import { listLines } from "./time-series/columns.ts";
import type { PanelProps } from "./panel-props.ts";
import { listPanelValues } from "./values.ts";

/** The values of a pie, a gauge or a bar gauge as a table. */
export function ValueTable({ panel, frames, palette }: PanelProps) {
  const rows = listPanelValues(panel, frames, palette).map((each, index) => ({ ...each, index }));
  return (
    <Table
      caption={panel.title}
      rows={rows}
      rowKey={({ index }) => String(index)}
      columns={[
        { id: "name", label: "Name", key: ({ name }) => name, cell: ({ name }) => name },
        {
          id: "value",
          label: "Value",
          align: "end",
          key: ({ value }) => (Number.isNaN(value.numeric) ? -Infinity : value.numeric),
          cell: ({ value }) => toText(value),
        },
      ]}
    />
  );
}

/** The values over time of a stat with sparklines, or its values alone. */
export function StatTable(props: PanelProps) {
  const isChart = listLines(props.frames).some(({ field }) => field.values.length > 1);
  return isChart ? <SeriesTable {...props} /> : <ValueTable {...props} />;
}

/** The buckets of a histogram as a table. */
export function BucketTable({ panel, frames }: PanelProps) {
  const data = countValues(panel.options, frames);
  if (data === undefined) return <NoValue panel={panel} />;
  return (
    <Table
      caption={panel.title}
      rows={data.categories.map((from, index) => ({ from, index }))}
      rowKey={({ index }) => String(index)}
      columns={[
        {
          id: "from",
          label: "From",
          align: "end",
          key: ({ index }) => index,
          cell: ({ from }) => from,
        },
        ...data.series.map(({ title, values }, at) => ({
          id: `${title}${at}`,
          label: title,
          align: "end" as const,
          key: ({ index }: { readonly index: number }) => values[index] ?? 0,
          cell: ({ index }: { readonly index: number }) => values[index],
        })),
      ]}
    />
  );
}
