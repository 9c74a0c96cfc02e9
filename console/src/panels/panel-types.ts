import type { ComponentType } from "preact";
import "./panels.css";
import { AlertList } from "./alert-list.tsx";
import { BarGauge } from "./bar-gauge.tsx";
import { BarChart } from "./bars/bar-chart.tsx";
import { Histogram } from "./bars/histogram.tsx";
import { DashList } from "./dash-list.tsx";
import type { DrawnType } from "./drawn-types.ts";
import { Gauge } from "./gauge.tsx";
import { Heatmap } from "./heatmap/heatmap.tsx";
import type { PanelProps } from "./panel-props.ts";
import { Pie } from "./pie/pie.tsx";
import { SeriesTable } from "./series-table.tsx";
import { Stat } from "./stat.tsx";
import { StateTimeline, StatusHistory } from "./states/states.tsx";
import { TablePanel } from "./table-panel.tsx";
import { TextPanel } from "./text-panel.tsx";
import { TimeSeries } from "./time-series/time-series.tsx";
import { BucketTable, ValueTable } from "./value-tables.tsx";

/** The panel types that are drawn. */
export const PANEL_TYPES: Readonly<Record<DrawnType, ComponentType<PanelProps>>> = {
  timeseries: TimeSeries,
  stat: Stat,
  gauge: Gauge,
  bargauge: BarGauge,
  table: TablePanel,
  heatmap: Heatmap,
  histogram: Histogram,
  barchart: BarChart,
  piechart: Pie,
  "state-timeline": StateTimeline,
  "status-history": StatusHistory,
  text: TextPanel,
  alertlist: AlertList,
  dashlist: DashList,
};

/** Tables of the data that charts show. */
export const TABLE_TYPES: Readonly<Partial<Record<DrawnType, ComponentType<PanelProps>>>> = {
  timeseries: SeriesTable,
  heatmap: SeriesTable,
  histogram: BucketTable,
  barchart: TablePanel,
  piechart: ValueTable,
  gauge: ValueTable,
  bargauge: ValueTable,
  "state-timeline": SeriesTable,
  "status-history": SeriesTable,
};
