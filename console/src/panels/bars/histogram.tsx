import { toText } from "../../grafana/display.ts";
import { isHidden } from "../../grafana/field-config.ts";
import { asNumber, asObject } from "../../grafana/json.ts";
import type { ShownField, ShownFrame } from "../../grafana/resolve-fields.ts";
import { histogram } from "../../grafana/transform/histogram.ts";
import { formatUnit } from "../../grafana/units.ts";
import { KeyList } from "../key-list.tsx";
import { NoValue } from "../no-value.tsx";
import type { PanelProps } from "../panel-props.ts";
import { BarPlot, type Bars } from "./bar-plot.tsx";

/** The distribution of the values of all series. */
export function Histogram({ panel, frames }: PanelProps) {
  const data = countValues(panel.options, frames);
  if (data === undefined) return <NoValue panel={panel} />;
  const { categories, series } = data;
  const legend = asObject(panel.options["legend"]);
  return (
    <div class="time-series">
      <BarPlot
        label={`${panel.title}: ${categories.length} buckets`}
        categories={categories}
        series={series}
        isContinuous
        stacking={
          asObject(frames[0]?.fields.at(-1)?.config.custom["stacking"])["mode"] === "normal"
            ? "normal"
            : "none"
        }
        fillOpacity={
          (asNumber(panel.defaults["fillOpacity"]) ?? 80) / 100 / Math.sqrt(series.length)
        }
      />
      {legend["showLegend"] !== false && series.length > 1 && (
        <KeyList
          title={panel.title}
          keys={series.map(({ title, colours }) => ({ title, colour: colours[0]!, values: [] }))}
        />
      )}
    </div>
  );
}

interface Counts {
  /** The lower end of each bucket. */
  readonly categories: readonly string[];
  readonly series: readonly Bars[];
}

/** Counts the values of the visible fields, unless a transformation has done it. */
export function countValues(
  options: PanelProps["panel"]["options"],
  frames: readonly ShownFrame[],
): Counts | undefined {
  const fields = frames.flatMap((frame) =>
    frame.fields.filter(({ type, config }) => type === "number" && !isHidden(config)),
  );
  const isCounted = fields[0]?.name === "xMin" && fields[1]?.name === "xMax";
  const [counted] = isCounted
    ? [{ fields }]
    : histogram(
        [
          {
            refId: "",
            name: "",
            fields: fields.map((field) => ({ ...field, displayName: field.title })),
          },
        ],
        options,
      );
  const [low, , ...counts] = counted?.fields ?? [];
  if (low === undefined || counts.length === 0) return undefined;
  const own: readonly ShownField[] = isCounted ? fields.slice(2) : fields;
  const scale = isCounted ? fields[0]! : own[0]!;
  return {
    categories: low.values.map((value) => toText(scale.display(value, 3))),
    series: counts.map(({ displayName, name, values }, index) => ({
      title: displayName ?? name,
      values: values as readonly number[],
      colours: values.map(() => own[index]?.colour ?? scale.colour),
      display: (value, decimals) => ({
        ...formatUnit("short", Number(value ?? 0), decimals),
        numeric: Number(value),
        colour: "",
        share: Number.NaN,
      }),
    })),
  };
}
