/**
 * What a dashboard is, in this project's words: rows of panels, each panel one question with its queries. `toDashboard`
 * (dashboard.ts) makes Grafana's JSON of it: places, ids, legends, variables and links follow by themselves.
 */
export interface DashboardDefinition {
  /** Stays the same for ever: addresses of dashboards are made of it. */
  readonly uid: string;
  readonly title: string;
  /** The question that the dashboard answers. */
  readonly description: string;
  readonly rows: readonly RowDefinition[];
}

export interface RowDefinition {
  readonly title: string;
  /** From left to right; a panel that does not fit begins a new line. */
  readonly panels: readonly PanelDefinition[];
}

export interface QueryDefinition {
  /** PromQL, with Grafana's variables. */
  readonly expr: string;
  /** Name of its series, with `{{label}}`. */
  readonly legend: string;
  /** Why there may be nothing to show on a healthy server. Told on the panel too. */
  readonly mayBeEmpty?: string;
  /** Why a rate has another window than `$__rate_interval` or the selected range. */
  readonly fixedWindow?: string;
  /** Why a counter is shown as it stands instead of its growth. */
  readonly total?: string;
}

export interface Limit {
  readonly from: number;
  readonly color: Color;
}
export type Color = "green" | "yellow" | "orange" | "red" | "blue" | "purple" | "text";

interface Panel {
  /** One of a kind in its dashboard. */
  readonly title: string;
  readonly description: string;
  /** A unit of Grafana: `s`, `percentunit`, `reqps`, `bytes`, `short`, … */
  readonly unit: string;
  readonly queries: readonly QueryDefinition[];
  /** Columns of 24. */
  readonly width?: number;
  /** Lines of 30 pixels and 8 between them. */
  readonly height?: number;
  readonly decimals?: number;
  readonly min?: number;
  readonly max?: number;
  /** Where the value begins to mean something else; the first holds from −∞. The description says what they mean. */
  readonly limits?: readonly Limit[];
}

/** One number for now. From an instant query: the last of a history would go on to be shown of a server that is gone. */
export interface StatPanel extends Panel {
  readonly kind: "stat";
}
/** One number for now, against its bounds. */
export interface GaugePanel extends Panel {
  readonly kind: "gauge";
  readonly min: number;
  readonly max: number;
}
/** Lines over time. */
export interface GraphPanel extends Panel {
  readonly kind: "graph";
  readonly stacked?: boolean;
  /** Series, by their shown names, that have an axis and a unit of their own. */
  readonly rightAxis?: { readonly series: string; readonly unit: string };
  /** Colours that mean something, by a regular expression on shown names. */
  readonly colors?: readonly (readonly [pattern: string, color: Color])[];
}
/** Buckets of a histogram over time; the query gives rates by `le`. */
export interface HeatmapPanel extends Panel {
  readonly kind: "heatmap";
}
/** Values side by side. */
export interface BarsPanel extends Panel {
  readonly kind: "bars";
  /** The query gives cumulative buckets by `le`, and each bar shall be what is in one bucket. */
  readonly isHistogram?: boolean;
}
/** Instant values by label; each query is a column. */
export interface TablePanel extends Panel {
  readonly kind: "table";
  /** Labels that are columns, from left to right, with their headings. Columns of queries follow, headed by legends. */
  readonly labels: Readonly<Record<string, string>>;
  /** By a query's legend: a unit other than the panel's. */
  readonly units?: Readonly<Record<string, string>>;
  /** By a query's legend: drawn as bars up to 1. */
  readonly bars?: readonly string[];
}

export type PanelDefinition =
  | StatPanel
  | GaugePanel
  | GraphPanel
  | HeatmapPanel
  | BarsPanel
  | TablePanel;
