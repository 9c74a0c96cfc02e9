import { formatClock } from "../lib/format.ts";
import type { Columns } from "./chart-data.ts";
import type { ChartLine } from "./chart-options.ts";
import { Table } from "./table.tsx";

/** The newest rows are shown. */
const MAX_ROWS = 200;

interface Props {
  readonly title: string;
  readonly lines: readonly ChartLine[];
  readonly columns: Columns;
  readonly toText: (value: number | null | undefined) => string;
}

/** The values of a chart as a table, the newest first. */
export function ChartTable({ title, lines, columns: [xs, ...ys], toText }: Props) {
  const rows = xs
    .map((at, index) => ({ at, index }))
    .filter(({ index }) => ys.some((values) => (values[index] ?? null) !== null))
    .toReversed()
    .slice(0, MAX_ROWS);
  return (
    <div class="chart-table">
      <Table
        caption={title}
        rows={rows}
        rowKey={({ index }) => String(index)}
        columns={[
          { id: "time", label: "Time", key: ({ at }) => at, cell: ({ at }) => formatClock(at) },
          ...lines.map(({ label }, line) => ({
            id: label,
            label,
            align: "end" as const,
            key: ({ index }: { readonly index: number }) => ys[line]?.[index] ?? -Infinity,
            cell: ({ index }: { readonly index: number }) => toText(ys[line]?.[index]),
          })),
        ]}
      />
    </div>
  );
}
