/**
 * A dashboard: rows of panels with their queries. `toDashboard` (dashboard.ts) renders it as Grafana's JSON and adds
 * positions, ids, legends, variables and links.
 */
export interface DashboardDefinition {
  /** Never changes: dashboard URLs contain it. */
  readonly uid: string;
  readonly title: string;
  /** Questions that the dashboard answers, and which requests it excludes. */
  readonly description: string;
  readonly rows: readonly RowDefinition[];
}

export interface RowDefinition {
  readonly title: string;
  /** From left to right. A panel that exceeds 24 columns starts a new line; each line must be 24 columns wide. */
  readonly panels: readonly PanelDefinition[];
}

export interface QueryDefinition {
  /** PromQL with Grafana's variables. */
  readonly expr: string;
  /** Name of the series; may contain `{{label}}`. */
  readonly legend: string;
  /** Why the result may be empty on a healthy server. Appended to the panel's description. */
  readonly mayBeEmpty?: string;
  /** Why the range differs from `$__rate_interval` and `$__range`. Required if it does. */
  readonly fixedWindow?: string;
  /** Why a counter is shown without rate() or increase(). Required if it is. */
  readonly total?: string;
}

export interface Limit {
  readonly from: number;
  readonly color: Color;
}
export type Color = "green" | "yellow" | "orange" | "red" | "blue" | "purple" | "text";

interface Panel {
  /** Unique in the dashboard. */
  readonly title: string;
  /** Value, time window, and meaning of colors and dashed lines, in whole sentences. */
  readonly description: string;
  /** Unit id of Grafana, for example `s`, `percentunit`, `reqps`, `bytes`, `short`. */
  readonly unit: string;
  readonly queries: readonly QueryDefinition[];
  /** In columns, of which a line has 24. */
  readonly width?: number;
  /** In grid rows of 30 pixels, 8 pixels apart. */
  readonly height?: number;
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  /** Thresholds in ascending order; the first starts at −∞. */
  readonly limits?: readonly Limit[];
  /** Sentence shown instead of "No data". Default: why the first query may be empty. */
  readonly empty?: string;
}

/** The current value. From an instant query: the last value of a range query would persist after a server is gone. */
export interface StatPanel extends Panel {
  readonly kind: "stat";
}
/** The current value between its bounds. */
export interface GaugePanel extends Panel {
  readonly kind: "gauge";
  readonly min: number;
  readonly max: number;
}
/** Lines over time. */
export interface GraphPanel extends Panel {
  readonly kind: "graph";
  readonly stacked?: boolean;
  /** Lower end of the axis unless a value is below it. Default: 0. */
  readonly softMin?: number;
  /** Upper end of the axis unless a value is above it, so that a flat 0 has a sensible axis. Default: `max`, or by unit. */
  readonly softMax?: number;
  /**
   * A table has the mean, maximum and last value of each series; a list fits more series. Default: a list for more than two
   * queries.
   */
  readonly legend?: "table" | "list";
  /** True if the line has the colors of the limits. For panels with one series. */
  readonly hasLimitColors?: boolean;
  /** Series on the right axis, by a regular expression on their legends, and the unit of that axis. */
  readonly rightAxis?: { readonly series: string; readonly unit: string };
  /** Colors, by regular expressions on legends. Series of the same color have different shades of it. */
  readonly colors?: readonly (readonly [pattern: string, color: Color])[];
}
/** Histogram buckets over time. The query returns rates by `le`. */
export interface HeatmapPanel extends Panel {
  readonly kind: "heatmap";
}
/** Current values as horizontal bars. */
export interface BarsPanel extends Panel {
  readonly kind: "bars";
  /** Bounds of the buckets with their names, if the query returns cumulative buckets by `le` and each bar shows one bucket. */
  readonly buckets?: readonly (readonly [bound: number, name: string])[];
}
/** Current values by label; each query is a column. */
export interface TablePanel extends Panel {
  readonly kind: "table";
  /** Headings of the label columns, from left to right. Query columns follow, with their legends as headings. */
  readonly labels: Readonly<Record<string, string>>;
  /** Units of query columns that differ from the panel's, by legend. */
  readonly units?: Readonly<Record<string, string>>;
  /** Legends of the query columns that are drawn as bars from 0 to 1. */
  readonly bars?: readonly string[];
  /** Widths of columns in pixels, by heading. The other columns share the rest. */
  readonly widths?: Readonly<Record<string, number>>;
  /** Columns by which rows are sorted, by heading. Default: the order of the first query. */
  readonly sortBy?: readonly (readonly [heading: string, order: "ascending" | "descending"])[];
  /** Colors of values, by heading and value. */
  readonly valueColors?: Readonly<Record<string, Readonly<Record<string, Color>>>>;
}

export type PanelDefinition =
  | StatPanel
  | GaugePanel
  | GraphPanel
  | HeatmapPanel
  | BarsPanel
  | TablePanel;
