import { CompensatedMean, CompensatedSum } from "../evaluate/compensated-sum.ts";
import type { FunctionImplementation } from "../evaluate/evaluation.ts";
import type { RangeSeries } from "../evaluate/values.ts";
import { reduceWindows, toRange, type WindowReducer } from "./reduce-windows.ts";

const each =
  (create: (series: RangeSeries) => WindowReducer, keepNames = false): FunctionImplementation =>
  (env, [range]) =>
    reduceWindows(env, toRange(range), 1, create, keepNames);

/** Reduces all samples of a window to a value. */
export const OVER_TIME_FUNCTIONS = {
  sum_over_time: each(({ values }) => (begin, end) => {
    const sum = new CompensatedSum();
    for (let i = begin; i < end; i++) sum.add(values[i]!);
    return sum.total;
  }),
  avg_over_time: each(({ values }) => (begin, end) => {
    const mean = new CompensatedMean();
    for (let i = begin; i < end; i++) mean.add(values[i]!);
    return mean.mean;
  }),
  count_over_time: each(() => (begin, end) => end - begin),
  present_over_time: each(() => () => 1),
  first_over_time: each(
    ({ values }) =>
      (begin) =>
        values[begin]!,
    true,
  ),
  last_over_time: each(
    ({ values }) =>
      (_, end) =>
        values[end - 1]!,
    true,
  ),
  min_over_time: each(({ values }) => (begin, end) => {
    let least = values[begin]!;
    for (let i = begin + 1; i < end; i++) {
      if (values[i]! < least || Number.isNaN(least)) least = values[i]!;
    }
    return least;
  }),
  max_over_time: each(({ values }) => (begin, end) => {
    let most = values[begin]!;
    for (let i = begin + 1; i < end; i++) {
      if (values[i]! > most || Number.isNaN(most)) most = values[i]!;
    }
    return most;
  }),
  stdvar_over_time: each(toVariance),
  stddev_over_time: each((series) => {
    const variance = toVariance(series);
    return (begin, end, step) => Math.sqrt(variance(begin, end, step));
  }),
} satisfies Record<string, FunctionImplementation>;

/** Population variance by Welford's method (1962), compensated. */
function toVariance({ values }: RangeSeries): WindowReducer {
  return (begin, end) => {
    const mean = new CompensatedSum();
    const squares = new CompensatedSum();
    for (let i = begin; i < end; i++) {
      const difference = values[i]! - mean.total;
      mean.add(difference / (i - begin + 1));
      squares.add(difference * (values[i]! - mean.total));
    }
    return squares.total / (end - begin);
  };
}
