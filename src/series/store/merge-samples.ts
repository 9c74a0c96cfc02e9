import type { SeriesSamples } from "../series.ts";

/** Merges two series with the same labels. At equal times, the sample of the first wins unless it is absent. */
export function mergeSamples(a: SeriesSamples, b: SeriesSamples): SeriesSamples {
  const room = a.times.length + b.times.length;
  const times = new Float64Array(room);
  const values = new Float64Array(room);
  const stale = new Uint8Array(room);
  let count = 0;
  let i = 0;
  let j = 0;
  while (i < a.times.length || j < b.times.length) {
    const timeA = a.times[i] ?? Number.POSITIVE_INFINITY;
    const timeB = b.times[j] ?? Number.POSITIVE_INFINITY;
    const takeB = timeB < timeA || (timeB === timeA && a.stale?.[i] === 1);
    const [from, at] = takeB ? [b, j] : [a, i];
    times[count] = from.times[at]!;
    values[count] = from.values[at]!;
    stale[count] = from.stale?.[at] ?? 0;
    count += 1;
    if (timeA <= timeB) i += 1;
    if (timeB <= timeA) j += 1;
  }
  return {
    labels: a.labels,
    times: times.subarray(0, count),
    values: values.subarray(0, count),
    stale: stale.subarray(0, count),
  };
}
