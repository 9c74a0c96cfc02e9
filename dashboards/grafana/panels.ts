import {
  AxisPlacement,
  BarGaugeDisplayMode,
  BigValueGraphMode,
  GraphThresholdsStyleMode,
  HeatmapCellLayout,
  LegendDisplayMode,
  LegendPlacement,
  SortOrder,
  StackingMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizOrientation,
  GraphThresholdsStyleConfigBuilder,
  ReduceDataOptionsBuilder,
  StackingConfigBuilder,
  VizLegendOptionsBuilder,
  VizTooltipOptionsBuilder,
} from "@grafana/grafana-foundation-sdk/common";
import {
  FieldColorBuilder,
  FieldColorModeId,
  ThresholdsConfigBuilder,
  ThresholdsMode,
  type GridPos,
  type Panel,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { PanelBuilder as BarGaugeBuilder } from "@grafana/grafana-foundation-sdk/bargauge";
import { PanelBuilder as GaugeBuilder } from "@grafana/grafana-foundation-sdk/gauge";
import {
  HeatmapColorMode,
  HeatmapColorOptionsBuilder,
  HeatmapColorScale,
  PanelBuilder as HeatmapBuilder,
  RowsHeatmapOptionsBuilder,
  YAxisConfigBuilder,
} from "@grafana/grafana-foundation-sdk/heatmap";
import { DataqueryBuilder, PromQueryFormat } from "@grafana/grafana-foundation-sdk/prometheus";
import { PanelBuilder as StatBuilder } from "@grafana/grafana-foundation-sdk/stat";
import { PanelBuilder as TableBuilder } from "@grafana/grafana-foundation-sdk/table";
import { PanelBuilder as GraphBuilder } from "@grafana/grafana-foundation-sdk/timeseries";
import { DATASOURCE } from "./datasource.ts";
import type {
  BarsPanel,
  Color,
  GraphPanel,
  HeatmapPanel,
  PanelDefinition,
  QueryDefinition,
  StatPanel,
  TablePanel,
} from "./definition.ts";

/** What all of the SDK's panels have in common; a builder changes itself and is used for one panel. */
type AnyBuilder =
  | StatBuilder
  | GaugeBuilder
  | GraphBuilder
  | HeatmapBuilder
  | BarGaugeBuilder
  | TableBuilder;

/** Grafana's panel, at its place. */
export function toPanel(definition: PanelDefinition, id: number, place: GridPos): Panel {
  const builder = toBuilder(definition);
  const { title, unit, decimals, min, max, limits } = definition;
  builder
    .id(id)
    .gridPos(place)
    .title(title)
    .description(describe(definition))
    .datasource(DATASOURCE)
    .unit(unit)
    .targets(definition.queries.map((query, index) => toTarget(definition, query, index)));
  if (decimals !== undefined) builder.decimals(decimals);
  if (min !== undefined) builder.min(min);
  if (max !== undefined) builder.max(max);
  if (limits !== undefined) builder.thresholds(toThresholds(limits));
  if (definition.kind !== "heatmap") builder.noValue(toNoValue(definition));
  return builder.build();
}

function describe({ description, queries }: PanelDefinition): string {
  const reasons = new Set(queries.flatMap(({ mayBeEmpty }) => mayBeEmpty ?? []));
  return [description, ...reasons].join(" ");
}

function toNoValue({ queries }: PanelDefinition): string {
  return queries.every(({ mayBeEmpty }) => mayBeEmpty !== undefined) ? "–" : "No data";
}

function toBuilder(definition: PanelDefinition): AnyBuilder {
  switch (definition.kind) {
    case "stat":
      return toStat(definition);
    case "gauge":
      return toGauge();
    case "graph":
      return toGraph(definition);
    case "heatmap":
      return toHeatmap(definition);
    case "bars":
      return toBars(definition);
    case "table":
      return toTable(definition);
  }
}

/** A, B, …: Grafana names queries, and columns of tables, by letters. */
export function toRefId(index: number): string {
  return String.fromCodePoint(65 + index);
}

function toTarget(
  definition: PanelDefinition,
  { expr, legend }: QueryDefinition,
  index: number,
): DataqueryBuilder {
  const query = new DataqueryBuilder()
    .refId(toRefId(index))
    .datasource(DATASOURCE)
    .expr(expr)
    .legendFormat(definition.kind === "heatmap" || isHistogram(definition) ? "{{le}}" : legend)
    .format(toFormat(definition));
  return showsHistory(definition) ? query.range() : query.instant();
}

/** Whether a panel asks for a range of time and not only for now. */
export function showsHistory({ kind }: PanelDefinition): boolean {
  return kind === "graph" || kind === "heatmap";
}

function isHistogram(definition: PanelDefinition): boolean {
  return definition.kind === "bars" && definition.isHistogram === true;
}

function toFormat(definition: PanelDefinition): PromQueryFormat {
  if (definition.kind === "table") return PromQueryFormat.Table;
  // Sorts buckets by their bounds, and takes from each what is in those below it.
  if (definition.kind === "heatmap" || isHistogram(definition)) return PromQueryFormat.Heatmap;
  return PromQueryFormat.TimeSeries;
}

function toThresholds(limits: NonNullable<PanelDefinition["limits"]>): ThresholdsConfigBuilder {
  const steps = limits.map(({ from, color }, index) => ({
    value: index === 0 ? null : from,
    color,
  }));
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}

/** The last value there is. */
function toLast(): ReduceDataOptionsBuilder {
  return new ReduceDataOptionsBuilder().calcs(["lastNotNull"]).fields("").values(false);
}

function toStat({ limits }: StatPanel): StatBuilder {
  const builder = new StatBuilder().reduceOptions(toLast()).graphMode(BigValueGraphMode.None);
  return limits === undefined ? builder.colorScheme(toFixedColor("text")) : builder;
}

function toGauge(): GaugeBuilder {
  return new GaugeBuilder().reduceOptions(toLast()).showThresholdMarkers(true);
}

function toFixedColor(color: Color): FieldColorBuilder {
  return new FieldColorBuilder().mode(FieldColorModeId.Fixed).fixedColor(color);
}

function toGraph({ stacked, rightAxis, colors, limits }: GraphPanel): GraphBuilder {
  const builder = new GraphBuilder()
    .lineWidth(2)
    .fillOpacity(stacked === true ? 40 : 8)
    .showPoints(VisibilityMode.Never)
    .axisSoftMin(0)
    .colorScheme(new FieldColorBuilder().mode(FieldColorModeId.PaletteClassic))
    .legend(
      new VizLegendOptionsBuilder()
        .showLegend(true)
        .displayMode(LegendDisplayMode.Table)
        .placement(LegendPlacement.Bottom)
        .calcs(["mean", "max", "lastNotNull"]),
    )
    .tooltip(
      new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending),
    );
  if (stacked === true) {
    builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group("A"));
  }
  if (limits !== undefined) {
    builder.thresholdsStyle(
      new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed),
    );
  }
  for (const [pattern, color] of colors ?? []) {
    builder.overrideByRegexp(`/${pattern}/`, [
      { id: "color", value: { mode: "fixed", fixedColor: color } },
    ]);
  }
  if (rightAxis !== undefined) {
    builder.overrideByRegexp(`/${rightAxis.series}/`, [
      { id: "unit", value: rightAxis.unit },
      { id: "custom.axisPlacement", value: AxisPlacement.Right },
      { id: "custom.fillOpacity", value: 0 },
      { id: "custom.lineStyle", value: { fill: "dash", dash: [8, 6] } },
    ]);
  }
  return builder;
}

function toHeatmap({ unit }: HeatmapPanel): HeatmapBuilder {
  return new HeatmapBuilder()
    .calculate(false)
    .color(
      new HeatmapColorOptionsBuilder()
        .mode(HeatmapColorMode.Scheme)
        .scheme("Oranges")
        .scale(HeatmapColorScale.Exponential)
        .exponent(0.5)
        .steps(64)
        .fill("dark-orange"),
    )
    .rowsFrame(new RowsHeatmapOptionsBuilder().layout(HeatmapCellLayout.Auto))
    .yAxis(new YAxisConfigBuilder().unit(unit).axisPlacement(AxisPlacement.Left))
    .showLegend();
}

function toBars({ limits }: BarsPanel): BarGaugeBuilder {
  const builder = new BarGaugeBuilder()
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .showUnfilled(true)
    .minVizHeight(10)
    .reduceOptions(toLast());
  return limits === undefined ? builder.colorScheme(toFixedColor("blue")) : builder;
}

/**
 * The rows of all queries that agree in their labels become one. A query's column is called by Grafana "Value", or "Value #B"
 * where there are several.
 */
function toTable({ labels, queries, units, bars }: TablePanel): TableBuilder {
  const names = queries.map((_, index) =>
    queries.length === 1 ? "Value" : `Value #${toRefId(index)}`,
  );
  const order = [...Object.keys(labels), ...names];
  const headings = [...Object.values(labels), ...queries.map(({ legend }) => legend)];
  const builder = new TableBuilder()
    .filterable(true)
    .withTransformation({ id: "merge", options: {} })
    .withTransformation({
      id: "organize",
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries(order.map((name, index) => [name, index])),
        renameByName: Object.fromEntries(order.map((name, index) => [name, headings[index]])),
      },
    });
  for (const [heading, unit] of Object.entries(units ?? {})) {
    builder.overrideByName(heading, [{ id: "unit", value: unit }]);
  }
  for (const heading of bars ?? []) {
    builder.overrideByName(heading, [
      { id: "custom.cellOptions", value: { type: "gauge", mode: "basic" } },
      { id: "min", value: 0 },
      { id: "max", value: 1 },
      { id: "color", value: { mode: "fixed", fixedColor: "blue" } },
    ]);
  }
  return builder;
}
