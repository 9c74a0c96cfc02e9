import { toText } from "../../grafana/display.ts";
import { isHidden } from "../../grafana/field-config.ts";
import { asNumber, asObject, asText } from "../../grafana/json.ts";
import { toSamples, type ShownField, type ShownFrame } from "../../grafana/resolve-fields.ts";
import { KeyList } from "../key-list.tsx";
import { NoValue } from "../no-value.tsx";
import type { PanelProps } from "../panel-props.ts";
import { BarPlot, type Bars } from "./bar-plot.tsx";

/** More categories are not readable. */
const MAX_BARS = 200;

/** Bars of the first frame: a category for each row, a bar for each field of numbers. */
export function BarChart({ panel, frames }: PanelProps) {
  const data = readBars(panel.options, frames);
  if (data === undefined) return <NoValue panel={panel} />;
  const { categories, fields } = data;
  const { custom, min, max } = fields[0]!.config;
  const orientation = asText(panel.options["orientation"], "auto");
  const stacking = asText(panel.options["stacking"]);
  const legend = asObject(panel.options["legend"]);
  return (
    <div class="time-series">
      <BarPlot
        label={`${panel.title}: ${fields.length} × ${categories.length} bars`}
        categories={categories}
        series={fields.map(toBars)}
        isHorizontal={orientation === "horizontal"}
        stacking={stacking === "normal" || stacking === "percent" ? stacking : "none"}
        showValue={toShowValue(panel.options["showValue"])}
        fillOpacity={(asNumber(custom["fillOpacity"]) ?? 80) / 100}
        min={min}
        max={max}
      />
      {legend["showLegend"] !== false && fields.length > 1 && (
        <KeyList
          title={panel.title}
          keys={fields.map(({ title, colour }) => ({ title, colour, values: [] }))}
        />
      )}
    </div>
  );
}

function toShowValue(value: unknown): "auto" | "always" | "never" {
  return value === "always" || value === "never" ? value : "auto";
}

function toBars(field: ShownField): Bars {
  const values = toSamples(field).slice(0, MAX_BARS);
  // Thresholds and mappings give each bar its own color.
  const colours = values.map((value) => field.display(value).colour);
  return { title: field.title, colours, values, display: field.display };
}

interface BarData {
  readonly categories: readonly string[];
  readonly fields: readonly ShownField[];
}

/** Returns the categories and fields of a bar chart; undefined without numbers. */
export function readBars(
  { xField }: PanelProps["panel"]["options"],
  frames: readonly ShownFrame[],
): BarData | undefined {
  const frame = frames.find(({ fields }) => fields.some(({ type }) => type === "number"));
  if (frame === undefined) return undefined;
  const wanted = asText(xField);
  const axis =
    frame.fields.find(
      ({ name, title }) => wanted !== "" && (title === wanted || name === wanted),
    ) ??
    frame.fields.find(({ type }) => type === "string") ??
    frame.fields.find(({ type }) => type === "time");
  const fields = frame.fields.filter(
    (field) => field !== axis && field.type === "number" && !isHidden(field.config),
  );
  if (fields.length === 0 || fields[0]!.values.length === 0) return undefined;
  const categories = fields[0]!.values
    .slice(0, MAX_BARS)
    .map((_value, row) =>
      axis === undefined ? String(row + 1) : toText(axis.display(axis.values[row] ?? null)),
    );
  return { categories, fields };
}
