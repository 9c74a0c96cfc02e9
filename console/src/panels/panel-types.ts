import type { ComponentType } from "preact";
import "./panels.css";
import { AlertList } from "./alert-list.tsx";
import { BarGauge } from "./bar-gauge.tsx";
import { Gauge } from "./gauge.tsx";
import { Heatmap } from "./heatmap/heatmap.tsx";
import type { PanelProps } from "./panel-props.ts";
import { Stat } from "./stat.tsx";
import { TablePanel } from "./table-panel.tsx";
import { TextPanel } from "./text-panel.tsx";
import { TimeSeries } from "./time-series/time-series.tsx";

/** The panel types that are drawn, by Grafana's name. */
export const PANEL_TYPES: Readonly<Record<string, ComponentType<PanelProps>>> = {
  timeseries: TimeSeries,
  stat: Stat,
  gauge: Gauge,
  bargauge: BarGauge,
  table: TablePanel,
  heatmap: Heatmap,
  text: TextPanel,
  alertlist: AlertList,
};
