/** The tables of charts, and the panel types and cells that the Overview dashboard does not have: loaded when one is first drawn. */
import "./further-panels.css";
export { AlertList } from "./alert-list.tsx";
export { BarGauge } from "./bar-gauge.tsx";
export { FilledCell, GaugeCell, ImageCell, JsonCell, TrendCell } from "./further-cells.tsx";
export { BarChart } from "./bars/bar-chart.tsx";
export { Histogram } from "./bars/histogram.tsx";
export { DashList } from "./dash-list.tsx";
export { Gauge } from "./gauge.tsx";
export { Heatmap } from "./heatmap/heatmap.tsx";
export { Pie } from "./pie/pie.tsx";
export { StateTimeline, StatusHistory } from "./states/states.tsx";
export { SeriesTable } from "./series-table.tsx";
export { BucketTable, StatTable, ValueTable } from "./value-tables.tsx";
export { TextPanel } from "./text-panel.tsx";
