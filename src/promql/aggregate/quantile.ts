/** Warning for a quantile outside 0…1. */
export function isQuantile(q: number): boolean {
  return q >= 0 && q <= 1;
}

/**
 * Returns the q-quantile of sorted values by linear interpolation. NaN counts as less than every number.
 *
 * @param sorted ascending, without NaNs
 * @param size number of elements of `sorted` to use
 * @param nans number of NaN values
 */
export function toQuantile(q: number, sorted: Float64Array, size: number, nans: number): number {
  const count = size + nans;
  if (count === 0 || Number.isNaN(q)) return Number.NaN;
  if (q < 0) return -Infinity;
  if (q > 1) return Infinity;
  const rank = q * (count - 1);
  const lower = Math.floor(rank);
  const upper = Math.min(count - 1, lower + 1);
  const weight = rank - lower;
  const at = (index: number): number => (index < nans ? Number.NaN : sorted[index - nans]!);
  return at(lower) * (1 - weight) + at(upper) * weight;
}
