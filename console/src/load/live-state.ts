import type { LogLine } from "../../../src/load/contract/log-line.ts";
import type { RunReport, SeriesPoint } from "../../../src/load/contract/report.ts";
import type { LoadDocument, SecondUpdate } from "../../../src/load/contract/load-document.ts";
import type { Failure } from "../lib/api.ts";

/** Number of log lines that the server stores. */
const LOG_LINES = 1_000;

export interface LiveState {
  readonly connection: "connecting" | "open" | "lost";
  /** null until the first reply. */
  readonly about: Omit<LoadDocument, "report" | "logs"> | null;
  readonly report: RunReport | null;
  readonly logs: readonly LogLine[];
  /** Reason for the missing first reply. */
  readonly problem: { readonly message: string; readonly failure: Failure } | null;
}

export const FIRST_STATE: LiveState = {
  connection: "connecting",
  about: null,
  report: null,
  logs: [],
  problem: null,
};

export type LiveAction =
  | { readonly type: "connection"; readonly connection: LiveState["connection"] }
  | { readonly type: "document"; readonly document: LoadDocument }
  | { readonly type: "problem"; readonly message: string; readonly failure: Failure }
  | { readonly type: "report"; readonly report: RunReport }
  | { readonly type: "second"; readonly update: SecondUpdate }
  | { readonly type: "log"; readonly line: LogLine };

export function reduceLive(state: LiveState, action: LiveAction): LiveState {
  switch (action.type) {
    case "connection":
      return { ...state, connection: action.connection };
    case "document": {
      const { report, logs, ...about } = action.document;
      const last = logs.at(-1)?.time_ms ?? -Infinity;
      const newer = state.logs.filter(({ time_ms: time }) => time > last);
      return { ...state, about, report, logs: [...logs, ...newer], problem: null };
    }
    case "problem":
      return { ...state, problem: { message: action.message, failure: action.failure } };
    case "report":
      return { ...state, report: action.report };
    case "second":
      return { ...state, report: mergeSecond(state.report, action.update) };
    case "log":
      return { ...state, logs: [...state.logs, action.line].slice(-LOG_LINES) };
  }
}

/** Merges the previous report with the newest second. */
export function mergeSecond(report: RunReport | null, update: SecondUpdate): RunReport {
  const { points, ...rest } = update;
  const series = report?.id === update.id ? appendPoints(report.series, points) : points;
  return { ...rest, series };
}

/** Appends new points. A repeated point replaces the old one; a point with an earlier time (a reset) replaces all later points. */
export function appendPoints(
  series: readonly SeriesPoint[],
  points: readonly SeriesPoint[],
): readonly SeriesPoint[] {
  const first = points[0];
  if (first === undefined) return series;
  let end = series.length;
  while (end > 0 && (series[end - 1]?.elapsed_seconds ?? 0) >= first.elapsed_seconds) end--;
  return [...series.slice(0, end), ...points];
}
