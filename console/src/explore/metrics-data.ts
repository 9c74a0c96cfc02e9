import type { Client } from "../prometheus/client.ts";
import { findMetadata, type Metadata } from "./metadata.ts";

export interface MetricRow {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  /** Series with a sample in the last minutes. */
  readonly series: number;
}

/** Counts of `status/tsdb`: of the whole history, or of Prometheus's newest two hours. */
export interface Cardinality {
  readonly headStats: { readonly numSeries: number };
  readonly labelValueCountByLabelName: readonly Count[];
  readonly memoryInBytesByLabelName: readonly Count[];
  readonly seriesCountByLabelValuePair: readonly Count[];
}

interface Count {
  readonly name: string;
  readonly value: number;
}

const SERIES_PER_METRIC = 'count by (__name__) ({__name__!=""})';
/** Rows of each list of `status/tsdb`. Versions before 2.46 return 10. */
const TOP = 100;

export async function countSeries(
  client: Client,
  timeSeconds: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  return readCounts(client, SERIES_PER_METRIC, "__name__", timeSeconds, signal);
}

/** Reads the cardinality; undefined if the server has no such endpoint. */
export function readCardinality(
  client: Client,
  signal: AbortSignal,
): Promise<Cardinality | undefined> {
  return client.data<Cardinality>("status/tsdb", { limit: TOP }, signal).catch(() => undefined);
}

/** A label of a metric, with the number of series of each of its values, most first. */
export interface MetricLabel {
  readonly name: string;
  readonly values: readonly (readonly [value: string, series: number])[];
}

/** Counts the series of a metric for each value of each label. @throws ApiError */
export async function countLabelValues(
  client: Client,
  metric: string,
  timeSeconds: number,
  signal: AbortSignal,
): Promise<readonly MetricLabel[]> {
  const selector = `{__name__=${JSON.stringify(metric)}}`;
  const labels = await client.data<readonly string[]>("labels", { "match[]": selector }, signal);
  const counted = await Promise.all(
    labels
      .filter((name) => name !== "__name__")
      .map(async (name) => {
        const query = `count by (${quoteLabel(name)}) (${selector})`;
        const counts = await readCounts(client, query, name, timeSeconds, signal);
        return { name, values: [...counts].filter(([value]) => value !== "") };
      }),
  );
  return counted
    .filter(({ values }) => values.length > 0)
    .toSorted((a, b) => b.values.length - a.values.length || (a.name < b.name ? -1 : 1));
}

function quoteLabel(name: string): string {
  return /^[a-zA-Z_]\w*$/.test(name) ? name : JSON.stringify(name);
}

async function readCounts(
  client: Client,
  query: string,
  label: string,
  timeSeconds: number,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const result = await client.query(query, timeSeconds, signal);
  if (result.resultType !== "vector") return new Map();
  const counts = result.result.map(
    ({ metric, value }) => [metric[label] ?? "", Number(value[1])] as const,
  );
  return new Map(counts.toSorted(([a, inA], [b, inB]) => inB - inA || (a < b ? -1 : 1)));
}

/** Lists metrics, those with most series first. */
export function listMetrics(
  names: readonly string[],
  counts: ReadonlyMap<string, number>,
  metadata: Metadata,
): readonly MetricRow[] {
  return names
    .map((name) => {
      const { type = "", help = "" } = findMetadata(metadata, name) ?? {};
      return { name, type, help, series: counts.get(name) ?? 0 };
    })
    .toSorted((a, b) => b.series - a.series || (a.name < b.name ? -1 : 1));
}

/** Returns the metrics whose name or help contains every word. */
export function searchMetrics(rows: readonly MetricRow[], search: string): readonly MetricRow[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return rows.filter(({ name, help }) => {
    const text = `${name} ${help}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
}
