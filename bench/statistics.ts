/** Returns the median; for an even number of values the upper of the two middle ones. */
export function toMedian(values: readonly number[]): number {
  return toQuantile(values, 0.5);
}

/** Returns the value below which a share, from 0 to 1, of the values lies; the largest value for 1. */
export function toQuantile(values: readonly number[], share: number): number {
  const at = Math.min(values.length - 1, Math.floor(share * values.length));
  return values.toSorted((a, b) => a - b)[at] ?? Number.NaN;
}

/** Formats the median and both quartiles, for example `12.3 (11.8 to 12.9)`. */
export function formatSpread(values: readonly number[], digits = 0): string {
  const [lower, median, upper] = [0.25, 0.5, 0.75].map((share) =>
    toQuantile(values, share).toFixed(digits),
  );
  return `${median} (${lower} to ${upper})`;
}

/** Returns a / b for each round. */
export function toRatios(a: readonly number[], b: readonly number[]): number[] {
  return a.map((value, round) => value / (b[round] ?? Number.NaN));
}
