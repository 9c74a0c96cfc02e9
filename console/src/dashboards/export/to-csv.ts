import { formatCsvCell } from "../../../../src/kernel/csv-cell.ts";
import type { CellValue } from "../../grafana/display.ts";
import type { ShownField, ShownFrame } from "../../grafana/resolve-fields.ts";

/** A column of a CSV file. */
interface Column {
  readonly title: string;
  readonly cells: readonly string[];
}

/** Formats the data of a panel as CSV: a table with its columns, series as one column each beside their times. Values are not rounded. */
export function toCsv(frames: readonly ShownFrame[]): string {
  const isTable = frames.length === 1;
  const columns = isTable ? toTable(frames[0]!.fields) : joinSeries(frames);
  const count = Math.max(0, ...columns.map(({ cells }) => cells.length));
  const lines = [columns.map(({ title }) => formatCsvCell(title))];
  for (let row = 0; row < count; row++) {
    lines.push(columns.map(({ cells }) => formatCsvCell(cells[row] ?? "")));
  }
  return `${lines.map((cells) => cells.join(",")).join("\r\n")}\r\n`;
}

function toTable(fields: readonly ShownField[]): readonly Column[] {
  return fields
    .filter(({ config }) => config.custom["hidden"] !== true)
    .map((field) => ({
      title: field.title,
      cells: field.values.map((value) => toCell(value, field.type === "time")),
    }));
}

function joinSeries(frames: readonly ShownFrame[]): readonly Column[] {
  const series = frames.flatMap(({ fields }) => {
    const times = fields.find(({ type }) => type === "time")?.values ?? [];
    return fields
      .filter(({ type }) => type !== "time")
      .map(({ title, values }) => ({
        title,
        byTime: new Map(times.map((time, index) => [Number(time), values[index] ?? null])),
      }));
  });
  const times = [...new Set(series.flatMap(({ byTime }) => [...byTime.keys()]))].toSorted(
    (a, b) => a - b,
  );
  return [
    { title: "Time", cells: times.map((time) => toCell(time, true)) },
    ...series.map(({ title, byTime }) => ({
      title,
      cells: times.map((time) => toCell(byTime.get(time) ?? null, false)),
    })),
  ];
}

function toCell(value: CellValue, isTime: boolean): string {
  if (value === null) return "";
  return isTime && typeof value === "number" ? new Date(value).toISOString() : String(value);
}
