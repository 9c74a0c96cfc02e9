import type { SeriesSamples } from "../../series/series.ts";
import type { RangeSelector, VectorSelector } from "../syntax/ast.ts";
import { createExecutionError } from "../errors.ts";
import type { Evaluation } from "./evaluation.ts";
import { select } from "./select.ts";
import { toMilliseconds, toPositiveMilliseconds } from "./resolve-duration.ts";
import {
  createColumn,
  isEmpty,
  toTime,
  type Column,
  type Grid,
  type RangeSeries,
  type RangeValue,
  type VectorValue,
  type Windows,
} from "./values.ts";
import { countUpTo, findWindows } from "./windows.ts";

/** Returns the times that a selector reads: those of the grid, moved by `@` and `offset`. */
export function toMoments(
  env: Evaluation,
  { at, offset }: Pick<VectorSelector, "at" | "offset">,
  grid: Grid,
): Float64Array {
  const back = offset === undefined ? 0 : toMilliseconds(env, offset);
  if (!Number.isFinite(back)) throw createExecutionError("the offset is not a finite duration");
  const pinned = toPinned(env, at);
  const moments = new Float64Array(grid.count);
  for (let i = 0; i < grid.count; i++) moments[i] = (pinned ?? toTime(grid, i)) - back;
  return moments;
}

function toPinned({ query }: Evaluation, at: VectorSelector["at"]): number | undefined {
  if (at === "start") return query.startMs;
  if (at === "end") return query.endMs;
  return at;
}

/** For each step, the newest sample in (t − lookback, t], unless it is a staleness marker. */
export function evaluateVectorSelector(
  env: Evaluation,
  selector: VectorSelector,
  grid: Grid,
): VectorValue {
  return gatherNewest(env, selector, grid, (series) => series.values);
}

/** The same, but the sample's time in seconds: the input of `timestamp` for a bare selector. */
export function evaluateSampleTimes(
  env: Evaluation,
  selector: VectorSelector,
  grid: Grid,
): VectorValue {
  return gatherNewest(env, selector, grid, (series) => series.times.map((time) => time / 1_000));
}

function gatherNewest(
  env: Evaluation,
  selector: VectorSelector,
  grid: Grid,
  toValues: (series: SeriesSamples) => Float64Array,
): VectorValue {
  const { budget, options } = env;
  const lookback = options.lookbackSeconds * 1_000;
  const moments = toMoments(env, selector, grid);
  const last = moments.length - 1;
  const selected = select(env, selector.matchers, moments[0]! - lookback + 1, moments[last]!);
  const counts = new Map<Float64Array, Int32Array>();
  const columns: Column[] = [];
  for (const series of selected) {
    budget.spend(grid.count);
    let newest = counts.get(series.times);
    if (newest === undefined) {
      newest = countUpTo(series.times, moments);
      counts.set(series.times, newest);
    }
    const column = createColumn(budget, { labels: series.labels, dropName: false }, grid.count);
    fillColumn(column, series, toValues(series), newest, moments, lookback);
    if (isEmpty(column)) continue;
    columns.push(column);
    budget.selected.series += 1;
    budget.selected.samples += countOnes(column.present);
  }
  return { type: "vector", columns };
}

function countOnes(flags: Uint8Array): number {
  let ones = 0;
  for (let i = 0; i < flags.length; i++) ones += flags[i]!;
  return ones;
}

function fillColumn(
  { values, present }: Column,
  { times, stale }: SeriesSamples,
  from: Float64Array,
  newest: Int32Array,
  moments: Float64Array,
  lookback: number,
): void {
  for (let i = 0; i < values.length; i++) {
    const at = newest[i]! - 1;
    if (at < 0 || times[at]! <= moments[i]! - lookback) continue;
    if (stale !== null && stale[at] === 1) continue;
    values[i] = from[at]!;
    present[i] = 1;
  }
}

/** For each step, the samples in (t − range, t], without staleness markers. */
export function evaluateRangeSelector(
  env: Evaluation,
  { selector, range }: RangeSelector,
  grid: Grid,
): RangeValue {
  const rangeMs = toPositiveMilliseconds(env, range, selector);
  const windowEnds = toMoments(env, selector, grid);
  const from = windowEnds[0]! - rangeMs + 1;
  const selected = select(env, selector.matchers, from, windowEnds.at(-1)!);
  const windowsOf = new Map<Float64Array, Windows>();
  const series: RangeSeries[] = [];
  for (const one of selected) {
    env.budget.spend(grid.count);
    const { times, values } = withoutStale(env, one);
    let windows = windowsOf.get(times);
    if (windows === undefined) {
      windows = findWindows(env.budget, times, windowEnds, rangeMs);
      windowsOf.set(times, windows);
    }
    if (windows.ends.at(-1) === windows.begins[0]) continue;
    series.push({ labels: one.labels, dropName: false, times, values, windows });
    env.budget.selected.series += 1;
    env.budget.selected.samples += countWithin(windows);
  }
  return { type: "range vector", series, rangeMs, windowEnds };
}

/** Returns the number of samples of all windows. */
function countWithin({ begins, ends }: Windows): number {
  let samples = 0;
  for (let i = 0; i < begins.length; i++) samples += ends[i]! - begins[i]!;
  return samples;
}

function withoutStale(
  { budget }: Evaluation,
  series: SeriesSamples,
): Pick<SeriesSamples, "times" | "values"> {
  const { stale } = series;
  if (stale === null || !stale.includes(1)) return series;
  budget.hold(stale.length);
  const isKept = (_: number, i: number): boolean => stale[i] === 0;
  return { times: series.times.filter(isKept), values: series.values.filter(isKept) };
}
