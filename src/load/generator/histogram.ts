/** Sub-buckets per octave: the upper seven bits of the mantissa. */
const SUB_BITS = 7;
/** 2⁻²⁰ s = 0.95 µs. Smaller values share one bucket. */
const LOWEST_EXPONENT = -20;
/** 2⁶ s. Larger values fall into the last bucket. */
const HIGHEST_EXPONENT = 6;
const BUCKETS = (HIGHEST_EXPONENT - LOWEST_EXPONENT) << SUB_BITS;

const EXPONENT_BIAS = 1_023;
/** Upper half of a float64: sign, 11 bits of exponent, 20 of mantissa. */
const MANTISSA_BITS = 20;
const SHIFT = MANTISSA_BITS - SUB_BITS;
const FIRST = (EXPONENT_BIAS + LOWEST_EXPONENT) << SUB_BITS;

const number = new Float64Array(1);
const halves = new Uint32Array(number.buffer);
const UPPER = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1 ? 1 : 0;

/** The contents of a histogram, to be sent and added elsewhere: its buckets from the first to the last one that is not empty. */
export interface HistogramCounts {
  readonly first: number;
  readonly counts: Uint32Array;
  readonly count: number;
  /** Seconds. */
  readonly sum: number;
  readonly min: number;
  readonly max: number;
}

/**
 * Counts durations in seconds, from 1 µs to 64 s, in 26 octaves of 128 buckets each. The middle of a bucket differs by at most
 * 1/256 = 0.39 % from any value in it. The exponent and the upper mantissa bits of a float64 are the number of its bucket, so recording
 * takes a shift and an addition. Sums of histograms are exact.
 */
export class Histogram {
  count = 0;
  /** Sum of all values in seconds. */
  sum = 0;
  /** 0 if nothing is recorded. */
  min = 0;
  max = 0;
  readonly #counts = new Uint32Array(BUCKETS);

  /** @param seconds ≥ 0 */
  record(seconds: number): void {
    if (this.count === 0 || seconds < this.min) this.min = seconds;
    if (seconds > this.max) this.max = seconds;
    this.count += 1;
    this.sum += seconds;
    number[0] = seconds;
    const bucket = ((halves[UPPER] as number) >>> SHIFT) - FIRST;
    const kept = bucket < 0 ? 0 : bucket < BUCKETS ? bucket : BUCKETS - 1;
    this.#counts[kept] = (this.#counts[kept] as number) + 1;
  }

  /**
   * Returns a quantile: the smallest recorded value that at least this share of all values does not exceed. It is exact within the error
   * of its bucket, never below `min` or above `max`, and monotone in `share`. 0 if nothing is recorded.
   *
   * @param share 0…1; 1 returns `max`
   */
  quantile(share: number): number {
    const rank = Math.max(1, Math.ceil(share * this.count));
    if (rank >= this.count) return this.max;
    let seen = 0;
    let bucket = 0;
    for (; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket] as number;
      if (seen >= rank) break;
    }
    return Math.min(this.max, Math.max(this.min, toMiddle(bucket)));
  }

  add(other: HistogramCounts): void {
    if (other.count === 0) return;
    this.min = this.count === 0 ? other.min : Math.min(this.min, other.min);
    this.max = Math.max(this.max, other.max);
    this.count += other.count;
    this.sum += other.sum;
    for (const [i, count] of other.counts.entries()) {
      const at = other.first + i;
      this.#counts[at] = (this.#counts[at] as number) + count;
    }
  }

  toCounts(): HistogramCounts {
    const { count, sum, min, max } = this;
    let first = 0;
    let end = count === 0 ? 0 : BUCKETS;
    while (first < end && this.#counts[first] === 0) first += 1;
    while (end > first && this.#counts[end - 1] === 0) end -= 1;
    return { first, counts: this.#counts.slice(first, end), count, sum, min, max };
  }

  clear(): void {
    this.#counts.fill(0);
    this.count = 0;
    this.sum = 0;
    this.min = 0;
    this.max = 0;
  }
}

/**
 * Counts values in coarser buckets, within the error of the histogram's own ones.
 *
 * @param bounds upper bounds in seconds, ascending
 * @returns one count for each bound, and one for larger values
 */
export function toBuckets({ first, counts }: HistogramCounts, bounds: readonly number[]): number[] {
  const sums = Array.from({ length: bounds.length + 1 }, () => 0);
  let at = 0;
  for (const [i, count] of counts.entries()) {
    const middle = toMiddle(first + i);
    while (at < bounds.length && middle > bounds[at]!) at += 1;
    sums[at]! += count;
  }
  return sums;
}

function toMiddle(bucket: number): number {
  halves[1 - UPPER] = 0;
  halves[UPPER] = (bucket + FIRST) << SHIFT;
  const lower = number[0] as number;
  halves[UPPER] = (bucket + 1 + FIRST) << SHIFT;
  return (lower + (number[0] as number)) / 2;
}
