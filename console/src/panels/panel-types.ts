import type { ComponentType } from "preact";
import "./panels.css";
import { AlertList } from "./alert-list.tsx";
import type { DrawnType } from "./drawn-types.ts";
import { onDemand } from "./on-demand.tsx";
import type { PanelProps } from "./panel-props.ts";
import { Stat } from "./stat.tsx";
import { TablePanel } from "./table-panel.tsx";
import { TextPanel } from "./text-panel.tsx";
import { TimeSeries } from "./time-series/time-series.tsx";

const further = () => import("./further-panels.ts");
const SeriesTable = onDemand(async () => (await further()).SeriesTable);
const BucketTable = onDemand(async () => (await further()).BucketTable);
const ValueTable = onDemand(async () => (await further()).ValueTable);

/** The panel types that are drawn. */
export const PANEL_TYPES: Readonly<Record<DrawnType, ComponentType<PanelProps>>> = {
  timeseries: TimeSeries,
  stat: Stat,
  gauge: onDemand(async () => (await further()).Gauge),
  bargauge: onDemand(async () => (await further()).BarGauge),
  table: TablePanel,
  heatmap: onDemand(async () => (await further()).Heatmap),
  histogram: onDemand(async () => (await further()).Histogram),
  barchart: onDemand(async () => (await further()).BarChart),
  piechart: onDemand(async () => (await further()).Pie),
  "state-timeline": onDemand(async () => (await further()).StateTimeline),
  "status-history": onDemand(async () => (await further()).StatusHistory),
  text: TextPanel,
  alertlist: AlertList,
  dashlist: onDemand(async () => (await further()).DashList),
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
