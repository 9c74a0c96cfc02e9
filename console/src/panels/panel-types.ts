import type { ComponentType } from "preact";
import "./panels.css";
import type { DrawnType } from "./drawn-types.ts";
import { further } from "./further.ts";
import type { PanelProps } from "./panel-props.ts";
import { Stat } from "./stat.tsx";
import { TablePanel } from "./table-panel.tsx";
import { TimeSeries } from "./time-series/time-series.tsx";

const SeriesTable = further((module) => module.SeriesTable);
const BucketTable = further((module) => module.BucketTable);
const ValueTable = further((module) => module.ValueTable);

/** The panel types that are drawn. */
export const PANEL_TYPES: Readonly<Record<DrawnType, ComponentType<PanelProps>>> = {
  timeseries: TimeSeries,
  stat: Stat,
  gauge: further((module) => module.Gauge),
  bargauge: further((module) => module.BarGauge),
  table: TablePanel,
  heatmap: further((module) => module.Heatmap),
  histogram: further((module) => module.Histogram),
  barchart: further((module) => module.BarChart),
  piechart: further((module) => module.Pie),
  "state-timeline": further((module) => module.StateTimeline),
  "status-history": further((module) => module.StatusHistory),
  text: further((module) => module.TextPanel),
  alertlist: further((module) => module.AlertList),
  dashlist: further((module) => module.DashList),
};

/** Tables of the data that charts show. */
export const TABLE_TYPES: Readonly<Partial<Record<DrawnType, ComponentType<PanelProps>>>> = {
  timeseries: SeriesTable,
  stat: further((module) => module.StatTable),
  heatmap: SeriesTable,
  histogram: BucketTable,
  barchart: TablePanel,
  piechart: ValueTable,
  gauge: ValueTable,
  bargauge: ValueTable,
  "state-timeline": SeriesTable,
  "status-history": SeriesTable,
};
