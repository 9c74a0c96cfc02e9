import type { Dashboard, Panel } from "../grafana/dashboard.ts";
import { asNumber, asText } from "../grafana/json.ts";
import { formatUnit } from "../grafana/units.ts";
import { NO_VALUE } from "../lib/format.ts";
import type { QueryResult } from "../prometheus/client.ts";

/** The dashboard whose panels the numbers are: queries and units are stated once. */
export const DASHBOARD = "tepal-overview";

export type NumberName = "requests" | "errors" | "p50" | "p95" | "p99" | "outliers" | "predictions";

interface Declaration {
  readonly label: string;
  /** Title of the panel. */
  readonly panel: string;
  /** Explains the number, below it. */
  readonly note: string;
  /** Replaces the panel's expression. */
  readonly expr?: string;
  readonly unit?: string;
}

const DECLARATIONS: Readonly<Record<NumberName, Declaration>> = {
  requests: { label: "Requests", panel: "Request rate", note: "last minute" },
  errors: { label: "Errors", panel: "Error rate", note: "share of requests with 5xx" },
  p50: { label: "Median latency", panel: "Median latency (p50)", note: "p50, last minute" },
  p95: { label: "p95 latency", panel: "p95 latency", note: "last minute" },
  p99: { label: "p99 latency", panel: "p99 latency", note: "last minute" },
  outliers: {
    label: "Outliers",
    panel: "Out-of-distribution rows",
    note: "share of rows, last 5 minutes",
  },
  predictions: {
    label: "Predictions",
    panel: "Predictions by class",
    note: "rows since the start",
    expr: "sum(model_predictions_total)",
    unit: "short",
  },
};
export const NUMBER_NAMES = Object.keys(DECLARATIONS) as readonly NumberName[];

/** A number of the Overview, with its panel. */
export interface OverviewNumber {
  readonly name: NumberName;
  readonly label: string;
  readonly note: string;
  readonly expr: string;
  readonly unit: string;
  readonly decimals: number | undefined;
  /** Id of its panel. */
  readonly panel: number;
}

/** Returns the numbers whose panels a dashboard has. */
export function listNumbers(dashboard: Dashboard): readonly OverviewNumber[] {
  const panels = dashboard.panels.flatMap((panel) => [panel, ...panel.panels]);
  return NUMBER_NAMES.flatMap((name) => {
    const panel = panels.find(({ title }) => title === DECLARATIONS[name].panel);
    return panel === undefined ? [] : [toNumber(name, panel)];
  });
}

function toNumber(name: NumberName, panel: Panel): OverviewNumber {
  const { label, note, expr, unit } = DECLARATIONS[name];
  return {
    name,
    label,
    note,
    expr: expr ?? fillExpression(panel.targets[0]?.expr ?? ""),
    unit: unit ?? asText(panel.defaults["unit"]),
    decimals: unit === undefined ? asNumber(panel.defaults["decimals"]) : undefined,
    panel: panel.id,
  };
}

/** Fills the variables of an expression: all servers and models, and the window of current values. */
export function fillExpression(expr: string): string {
  return expr
    .replaceAll(/\$\{?__rate_interval\}?/g, "5m")
    .replaceAll(/\$\{?__range\}?/g, "1h")
    .replaceAll(/\$\{?(?:job|instance|model)\}?/g, ".*");
}

/** Replaces the windows of a filled expression, for example by `1h] offset 1h`. */
export function withWindow(expr: string, window: string, offset = ""): string {
  return expr.replaceAll(/\[\d+[smh]\]/g, `[${window}]${offset === "" ? "" : ` offset ${offset}`}`);
}

export function formatValue(
  { unit, decimals }: Pick<OverviewNumber, "unit" | "decimals">,
  value: number | undefined,
): string {
  if (value === undefined || Number.isNaN(value)) return NO_VALUE;
  const { prefix, text, suffix } = formatUnit(unit, value, decimals);
  return `${prefix}${text}${suffix}`;
}

/** Returns the value of a result of one series; undefined if it has none. */
export function toValue(result: QueryResult): number | undefined {
  if (result.resultType !== "vector") return undefined;
  const value = result.result[0]?.value[1];
  return value === undefined ? undefined : Number(value);
}

/** Returns the values of a result of one series at each step; null where it has none. */
export function toHistory(
  result: QueryResult,
  startSeconds: number,
  stepSeconds: number,
  count: number,
): readonly (number | null)[] {
  const points = result.resultType === "matrix" ? (result.result[0]?.values ?? []) : [];
  const history: (number | null)[] = Array.from({ length: count }, () => null);
  for (const [time, text] of points) {
    const value = Number(text);
    const index = Math.round((time - startSeconds) / stepSeconds);
    if (index >= 0 && index < count && Number.isFinite(value)) history[index] = value;
  }
  return history;
}

export const HISTORY_SECONDS = 3_600;
const POINTS = 60;
const MIN_HISTORY_SECONDS = 60;

/**
 * Returns the time that sparklines cover: the last hour, or what the history has of it, at least a minute.
 * @param oldest beginning of the history, if there is one
 */
export function toHistorySpan(
  nowSeconds: number,
  oldest: number | undefined,
  scrapeSeconds: number,
): { readonly seconds: number; readonly step: number } {
  const covered = nowSeconds - (oldest ?? nowSeconds);
  const seconds = Math.min(HISTORY_SECONDS, Math.max(MIN_HISTORY_SECONDS, covered));
  return { seconds, step: Math.max(scrapeSeconds, seconds / POINTS) };
}
