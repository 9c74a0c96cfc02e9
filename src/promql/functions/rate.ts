import { METRIC_NAME } from "../../series/series.ts";
import type { Evaluation, FunctionCall, FunctionImplementation } from "../evaluate/evaluation.ts";
import type { RangeSeries, RangeValue } from "../evaluate/values.ts";
import { reduceWindows, toRange, type WindowReducer } from "./reduce-windows.ts";

/** A gap between a window's edge and its nearest sample of up to this many mean intervals counts as normal. */
const EXTRAPOLATION_THRESHOLD = 1.1;
const COUNTER_SUFFIX = /_(?:total|sum|count|bucket)$/;

/** Per second. */
export const rate: FunctionImplementation = (env, [value], call) => {
  const range = toRange(value);
  noteNonCounters(env, range, call);
  return reduceWindows(env, range, 2, (series) =>
    createExtrapolated(series, range, { counter: true, perSecond: true }),
  );
};

export const increase: FunctionImplementation = (env, [value], call) => {
  const range = toRange(value);
  noteNonCounters(env, range, call);
  return reduceWindows(env, range, 2, (series) =>
    createExtrapolated(series, range, { counter: true, perSecond: false }),
  );
};

/** For gauges. */
export const delta: FunctionImplementation = (env, [value]) => {
  const range = toRange(value);
  return reduceWindows(env, range, 2, (series) =>
    createExtrapolated(series, range, { counter: false, perSecond: false }),
  );
};

/** Per second, from the last two samples; after a counter reset, the counter started at zero. */
export const irate: FunctionImplementation = (env, [value]) =>
  reduceWindows(env, toRange(value), 2, ({ times, values }) => (_, end) => {
    const last = values[end - 1]!;
    const before = values[end - 2]!;
    const seconds = (times[end - 1]! - times[end - 2]!) / 1_000;
    return (last < before ? last : last - before) / seconds;
  });

export const idelta: FunctionImplementation = (env, [value]) =>
  reduceWindows(
    env,
    toRange(value),
    2,
    ({ values }) =>
      (_, end) =>
        values[end - 1]! - values[end - 2]!,
  );

/**
 * Returns the difference of the last and the first sample, extrapolated to the window's edges if the series probably
 * continues there, and else by half an interval. Counter resets are added, and a counter is not extrapolated below
 * zero.
 */
function createExtrapolated(
  { times, values, windows }: RangeSeries,
  { rangeMs, windowEnds }: RangeValue,
  { counter, perSecond }: { readonly counter: boolean; readonly perSecond: boolean },
): WindowReducer {
  const resets = counter ? findResets(values, windows.begins[0]!, windows.ends.at(-1)!) : [];
  // Windows only move forward, so resets that left a window do not return.
  let firstReset = 0;
  return (begin, end, step) => {
    const first = values[begin]!;
    let difference = values[end - 1]! - first;
    while (firstReset < resets.length && resets[firstReset]! <= begin) firstReset++;
    for (let r = firstReset; r < resets.length && resets[r]! < end; r++) {
      difference += values[resets[r]! - 1]!;
    }
    const windowEnd = windowEnds[step]!;
    const sampled = (times[end - 1]! - times[begin]!) / 1_000;
    const mean = sampled / (end - 1 - begin);
    const threshold = mean * EXTRAPOLATION_THRESHOLD;
    let toStart = (times[begin]! - (windowEnd - rangeMs)) / 1_000;
    if (toStart >= threshold) toStart = mean / 2;
    if (counter && difference > 0 && first >= 0) {
      toStart = Math.min(toStart, sampled * (first / difference));
    }
    let toEnd = (windowEnd - times[end - 1]!) / 1_000;
    if (toEnd >= threshold) toEnd = mean / 2;
    const factor = (sampled + toStart + toEnd) / sampled;
    return difference * (perSecond ? factor / (rangeMs / 1_000) : factor);
  };
}

/** Returns the indices of samples below the previous one. */
function findResets(values: Float64Array, from: number, to: number): number[] {
  const resets: number[] = [];
  for (let i = Math.max(from, 0) + 1; i < to; i++) if (values[i]! < values[i - 1]!) resets.push(i);
  return resets;
}

function noteNonCounters({ notes }: Evaluation, range: RangeValue, { args }: FunctionCall): void {
  for (const { labels } of range.series) {
    const name = labels.get(METRIC_NAME);
    if (name === undefined || COUNTER_SUFFIX.test(name)) continue;
    notes.info(
      `metric might not be a counter, name does not end in _total/_sum/_count/_bucket: ${JSON.stringify(name)}`,
      args[0]!,
    );
  }
}
