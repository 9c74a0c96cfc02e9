import { CompensatedSum } from "../evaluate/compensated-sum.ts";
import { toScalar, type FunctionImplementation } from "../evaluate/evaluation.ts";
import { toTime, type RangeSeries } from "../evaluate/values.ts";
import { reduceWindows, toRange } from "./reduce-windows.ts";

/** Returns the slope per second of the least-squares line. */
export const deriv: FunctionImplementation = (env, [range]) =>
  reduceWindows(env, toRange(range), 2, (series) => (begin, end) => {
    return fitLine(series, begin, end, series.times[begin]!).slope;
  });

/** Extrapolates the line by a number of seconds after the evaluation time. */
export const predictLinear: FunctionImplementation = (env, [range, seconds], { grid }) => {
  const ahead = toScalar(seconds);
  return reduceWindows(env, toRange(range), 2, (series) => (begin, end, step) => {
    const { slope, intercept } = fitLine(series, begin, end, toTime(grid, step));
    return slope * ahead[step]! + intercept;
  });
};

/** Fits the least-squares line of the samples. @param originMs time of the intercept */
function fitLine(
  { times, values }: RangeSeries,
  begin: number,
  end: number,
  originMs: number,
): { slope: number; intercept: number } {
  const x = new CompensatedSum();
  const y = new CompensatedSum();
  const xy = new CompensatedSum();
  const xx = new CompensatedSum();
  const first = values[begin]!;
  let constant = true;
  for (let i = begin; i < end; i++) {
    const seconds = (times[i]! - originMs) / 1_000;
    const value = values[i]!;
    if (value !== first) constant = false;
    x.add(seconds);
    y.add(value);
    xy.add(seconds * value);
    xx.add(seconds * seconds);
  }
  if (constant) {
    if (Math.abs(first) === Infinity) return { slope: Number.NaN, intercept: Number.NaN };
    return { slope: 0, intercept: first };
  }
  const count = end - begin;
  const covariance = xy.total - (x.total * y.total) / count;
  const variance = xx.total - (x.total * x.total) / count;
  const slope = covariance / variance;
  return { slope, intercept: y.total / count - (slope * x.total) / count };
}
