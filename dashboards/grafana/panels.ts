import {
  AxisPlacement,
  BarGaugeDisplayMode,
  BarGaugeNamePlacement,
  BarGaugeSizing,
  BigValueGraphMode,
  GraphGradientMode,
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
  TableSortByFieldStateBuilder,
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
} from "./dashboard-definition.ts";

/** A panel builder of the SDK. Builders are mutable; each is used for one panel. */
type AnyBuilder =
  | StatBuilder
  | GaugeBuilder
  | GraphBuilder
  | HeatmapBuilder
  | BarGaugeBuilder
  | TableBuilder;

const MIN_COLUMN_WIDTH = 60;

/** Converts a definition to Grafana's panel at a grid position. */
export function toPanel(definition: PanelDefinition, id: number, position: GridPos): Panel {
  const builder = toBuilder(definition);
  const { title, unit, decimals, min, max, limits } = definition;
  builder
    .id(id)
    .gridPos(position)
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

/** Message of an empty panel. A single value is too small for a sentence; a table also shows the message in cells without a value. */
function toNoValue({ kind, queries, empty }: PanelDefinition): string {
  if (empty !== undefined) return empty;
  if (kind === "table") return "–";
  if (queries.some(({ mayBeEmpty }) => mayBeEmpty === undefined)) return "No data";
  return kind === "stat" || kind === "gauge" ? "–" : (queries[0]?.mayBeEmpty ?? "No data");
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

/** Returns Grafana's name of a query or a table column: A, B, … */
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
    .legendFormat(definition.kind === "heatmap" || hasBuckets(definition) ? "{{le}}" : legend)
    .format(toFormat(definition));
  return showsHistory(definition) ? query.range() : query.instant();
}

/** True if a panel uses range queries rather than instant queries. */
export function showsHistory({ kind }: PanelDefinition): boolean {
  return kind === "graph" || kind === "heatmap";
}

function hasBuckets(definition: PanelDefinition): boolean {
  return definition.kind === "bars" && definition.buckets !== undefined;
}

function toFormat(definition: PanelDefinition): PromQueryFormat {
  if (definition.kind === "table") return PromQueryFormat.Table;
  // This format sorts buckets by bound and converts cumulative counts to counts per bucket.
  if (definition.kind === "heatmap" || hasBuckets(definition)) return PromQueryFormat.Heatmap;
  return PromQueryFormat.TimeSeries;
}

function toThresholds(limits: NonNullable<PanelDefinition["limits"]>): ThresholdsConfigBuilder {
  const steps = limits.map(({ from, color }, index) => ({
    value: index === 0 ? null : from,
    color,
  }));
  return new ThresholdsConfigBuilder().mode(ThresholdsMode.Absolute).steps(steps);
}

/** Reduces a series to its last value that is not null. */
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

/** Upper end of an axis whose values are all below. Grafana draws a flat 0 from 0 to 100: requests per second, or 10,000 %. */
const SOFT_MAX: Readonly<Record<string, number>> = {
  percentunit: 0.01,
  s: 0.001,
  bytes: 1_024,
  Bps: 1_000,
};

function toSoftMax(unit: string): number {
  return SOFT_MAX[unit] ?? 1;
}

/** Queries whose rows fit below a graph of the default height. */
const MAX_LEGEND_ROWS = 2;

function toLegend({ legend, queries }: GraphPanel): VizLegendOptionsBuilder {
  const builder = new VizLegendOptionsBuilder()
    .showLegend(true)
    .placement(LegendPlacement.Bottom)
    .displayMode(LegendDisplayMode.List)
    .calcs([]);
  const kind = legend ?? (queries.length > MAX_LEGEND_ROWS ? "list" : "table");
  if (kind === "list") return builder;
  builder.displayMode(LegendDisplayMode.Table).calcs(["mean", "max", "lastNotNull"]);
  // Three rows are visible: of a series for each label value, those with the highest values.
  return hasLabels(queries) ? builder.sortBy("Max").sortDesc(true) : builder;
}

function hasLabels(queries: readonly QueryDefinition[]): boolean {
  return queries.some(({ legend }) => legend.includes("{{"));
}

function toLineColor({ hasLimitColors }: GraphPanel): FieldColorModeId {
  return hasLimitColors === true ? FieldColorModeId.Thresholds : FieldColorModeId.PaletteClassic;
}

function toGraph(definition: GraphPanel): GraphBuilder {
  const { stacked, rightAxis, colors, limits, unit, queries, max, hasLimitColors } = definition;
  // Areas that overlap mix to a color that is in no legend, and limits would color the area below a good value.
  const isFilled = queries.length === 1 && !hasLabels(queries) && hasLimitColors !== true;
  const builder = new GraphBuilder()
    .lineWidth(stacked === true ? 1 : 2)
    .fillOpacity(stacked === true ? 40 : isFilled ? 10 : 0)
    // A value between two gaps has no line.
    .showPoints(VisibilityMode.Auto)
    .pointSize(4)
    .axisSoftMin(definition.softMin ?? 0)
    .colorScheme(new FieldColorBuilder().mode(toLineColor(definition)))
    .legend(toLegend(definition))
    .tooltip(
      new VizTooltipOptionsBuilder().mode(TooltipDisplayMode.Multi).sort(SortOrder.Descending),
    );
  // A soft maximum would replace the fixed one where all values are small.
  if (max === undefined) builder.axisSoftMax(definition.softMax ?? toSoftMax(unit));
  if (stacked === true) {
    builder.stacking(new StackingConfigBuilder().mode(StackingMode.Normal).group("A"));
  }
  if (limits !== undefined) {
    builder.thresholdsStyle(
      new GraphThresholdsStyleConfigBuilder().mode(GraphThresholdsStyleMode.Dashed),
    );
  }
  if (hasLimitColors === true) builder.gradientMode(GraphGradientMode.Scheme);
  for (const [pattern, color] of colors ?? []) {
    builder.overrideByRegexp(`/${pattern}/`, [
      { id: "color", value: { mode: "shades", fixedColor: color } },
    ]);
  }
  if (rightAxis !== undefined) {
    builder.overrideByRegexp(`/${rightAxis.series}/`, [
      { id: "unit", value: rightAxis.unit },
      { id: "custom.axisPlacement", value: AxisPlacement.Right },
      { id: "custom.axisSoftMax", value: toSoftMax(rightAxis.unit) },
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

/** In pixels, with the gap to the next bar. */
const MAX_BAR_HEIGHT = 26;

function toBars({ limits, buckets }: BarsPanel): BarGaugeBuilder {
  const builder = new BarGaugeBuilder()
    .orientation(VizOrientation.Horizontal)
    .displayMode(BarGaugeDisplayMode.Basic)
    .showUnfilled(true)
    .namePlacement(BarGaugeNamePlacement.Left)
    // By default few bars fill the panel, with letters of 30 pixels.
    .sizing(BarGaugeSizing.Manual)
    .minVizHeight(10)
    .maxVizHeight(MAX_BAR_HEIGHT)
    .reduceOptions(toLast());
  for (const [bound, name] of buckets ?? []) {
    builder.overrideByRegexp(`/^${toBoundPattern(bound)}$/`, [{ id: "displayName", value: name }]);
  }
  return limits === undefined ? builder.colorScheme(toFixedColor("blue")) : builder;
}

/** Pattern of `le`: Prometheus 3 stores 1 as "1.0", older versions store it as exposed. */
function toBoundPattern(bound: number): string {
  if (!Number.isFinite(bound)) return String.raw`\+Inf`;
  const text = String(bound).replace(".", String.raw`\.`);
  return Number.isInteger(bound) ? String.raw`${text}(\.0)?` : text;
}

/**
 * Merges the results of all queries by their labels. Grafana names the column of a query "Value", or "Value #B" if there are
 * several queries.
 */
function toTable({
  labels,
  queries,
  units,
  bars,
  widths,
  sortBy,
  valueColors,
}: TablePanel): TableBuilder {
  const names = queries.map((_, index) =>
    queries.length === 1 ? "Value" : `Value #${toRefId(index)}`,
  );
  const order = [...Object.keys(labels), ...names];
  const headings = [...Object.values(labels), ...queries.map(({ legend }) => legend)];
  const builder = new TableBuilder()
    .filterable(true)
    // Grafana's default of 150 pixels hides columns at the right.
    .minWidth(MIN_COLUMN_WIDTH)
    .withTransformation({ id: "merge", options: {} })
    .withTransformation({
      id: "organize",
      options: {
        excludeByName: { Time: true },
        indexByName: Object.fromEntries(order.map((name, index) => [name, index])),
        renameByName: Object.fromEntries(order.map((name, index) => [name, headings[index]])),
      },
    });
  // A label that looks like a number would get the unit of the panel: version 1 would be "100 %".
  for (const heading of Object.values(labels)) {
    builder.overrideByName(heading, [
      { id: "unit", value: "string" },
      // A row without the label is no panel without rows: "No alert is firing" would be in its cell.
      { id: "noValue", value: "–" },
    ]);
  }
  for (const [heading, width] of Object.entries(widths ?? {})) {
    builder.overrideByName(heading, [{ id: "custom.width", value: width }]);
  }
  for (const [heading, colors] of Object.entries(valueColors ?? {})) {
    const options = Object.entries(colors).map(([value, color], index) => [
      value,
      { color, index },
    ]);
    builder.overrideByName(heading, [
      { id: "mappings", value: [{ type: "value", options: Object.fromEntries(options) }] },
      { id: "custom.cellOptions", value: { type: "color-text" } },
    ]);
  }
  builder.sortBy(
    (sortBy ?? []).map(([heading, direction]) =>
      new TableSortByFieldStateBuilder().displayName(heading).desc(direction === "descending"),
    ),
  );
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
