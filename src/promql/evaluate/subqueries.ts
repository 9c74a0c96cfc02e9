import type { Subquery } from "../syntax/ast.ts";
import { toVector, type Evaluation } from "./evaluation.ts";
import { toPositiveMilliseconds } from "./resolve-duration.ts";
import { toMoments } from "./selectors.ts";
import {
  isEmpty,
  toTime,
  type Column,
  type Grid,
  type RangeSeries,
  type RangeValue,
} from "./values.ts";
import { findWindows } from "./windows.ts";

/**
 * Evaluates the inner expression at integer multiples of the subquery's step, independent of the outer steps, and cuts
 * windows from the results.
 */
export function evaluateSubquery(env: Evaluation, subquery: Subquery, grid: Grid): RangeValue {
  const rangeMs = toPositiveMilliseconds(env, subquery.range, subquery);
  const stepMs =
    subquery.step === undefined
      ? env.options.subqueryStepSeconds * 1_000
      : toPositiveMilliseconds(env, subquery.step, subquery);
  const windowEnds = toMoments(env, subquery, grid);
  const before = windowEnds[0]! - rangeMs;
  let startMs = stepMs * Math.trunc(before / stepMs);
  if (startMs <= before) startMs += stepMs;
  const count = Math.floor((windowEnds.at(-1)! - startMs) / stepMs) + 1;
  if (count <= 0) return { type: "range vector", series: [], rangeMs, windowEnds };
  // Checked before anything is allocated: a year in steps of a millisecond exceeds the memory.
  env.budget.hold(count);
  const inner: Grid = { startMs, stepMs, count };
  const { columns } = toVector(env.evaluate(subquery.expr, inner));
  const allTimes = Float64Array.from({ length: count }, (_, i) => toTime(inner, i));
  const allWindows = findWindows(env.budget, allTimes, windowEnds, rangeMs);
  const series: RangeSeries[] = [];
  for (const column of columns) {
    if (isEmpty(column)) continue;
    const { labels, dropName } = column;
    if (column.present.includes(0)) {
      env.budget.hold(count);
      const { times, values } = compact(allTimes, column);
      series.push({
        labels,
        dropName,
        times,
        values,
        windows: findWindows(env.budget, times, windowEnds, rangeMs),
      });
    } else {
      series.push({
        labels,
        dropName,
        times: allTimes,
        values: column.values,
        windows: allWindows,
      });
    }
  }
  return { type: "range vector", series, rangeMs, windowEnds };
}

function compact(times: Float64Array, { values, present }: Column) {
  const isThere = (_: number, i: number): boolean => present[i] === 1;
  return { times: times.filter(isThere), values: values.filter(isThere) };
}
