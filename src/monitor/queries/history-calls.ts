import type { AlertDescription, GroupDescription, RuleFilter } from "../../alerts/alerts.ts";
import { createMatcher } from "../../series/matcher.ts";
import type { Labels, Matcher, MatcherType, SeriesSamples } from "../../series/series.ts";
import type { TargetStatus } from "../../series/scrape/scrape-loop.ts";
import type { SeriesExemplars } from "../../series/store/exemplar-store.ts";
import type { StoreStatistics } from "../../series/store/series-store.ts";
import type { ApiParts } from "../api/api.ts";
import { Transferred } from "./sync-calls.ts";

/** Calls of the query thread to the monitor thread, which has the history. */
export interface HistoryCalls {
  select(argument: Selection & { readonly maxSamples: number }): PackedSeries;
  find(selection: Selection): readonly Labels[];
  labelNames(argument: undefined): readonly string[];
  labelValues(name: string): readonly (readonly [value: string, series: number])[];
  statistics(argument: undefined): StoreStatistics;
  findExemplars(selection: Selection): readonly SeriesExemplars[];
  listTargets(argument: undefined): readonly TargetStatus[];
  listGroups(filter: RuleFilter): readonly GroupDescription[];
  listAlerts(argument: undefined): readonly AlertDescription[];
}

interface Selection {
  readonly matchers: readonly SentMatcher[];
  readonly fromMs: number;
  readonly toMs: number;
}

/**
 * A matcher that is cheap: a comparison, or the values that an expensive regular expression matches. Only the query thread runs
 * those, because the time that they take is not bounded.
 */
export type SentMatcher =
  | { readonly name: string; readonly type: MatcherType; readonly value: string }
  | { readonly name: string; readonly values: ReadonlySet<string> };

/** Series in few buffers: a transfer costs some microseconds for each buffer. */
export interface PackedSeries {
  readonly labels: readonly Labels[];
  /** The different times of the series. */
  readonly axes: readonly Float64Array[];
  /** For each series, the index of its times. */
  readonly axisOf: Uint32Array;
  /** The values of all series, one after the other. */
  readonly values: Float64Array;
  /** Staleness markers like `values`; null without markers. */
  readonly stale: Uint8Array | null;
  /** 1 for series with staleness markers. */
  readonly hasStale: Uint8Array;
}

/** Serves the data sources of the API. Each call takes time in proportion to its result. */
export function createHistoryHandlers({
  store,
  exemplars,
  listTargets,
  alerting,
}: Pick<ApiParts, "store" | "exemplars" | "listTargets" | "alerting">): {
  readonly [K in keyof HistoryCalls]: (argument: Parameters<HistoryCalls[K]>[0]) => unknown;
} {
  return {
    select({ matchers, fromMs, toMs, maxSamples }) {
      return pack(store.select(matchers.map(toMatcher), fromMs, toMs, maxSamples));
    },
    find: ({ matchers, fromMs, toMs }) => store.find([matchers.map(toMatcher)], fromMs, toMs),
    labelNames: () => [...store.labelNames()],
    labelValues: (name) => [...store.labelValues(name)],
    statistics: () => store.statistics(),
    findExemplars: ({ matchers, fromMs, toMs }) =>
      exemplars.find([matchers.map(toMatcher)], fromMs, toMs),
    listTargets: () => listTargets(),
    listGroups: (filter) => alerting.listGroups(filter),
    listAlerts: () => alerting.listAlerts(),
  };
}

function toMatcher(sent: SentMatcher): Matcher {
  if ("type" in sent) return createMatcher(sent.name, sent.type, sent.value);
  const { name, values } = sent;
  return { name, type: "=~", value: "", cost: 0, matches: (value) => values.has(value) };
}

function pack(series: readonly SeriesSamples[]): Transferred<PackedSeries> {
  const positions = new Map<Float64Array, number>();
  const axes: Float64Array<ArrayBuffer>[] = [];
  const axisOf = new Uint32Array(series.length);
  const total = series.reduce((sum, { times }) => sum + times.length, 0);
  const values = new Float64Array(total);
  const isStale = series.some(({ stale }) => stale !== null);
  const stale = isStale ? new Uint8Array(total) : null;
  const hasStale = new Uint8Array(series.length);
  let at = 0;
  for (const [i, one] of series.entries()) {
    let axis = positions.get(one.times);
    if (axis === undefined) {
      // A copy: the times of a store belong to a larger buffer.
      axis = axes.push(Float64Array.from(one.times)) - 1;
      positions.set(one.times, axis);
    }
    axisOf[i] = axis;
    values.set(one.values, at);
    if (one.stale !== null) {
      stale?.set(one.stale, at);
      hasStale[i] = 1;
    }
    at += one.times.length;
  }
  const packed = {
    labels: series.map(({ labels }) => labels),
    axes,
    axisOf,
    values,
    stale,
    hasStale,
  };
  const buffers = [axisOf, values, hasStale, ...axes].map(({ buffer }) => buffer);
  return new Transferred(packed, stale === null ? buffers : [...buffers, stale.buffer]);
}

export function unpack({
  labels,
  axes,
  axisOf,
  values,
  stale,
  hasStale,
}: PackedSeries): readonly SeriesSamples[] {
  let at = 0;
  return labels.map((one, i) => {
    const times = axes[axisOf[i]!]!;
    const end = at + times.length;
    const markers = hasStale[i] === 1 && stale !== null ? stale.subarray(at, end) : null;
    const series = { labels: one, times, values: values.subarray(at, end), stale: markers };
    at = end;
    return series;
  });
}
