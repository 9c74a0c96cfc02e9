import { warnOfQuantiles } from "../aggregate/aggregate-quantile.ts";
import { toScalar, toVector, type FunctionImplementation } from "../evaluate/evaluation.ts";
import { reduceHistograms, type Buckets } from "./histogram-buckets.ts";

/** Relative difference of adjacent counts that counts as rounding, not as an observation. */
const TOLERANCE = 1e-12;

/** Returns the value below which a share of a classic histogram's observations lies. */
export const histogramQuantile: FunctionImplementation = (env, [q, vector], { args, grid }) => {
  const quantiles = toScalar(q);
  warnOfQuantiles(env, args[0]!, quantiles);
  const { columns } = toVector(vector);
  return reduceHistograms(env, columns, args[1]!, grid.count, (buckets, step, name) => {
    const quantile = quantiles[step]!;
    const forced = { value: false };
    const result = toBucketQuantile(quantile, buckets, forced);
    if (forced.value) {
      const metric = name === "" ? "" : ` for metric name ${JSON.stringify(name)}`;
      env.notes.info(
        `input to histogram_quantile needed to be fixed for monotonicity (see https://prometheus.io/docs/prometheus/latest/querying/functions/#histogram_quantile)${metric}`,
        args[1]!,
      );
    }
    return result;
  });
};

/** Linear within a bucket; the lowest starts at 0 if its bound is positive. */
function toBucketQuantile(q: number, buckets: Buckets, forced: { value: boolean }): number {
  if (Number.isNaN(q)) return Number.NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const { bounds, counts, size } = buckets;
  if (bounds[size - 1] !== Infinity) return Number.NaN;
  smoothRounding(counts, size);
  forced.value = forceMonotonic(counts, size);
  const observations = counts[size - 1]!;
  if (size < 2 || observations === 0) return Number.NaN;
  let rank = q * observations;
  const at = findBucket(counts, size - 1, rank);
  // Only the lower bound of the last bucket is known.
  if (at === size - 1) return bounds[size - 2]!;
  if (at === 0 && bounds[0]! <= 0) return bounds[0]!;
  let start = 0;
  let inside = counts[at]!;
  if (at > 0) {
    start = bounds[at - 1]!;
    inside -= counts[at - 1]!;
    rank -= counts[at - 1]!;
  }
  return start + (bounds[at]! - start) * (rank / inside);
}

/** Returns the first of the buckets 0…last − 1 that reaches the rank, or else `last`. */
function findBucket(counts: Float64Array, last: number, rank: number): number {
  let low = 0;
  let high = last;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (counts[middle]! >= rank) high = middle;
    else low = middle + 1;
  }
  return low;
}

function smoothRounding(counts: Float64Array, size: number): void {
  let before = counts[0]!;
  for (let i = 1; i < size; i++) {
    const count = counts[i]!;
    if (count === before) continue;
    if (Math.abs(count - before) / count <= TOLERANCE) counts[i] = before;
    else before = count;
  }
}

/** Raises decreasing counts. @returns true if there were any */
function forceMonotonic(counts: Float64Array, size: number): boolean {
  let forced = false;
  let most = counts[0]!;
  for (let i = 1; i < size; i++) {
    if (counts[i]! > most) most = counts[i]!;
    else if (counts[i]! < most) {
      counts[i] = most;
      forced = true;
    }
  }
  return forced;
}
