import {
  DRIFT_WINDOWS,
  FEATURE_DRIFT,
  MIN_EFFECTIVE_ROWS,
  OUTPUT_DRIFT,
  QUIET_ROWS,
  toDistanceSeries,
  toEffectiveRowsSeries,
  toLimitSeries,
  toSamplesSeries,
  type DriftKind,
} from "../../../src/default-rules/drift-series.ts";
import type { Alert, VectorSample } from "../prometheus/client.ts";

const KINDS = ["feature", "output"] as const;
/** A window of the drift rule with enough rows. */
export interface DriftWindow {
  /** For example "30 minutes". */
  readonly text: string;
  readonly distance: number;
  /** The larger of what chance explains and the least distance that matters. */
  readonly limit: number;
  /** Number of independent rows that the rows are worth. */
  readonly effectiveRows: number;
}

/** Reading of the drift rule for a distribution. The alert decides about drift, not this page. */
export type Drift =
  | { readonly state: "unknown" }
  | { readonly state: "few"; readonly effectiveRows: number; readonly minRows: number }
  | { readonly state: "alike" | "unconfirmed"; readonly window: DriftWindow }
  | { readonly state: "pending" | "firing"; readonly window: DriftWindow | undefined };

/** Returns a selector of all series that `toDrifts` reads. */
export function toDriftSelector(matchers: string): string {
  const names = KINDS.flatMap((kind) => [
    ...DRIFT_WINDOWS.flatMap(({ window }) =>
      [toDistanceSeries, toLimitSeries, toEffectiveRowsSeries].map((to) => to(kind, window)),
    ),
    toSamplesSeries(kind, "1h"),
  ]);
  return `{__name__=~"${[...names, MIN_EFFECTIVE_ROWS].join("|")}",${matchers}}`;
}

interface Model {
  readonly name: string;
  readonly version: number;
}

/** Returns a function from the name of a distribution to its reading. */
export function toDrifts(
  kind: DriftKind,
  model: Model,
  samples: readonly VectorSample[],
  alerts: readonly Alert[],
): (name: string) => Drift {
  const values = new Map<string, number>();
  const jobs = new Set<string>();
  for (const { metric, value } of samples) {
    const job = metric["job"] ?? "";
    jobs.add(job);
    values.set(`${metric["__name__"]}\n${job}\n${metric[kind] ?? ""}`, Number(value[1]));
  }
  return (name) => {
    const drifts = [...jobs].map((job) => {
      const read = (series: string, of = name): number | undefined =>
        values.get(`${series}\n${job}\n${of}`);
      return readJob(kind, read, findState(kind, model, name, job, alerts));
    });
    return drifts.toSorted((a, b) => RANKS[b.state] - RANKS[a.state])[0] ?? { state: "unknown" };
  };
}

/** The worst of several jobs with the same model is shown. */
const RANKS: Readonly<Record<Drift["state"], number>> = {
  unknown: 0,
  few: 1,
  alike: 2,
  unconfirmed: 3,
  pending: 4,
  firing: 5,
};

function readJob(
  kind: DriftKind,
  read: (series: string, of?: string) => number | undefined,
  alert: "pending" | "firing" | undefined,
): Drift {
  const minRows = read(MIN_EFFECTIVE_ROWS, "");
  const isQuiet = (read(toSamplesSeries(kind, "1h")) ?? 0) < QUIET_ROWS;
  const windows = DRIFT_WINDOWS.flatMap(({ window, text }) => {
    const distance = read(toDistanceSeries(kind, window));
    const limit = read(toLimitSeries(kind, window));
    const effectiveRows = read(toEffectiveRowsSeries(kind, window));
    if (effectiveRows === undefined || (window === "6h" && !isQuiet)) return [];
    return [{ text, distance, limit, effectiveRows }];
  });
  if (minRows === undefined)
    return alert === undefined ? NONE : { state: alert, window: undefined };
  const withRows = windows.filter(({ effectiveRows }) => effectiveRows >= minRows);
  // A distribution with bins that were dropped has no limit: its distance would be wrong.
  const enough = withRows.flatMap(({ distance, limit, ...window }): DriftWindow[] =>
    distance === undefined || limit === undefined ? [] : [{ ...window, distance, limit }],
  );
  if (alert !== undefined) {
    return { state: alert, window: enough.find(isOver) ?? enough[0] };
  }
  const [window] = enough;
  if (window === undefined) {
    if (windows.length === 0 || withRows.length > 0) return NONE;
    const effectiveRows = Math.max(...windows.map((each) => each.effectiveRows));
    return { state: "few", effectiveRows, minRows };
  }
  return { state: isOver(window) ? "unconfirmed" : "alike", window };
}

const NONE = { state: "unknown" } as const;

function isOver({ distance, limit }: DriftWindow): boolean {
  return distance > limit;
}

function findState(
  kind: DriftKind,
  model: Model,
  name: string,
  job: string,
  alerts: readonly Alert[],
): "pending" | "firing" | undefined {
  const own = alerts.filter(
    ({ labels }) =>
      labels["alertname"] === (kind === "feature" ? FEATURE_DRIFT : findAlert(name)) &&
      labels["job"] === job &&
      labels["model"] === model.name &&
      labels["version"] === String(model.version) &&
      labels[kind] === name,
  );
  return (["firing", "pending"] as const).find((wanted) =>
    own.some(({ state }) => state === wanted),
  );
}

function findAlert(output: string): string | undefined {
  return Object.entries(OUTPUT_DRIFT).find(([name]) => name === output)?.[1];
}
