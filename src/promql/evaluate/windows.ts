import type { Windows } from "./values.ts";

/**
 * Which samples lie in (end − range, end], for each of the ends; found by binary search from where the step before was.
 *
 * @param times increasing
 * @param ends not decreasing
 */
export function findWindows(times: Float64Array, ends: Float64Array, rangeMs: number): Windows {
  const starts = ends.map((end) => end - rangeMs);
  return { begins: countUpTo(times, starts), ends: countUpTo(times, ends) };
}

/** For each of the moments, how many times are not later. `moments` do not decrease. */
export function countUpTo(times: Float64Array, moments: Float64Array): Int32Array {
  const counts = new Int32Array(moments.length);
  let from = 0;
  for (let i = 0; i < moments.length; i++) {
    from = upperBound(times, moments[i]!, from);
    counts[i] = from;
  }
  return counts;
}

/** The first index from `from` on whose time is later than the moment: in strides that double, then by halves. */
function upperBound(times: Float64Array, moment: number, from: number): number {
  let low = from;
  let stride = 1;
  while (low < times.length && times[Math.min(low + stride, times.length) - 1]! <= moment) {
    low = Math.min(low + stride, times.length);
    stride *= 2;
  }
  let high = Math.min(low + stride, times.length);
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (times[middle]! <= moment) low = middle + 1;
    else high = middle;
  }
  return low;
}
