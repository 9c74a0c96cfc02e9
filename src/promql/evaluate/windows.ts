import type { Budget } from "./budget.ts";
import type { Windows } from "./values.ts";

/**
 * Finds the samples in (end − range, end] for each end by binary search from the previous step's position.
 *
 * @param times increasing
 * @param ends not decreasing
 * @throws TepalError QUERY_FAILED if the query would hold too much
 */
export function findWindows(
  budget: Pick<Budget, "hold">,
  times: Float64Array,
  ends: Float64Array,
  rangeMs: number,
): Windows {
  // Two numbers of 4 bytes for each end, and its start while they are searched.
  budget.hold(ends.length);
  const starts = ends.map((end) => end - rangeMs);
  return { begins: countUpTo(times, starts), ends: countUpTo(times, ends) };
}

/** Returns for each moment the number of times that are not later. `moments` must not decrease. */
export function countUpTo(times: Float64Array, moments: Float64Array): Int32Array {
  const counts = new Int32Array(moments.length);
  let from = 0;
  for (let i = 0; i < moments.length; i++) {
    from = upperBound(times, moments[i]!, from);
    counts[i] = from;
  }
  return counts;
}

/** Returns the first index from `from` on whose time is later than the moment, by exponential then binary search. */
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
