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
} from "./dashboard-definition.ts";

/** A panel builder of the SDK. Builders are mutable; each is used for one panel. */
type AnyBuilder =
  | StatBuilder
  | GaugeBuilder
  | GraphBuilder
  | HeatmapBuilder
  | BarGaugeBuilder
  | TableBuilder;

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
    .legendFormat(definition.kind === "heatmap" || isHistogram(definition) ? "{{le}}" : legend)
    .format(toFormat(definition));
  return showsHistory(definition) ? query.range() : query.instant();
}

/** True if a panel uses range queries rather than instant queries. */
export function showsHistory({ kind }: PanelDefinition): boolean {
  return kind === "graph" || kind === "heatmap";
}

function isHistogram(definition: PanelDefinition): boolean {
  return definition.kind === "bars" && definition.isHistogram === true;
}

function toFormat(definition: PanelDefinition): PromQueryFormat {
  if (definition.kind === "table") return PromQueryFormat.Table;
  // This format sorts buckets by bound and converts cumulative counts to counts per bucket.
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
 * Merges the results of all queries by their labels. Grafana names the column of a query "Value", or "Value #B" if there are
 * several queries.
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
