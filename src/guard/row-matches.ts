import type { FeatureBins, RowMatching } from "./guard.ts";

/** Columns of a row that are hashed: the cost of a row grows with them (`npm run bench -- drift`). */
export const MAX_HASHED_FEATURES = 12;

/**
 * Rows that a new row is compared with. A client that repeats more rows than these is not noticed, and need not be: a sample of 1,024
 * rows is at a drift distance of about 0.05 by chance, far below the smallest limit.
 */
const RECENT_ROWS = 1 << 10;
const HASH_BITS = 16;

/**
 * Counts repeated rows. The share of equal pairs, matches divided by comparisons, depends on no window, worker or replica: 1/75 if a
 * client repeats 75 rows at random. N rows with this share are worth N / (1 + N × share) different ones (Kish's effective sample size).
 */
export interface RowMatches {
  /** Number of rows that the next row is compared with. */
  readonly recent: number;
  /** Returns the number of equal rows among the recent ones, and remembers the row. Allocates nothing. */
  add(values: Float64Array, offset: number): number;
}

/** @param features indexes of the compared columns */
export function createRowMatches(features: readonly number[]): RowMatches {
  const hash = createRowHash(features);
  const counts = new Uint16Array(1 << HASH_BITS);
  const hashes = new Uint16Array(RECENT_ROWS);
  let recent = 0;
  let next = 0;
  return {
    get recent() {
      return recent;
    },
    add(values, offset) {
      const code = hash(values, offset);
      const matches = counts[code]!;
      if (recent === RECENT_ROWS) counts[hashes[next]!]! -= 1;
      else recent += 1;
      hashes[next] = code;
      counts[code] = counts[code]! + 1;
      next = (next + 1) & (RECENT_ROWS - 1);
      return matches;
    },
  };
}

/**
 * Picks the columns in which two training rows are equal least often, by their bins.
 * @returns ascending indexes
 */
export function pickHashedFeatures(bins: readonly FeatureBins[]): number[] {
  const repeats = bins.map(toRepeatRatio);
  return [...bins.keys()]
    .toSorted((a, b) => repeats[a]! - repeats[b]! || a - b)
    .slice(0, MAX_HASHED_FEATURES)
    .toSorted((a, b) => a - b);
}

/** Estimates the matching of a model version that does not state it: as if its features were independent. */
export function estimateRowMatching(bins: readonly FeatureBins[]): RowMatching {
  const features = pickHashedFeatures(bins);
  return { features, ratio: features.reduce((all, f) => all * toRepeatRatio(bins[f]!), 1) };
}

/** Measures the share of equal pairs among training rows. @param width numbers per row */
export function measureRowMatching(
  features: readonly number[],
  values: Float64Array,
  width: number,
): RowMatching {
  const hash = createRowHash(features);
  const counts = new Float64Array(1 << HASH_BITS);
  const rows = values.length / width;
  let pairs = 0;
  for (let offset = 0; offset < values.length; offset += width) {
    const code = hash(values, offset);
    pairs += counts[code]!;
    counts[code]! += 1;
  }
  return { features, ratio: rows < 2 ? 0 : pairs / ((rows * (rows - 1)) / 2) };
}

/** Share of pairs of training rows that are in the same bin. */
function toRepeatRatio({ ratios, missing_ratio: missing }: FeatureBins): number {
  return ratios.reduce((sum, ratio) => sum + (ratio * (1 - missing)) ** 2, missing ** 2);
}

/**
 * Returns a hash of a row's columns as float32 numbers: a sum of their bits times odd random factors, which are independent of each other
 * and so computed at once. It must not change: manifests state shares of equal hashes.
 */
function createRowHash(features: readonly number[]) {
  const columns = Int32Array.from(features);
  const numbers = new Float32Array(columns.length);
  const bits = new Int32Array(numbers.buffer);
  const factors = columns.map((_, i) => {
    const step = Math.imul(i + 1, 0x9e3779b1);
    return Math.imul(step ^ (step >>> 15), 0x85ebca6b) | 1;
  });
  return (values: Float64Array, offset: number): number => {
    for (let i = 0; i < columns.length; i++) numbers[i] = values[offset + columns[i]!]!;
    let h = 0;
    for (let i = 0; i < columns.length; i++) {
      const word = bits[i]!;
      // The lowest bits of integers are 0; the highest ones differ.
      h = (h + Math.imul(word ^ (word >>> 15), factors[i]!)) | 0;
    }
    // The finalizer of MurmurHash3.
    h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
    return (h ^ (h >>> 16)) & 0xffff;
  };
}
