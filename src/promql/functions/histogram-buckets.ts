import { toLabelsKey, withoutLabels } from "../../series/labels.ts";
import { BUCKET_LABEL, METRIC_NAME, type Labels } from "../../series/series.ts";
import type { Expr } from "../syntax/ast.ts";
import type { Evaluation } from "../evaluate/evaluation.ts";
import { createColumn, dropNames, type Column, type VectorValue } from "../evaluate/values.ts";

/** The buckets of one classic histogram at one step, by ascending bound, with cumulative counts. */
export interface Buckets {
  readonly bounds: Float64Array;
  readonly counts: Float64Array;
  /** Number of buckets; later array elements have no meaning. */
  size: number;
}

/** Calculates a value from a histogram. @param name metric name, "" without one */
export type HistogramReducer = (buckets: Buckets, step: number, name: string) => number;

const FLOAT = /^[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?|inf|infinity)$/i;
const BUCKET_ONLY: ReadonlySet<string> = new Set([BUCKET_LABEL]);

/**
 * Groups the series of a vector to histograms by their names and all labels but `le`, and reduces each at every step.
 */
export function reduceHistograms(
  env: Evaluation,
  columns: readonly Column[],
  arg: Expr,
  count: number,
  reduce: HistogramReducer,
): VectorValue {
  const results = toHistograms(env, columns, arg).map(({ labels, dropName, series }) => {
    const result = createColumn(env.budget, { labels, dropName }, count);
    const buckets: Buckets = {
      bounds: new Float64Array(series.length),
      counts: new Float64Array(series.length),
      size: 0,
    };
    const name = labels.get(METRIC_NAME) ?? "";
    for (let i = 0; i < count; i++) {
      env.budget.spend(series.length);
      fill(buckets, series, i);
      if (buckets.size === 0) continue;
      result.values[i] = reduce(buckets, i, name);
      result.present[i] = 1;
    }
    return result;
  });
  return { type: "vector", columns: dropNames(results, env.options.delayedNameRemoval) };
}

interface Histogram {
  readonly labels: Labels;
  readonly dropName: boolean;
  /** Ascending by bound. */
  readonly series: readonly BucketSeries[];
}

interface BucketSeries {
  readonly bound: number;
  readonly column: Column;
}

function toHistograms({ notes }: Evaluation, columns: readonly Column[], arg: Expr): Histogram[] {
  const histograms = new Map<
    string,
    { labels: Labels; dropName: boolean; series: BucketSeries[] }
  >();
  for (const column of columns) {
    const text = column.labels.get(BUCKET_LABEL) ?? "";
    if (!FLOAT.test(text)) {
      const name = column.labels.get(METRIC_NAME);
      const metric = name === undefined ? "" : ` for metric name ${JSON.stringify(name)}`;
      notes.warn(
        `bucket label "le" is missing or has a malformed value of ${JSON.stringify(text)}${metric}`,
        arg,
      );
      continue;
    }
    const labels = withoutLabels(column.labels, BUCKET_ONLY);
    const key = toLabelsKey(labels);
    let histogram = histograms.get(key);
    if (histogram === undefined) {
      histogram = { labels, dropName: column.dropName, series: [] };
      histograms.set(key, histogram);
    }
    histogram.series.push({ bound: toBound(text), column });
  }
  return [...histograms.values()].map((one) => ({
    ...one,
    series: one.series.toSorted((a, b) => (a.bound < b.bound ? -1 : Number(a.bound > b.bound))),
  }));
}

function toBound(text: string): number {
  const infinite = /^([+-]?)inf/i.exec(text);
  if (infinite === null) return Number(text);
  return infinite[1] === "-" ? -Infinity : Infinity;
}

/** Returns the buckets of a step; differently written bounds with the same value are merged. */
function fill(buckets: Buckets, series: readonly BucketSeries[], step: number): void {
  const { bounds, counts } = buckets;
  let size = 0;
  for (const { bound, column } of series) {
    if (column.present[step] === 0) continue;
    if (size > 0 && bounds[size - 1] === bound) counts[size - 1]! += column.values[step]!;
    else {
      bounds[size] = bound;
      counts[size] = column.values[step]!;
      size++;
    }
  }
  buckets.size = size;
}
