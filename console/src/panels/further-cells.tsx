import { toSparkPath } from "../components/spark-path.ts";
import { pickInk, toReadable } from "../grafana/colours.ts";
import { toText, type DisplayValue } from "../grafana/display.ts";
import { asObject, asText } from "../grafana/json.ts";
import { toBarMode } from "./bar-colours.ts";
import { BarTrack } from "./bar-track.tsx";
import { formatJson, toImageUrl } from "./cell-content.ts";
import type { CellProps } from "./table-cell.tsx";

/** A value on its color. */
export function FilledCell({ field, row }: CellProps) {
  const shown = readValue(field, row);
  const { mode } = asObject(field.config.custom["cellOptions"]);
  const isSolid =
    mode === "basic" || field.config.custom["displayMode"] === "color-background-solid";
  const background = isSolid
    ? shown.colour
    : `linear-gradient(120deg, hsl(from ${shown.colour} calc(h - 15) s calc(l - 8)), ${shown.colour})`;
  return (
    <span class="cell-filled" style={{ background, color: pickInk(shown.colour) }}>
      {toText(shown)}
    </span>
  );
}

/** A bar and a number. */
export function GaugeCell({ field, row, palette }: CellProps) {
  const shown = readValue(field, row);
  const { custom } = field.config;
  // As dashboards before Grafana 9.3 name it.
  const old = asText(custom["displayMode"]).replace("-gauge", "");
  const mode = toBarMode(asText(asObject(custom["cellOptions"])["mode"]) || old);
  return (
    <span class="cell-gauge">
      <BarTrack value={shown} field={field} mode={mode} palette={palette} />
      <span style={{ color: toReadable(shown.colour, palette) }}>{toText(shown)}</span>
    </span>
  );
}

/** An image of the same server; the URL of another one. */
export function ImageCell({ field, row }: CellProps) {
  const text = toText(readValue(field, row));
  const image = toImageUrl(text, location.href);
  if (image === undefined) return <>{text}</>;
  const { alt } = asObject(field.config.custom["cellOptions"]);
  return <img class="cell-image" src={image} alt={asText(alt) || text} loading="lazy" />;
}

export function JsonCell({ field, row }: CellProps) {
  return <code class="cell-json">{formatJson(toText(readValue(field, row)))}</code>;
}

/** A sparkline and its last value. */
export function TrendCell({ field, row }: CellProps) {
  const text = toText(readValue(field, row));
  return (
    <span class="cell-trend">
      <svg
        viewBox="0 0 100 20"
        preserveAspectRatio="none"
        role="img"
        aria-label={`Course to ${text}`}
      >
        <path d={toSparkPath(field.trends?.[row] ?? [], 100, 20)} stroke={field.colour} />
      </svg>
      <span>{text}</span>
    </span>
  );
}

function readValue(field: CellProps["field"], row: number): DisplayValue {
  return field.display(field.values[row] ?? null);
}
