import { toSparkPath } from "../components/spark-path.ts";
import { pickInk, toReadable, type Palette } from "../grafana/colours.ts";
import { toText, type DisplayValue } from "../grafana/display.ts";
import type { FieldConfig } from "../grafana/field-config.ts";
import { asObject, asText } from "../grafana/json.ts";
import type { ShownField } from "../grafana/resolve-fields.ts";
import { formatJson, toImageUrl } from "./cell-content.ts";

interface Props {
  readonly field: ShownField;
  readonly row: number;
  readonly palette: Palette;
}

/** A value of a table: as text, colored text, on a color, as a gauge, a sparkline, an image or JSON. */
export function TableCell({ field, row, palette }: Props) {
  const shown = field.display(field.values[row] ?? null);
  const text = toText(shown);
  const trend = field.trends?.[row];
  if (trend !== undefined) {
    return (
      <span class="cell-trend">
        <svg
          viewBox="0 0 100 20"
          preserveAspectRatio="none"
          role="img"
          aria-label={`Course to ${text}`}
        >
          <path d={toSparkPath(trend, 100, 20)} stroke={field.colour} />
        </svg>
        <span>{text}</span>
      </span>
    );
  }
  const type = readCellType(field.config);
  if (text === "") return null;
  if (type === "json-view") return <code class="cell-json">{formatJson(text)}</code>;
  const image = type === "image" ? toImageUrl(text, location.href) : undefined;
  if (image !== undefined) {
    const { alt } = asObject(field.config.custom["cellOptions"]);
    return <img class="cell-image" src={image} alt={asText(alt) || text} loading="lazy" />;
  }
  if (type === "color-text") {
    return <span style={{ color: toReadable(shown.colour, palette) }}>{text}</span>;
  }
  if (type === "color-background") return <FilledCell field={field} shown={shown} text={text} />;
  return type === "gauge" ? <GaugeCell shown={shown} text={text} palette={palette} /> : <>{text}</>;
}

/** Returns the type of the cells of a field, also as dashboards before Grafana 9.3 name it. */
export function readCellType({ custom }: FieldConfig): string {
  const type = asText(asObject(custom["cellOptions"])["type"]) || asText(custom["displayMode"]);
  if (type.startsWith("color-background")) return "color-background";
  return /^(?:basic|gradient-gauge|lcd-gauge)$/.test(type) ? "gauge" : type;
}

function FilledCell({
  field,
  shown,
  text,
}: Pick<Props, "field"> & { readonly shown: DisplayValue; readonly text: string }) {
  const { mode } = asObject(field.config.custom["cellOptions"]);
  const isStrong = mode === "basic";
  return (
    <span
      class="cell-filled"
      style={
        isStrong
          ? { background: shown.colour, color: pickInk(shown.colour) }
          : { background: `color-mix(in srgb, ${shown.colour} 25%, transparent)` }
      }
    >
      {text}
    </span>
  );
}

interface GaugeCellProps {
  readonly shown: DisplayValue;
  readonly text: string;
  readonly palette: Palette;
}

function GaugeCell({ shown, text, palette }: GaugeCellProps) {
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
      <span style={{ color: toReadable(shown.colour, palette) }}>{text}</span>
    </span>
  );
}
