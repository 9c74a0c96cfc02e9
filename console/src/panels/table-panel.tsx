import type { ComponentChildren } from "preact";
import { Table, type Column } from "../components/table.tsx";
import { toReadable, type Palette } from "../grafana/colours.ts";
import { toText, type CellValue } from "../grafana/display.ts";
import { asObject, asText } from "../grafana/json.ts";
import type { ShownField } from "../grafana/resolve-fields.ts";
import type { PanelProps } from "./panel-props.ts";
import { NoValue } from "./no-value.tsx";

/** Rows beyond this number are not drawn; a line below the table states it. */
const MAX_ROWS = 500;

interface Row {
  readonly index: number;
}

/** The first frame as a sortable table. */
export function TablePanel({ panel, frames, palette }: PanelProps) {
  const [frame] = frames;
  const fields = frame?.fields.filter(({ config }) => config.custom["hidden"] !== true) ?? [];
  const count = fields[0]?.values.length ?? 0;
  if (count === 0) return <NoValue panel={panel} />;
  const rows = Array.from({ length: Math.min(count, MAX_ROWS) }, (_each, index): Row => ({
    index,
  }));
  return (
    <>
      <Table
        caption={panel.title}
        columns={fields.map((field) => toColumn(field, palette))}
        rows={rows}
        rowKey={({ index }) => String(index)}
      />
      {count > MAX_ROWS && (
        <p class="muted">
          The first {MAX_ROWS} of {count} rows.
        </p>
      )}
    </>
  );
}

function toColumn(field: ShownField, palette: Palette): Column<Row> {
  const isNumber = field.type !== "string";
  const valueOf = ({ index }: Row): CellValue => field.values[index] ?? null;
  return {
    id: field.name,
    label: field.title,
    align: isNumber ? "end" : "start",
    key: (row) => {
      const value = valueOf(row);
      if (!isNumber) return String(value ?? "");
      return typeof value === "number" && !Number.isNaN(value) ? value : -Infinity;
    },
    cell: (row) => toCell(field, valueOf(row), palette),
  };
}

function toCell(field: ShownField, value: CellValue, palette: Palette): ComponentChildren {
  const shown = field.display(value);
  const text = toText(shown);
  const type = asText(asObject(field.config.custom["cellOptions"])["type"]);
  const colour = toReadable(shown.colour, palette);
  if (type === "color-text") return <span style={{ color: colour }}>{text}</span>;
  if (type === "gauge" && text !== "") {
    const share = Number.isNaN(shown.share) ? 0 : Math.min(Math.max(shown.share, 0), 1);
    return (
      <span class="cell-gauge">
        <span class="bar-track">
          <span
            class="bar-fill"
            style={{
              width: `${share * 100}%`,
              background: `color-mix(in srgb, ${shown.colour} 35%, transparent)`,
              "border-color": shown.colour,
            }}
          />
        </span>
        <span style={{ color: colour }}>{text}</span>
      </span>
    );
  }
  if (type === "color-background" && text !== "") {
    return (
      <span
        class="cell-filled"
        style={{ background: `color-mix(in srgb, ${shown.colour} 25%, transparent)` }}
      >
        {text}
      </span>
    );
  }
  return text;
}
