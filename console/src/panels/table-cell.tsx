import { toReadable, type Palette } from "../grafana/colours.ts";
import { toText } from "../grafana/display.ts";
import type { FieldConfig } from "../grafana/field-config.ts";
import { asObject, asText } from "../grafana/json.ts";
import type { ShownField } from "../grafana/resolve-fields.ts";
import { further } from "./further.ts";

export interface CellProps {
  readonly field: ShownField;
  readonly row: number;
  readonly palette: Palette;
}

const FilledCell = further((module) => module.FilledCell);
const GaugeCell = further((module) => module.GaugeCell);
const ImageCell = further((module) => module.ImageCell);
const JsonCell = further((module) => module.JsonCell);
const TrendCell = further((module) => module.TrendCell);

/** A value of a table: as text, colored text, on a color, as a gauge, a sparkline, an image or JSON. */
export function TableCell(props: CellProps) {
  const { field, row, palette } = props;
  if (field.trends?.[row] !== undefined) return <TrendCell {...props} />;
  const shown = field.display(field.values[row] ?? null);
  const text = toText(shown);
  if (text === "") return null;
  switch (readCellType(field.config)) {
    case "color-text":
      return <span style={{ color: toReadable(shown.colour, palette) }}>{text}</span>;
    case "color-background":
      return <FilledCell {...props} />;
    case "gauge":
      return <GaugeCell {...props} />;
    case "image":
      return <ImageCell {...props} />;
    case "json-view":
      return <JsonCell {...props} />;
    default:
      return <>{text}</>;
  }
}

/** Returns the type of the cells of a field, also as dashboards before Grafana 9.3 name it. */
function readCellType({ custom }: FieldConfig): string {
  const type = asText(asObject(custom["cellOptions"])["type"]) || asText(custom["displayMode"]);
  if (type.startsWith("color-background")) return "color-background";
  return /^(?:basic|gradient-gauge|lcd-gauge)$/.test(type) ? "gauge" : type;
}
