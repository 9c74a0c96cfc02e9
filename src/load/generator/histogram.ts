/** Sub-buckets of an octave: the upper seven bits of a number's mantissa. */
const SUB_BITS = 7;
/** 2⁻²⁰ s = 0.95 µs, below which all is one bucket. */
const LOWEST_EXPONENT = -20;
/** 2⁶ s: what is longer falls into the last bucket. */
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

/** What was recorded, to be sent elsewhere and added there: the buckets that hold anything, from `first` on. */
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
 * Counts durations in seconds, from 1 µs to 64 s, in 26 octaves of 128 buckets each. A bucket's middle is at most 1/256 = 0.39 %
 * away from anything in it. Exponent and upper mantissa bits of a float64 are the bucket's number, so recording is a shift and an
 * addition. Sums of histograms are exact.
 */
export class Histogram {
  count = 0;
  /** Seconds, of all together. */
  sum = 0;
  /** 0 when nothing is recorded. */
  min = 0;
  max = 0;
  readonly #counts = new Uint32Array(BUCKETS);

  /** @param seconds not negative */
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
   * The smallest recorded value that at least this share of all is not above, within the bucket's error; never below `min` or above
   * `max`, and monotone in `share`. 0 when nothing is recorded.
   *
   * @param share 0…1; 1 gives `max`
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

/** How many were in each of coarser buckets, within their own error: up to each bound, and beyond the last. @param bounds ascending, seconds */
export function toBuckets({ first, counts }: HistogramCounts, bounds: readonly number[]): number[] {
  const sums = Array.from({ length: bounds.length + 1 }, () => 0);
  let at = 0;
  for (const [i, count] of counts.entries()) {
    const middle = toMiddle(first + i);
    while (at < bounds.length && middle > (bounds[at] ?? 0)) at += 1;
    sums[at] = (sums[at] ?? 0) + count;
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
