import type { Evaluation } from "../evaluate/evaluation.ts";
import {
  createColumn,
  dropNames,
  isEmpty,
  mergeSame,
  type Column,
  type RangeSeries,
  type RangeValue,
  type Value,
  type VectorValue,
} from "../evaluate/values.ts";

/** Reduces one window: the samples from `begin` to before `end`, at a step. */
export type WindowReducer = (begin: number, end: number, step: number) => number;

export function toRange(value: Value | undefined): RangeValue {
  if (value?.type !== "range vector") throw new Error("the type check let a non-range through");
  return value;
}

/**
 * Returns a vector with a value for each window with enough samples.
 *
 * @param create called once for each series; returns the reducer of its windows, from the first to the last
 * @param keepNames true if values are unchanged samples
 */
export function reduceWindows(
  env: Evaluation,
  range: RangeValue,
  minSamples: number,
  create: (series: RangeSeries) => WindowReducer,
  keepNames = false,
): VectorValue {
  const count = range.windowEnds.length;
  const columns: Column[] = [];
  for (const series of range.series) {
    const { begins, ends } = series.windows;
    const column = createColumn(env.budget, series, count);
    const reduce = create(series);
    for (let i = 0; i < count; i++) {
      const begin = begins[i]!;
      const end = ends[i]!;
      if (end - begin < minSamples) continue;
      env.budget.spend(end - begin);
      column.values[i] = reduce(begin, end, i);
      column.present[i] = 1;
    }
    if (!isEmpty(column)) columns.push(column);
  }
  const { delayedNameRemoval } = env.options;
  return {
    type: "vector",
    columns: keepNames ? mergeSame(columns) : dropNames(columns, delayedNameRemoval),
  };
}
