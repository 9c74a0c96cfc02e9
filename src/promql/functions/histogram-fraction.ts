import { toScalar, toVector, type FunctionImplementation } from "../evaluate/evaluation.ts";
import { reduceHistograms, type Buckets } from "./histogram-buckets.ts";

/** Returns the share of a classic histogram's observations between two values. */
export const histogramFraction: FunctionImplementation = (env, [low, high, vector], call) => {
  const lows = toScalar(low);
  const highs = toScalar(high);
  const { columns } = toVector(vector);
  return reduceHistograms(env, columns, call.args[2]!, call.grid.count, (buckets, step) =>
    toFraction(lows[step]!, highs[step]!, buckets),
  );
};

function toFraction(lower: number, upper: number, buckets: Buckets): number {
  const { bounds, counts, size } = buckets;
  if (bounds[size - 1] !== Infinity) return Number.NaN;
  const observations = counts[size - 1]!;
  if (observations === 0 || Number.isNaN(lower) || Number.isNaN(upper)) return Number.NaN;
  if (lower >= upper) return 0;
  const from = countBelow(lower, buckets, observations);
  return (countBelow(upper, buckets, observations) - from) / observations;
}

/**
 * Returns the number of observations below a value, linear within a bucket. The positions in an open bucket are
 * unknown: those of the last bucket count as above, those of a first bucket with a bound ≤ 0 as below.
 */
function countBelow(
  value: number,
  { bounds, counts, size }: Buckets,
  observations: number,
): number {
  let before = 0;
  for (let i = 0; i < size; i++) {
    const first = bounds[0]! > 0 ? 0 : -Infinity;
    const low = i === 0 ? first : bounds[i - 1]!;
    const high = bounds[i]!;
    if (low >= value) return Math.min(before, observations);
    if (high > value) {
      const inside = low === -Infinity ? 1 : (value - low) / (high - low);
      return Math.min(before + (counts[i]! - before) * inside, observations);
    }
    before = counts[i]!;
  }
  return observations;
}
