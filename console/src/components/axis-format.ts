/** Formats a number on an axis as short as possible: `1,500` as `1.5k`. */
export function formatAxisNumber(value: number): string {
  if (value >= 10_000) return `${Math.round(value / 100) / 10}k`;
  return value >= 1 || value === 0 ? value.toLocaleString("en-GB") : String(+value.toPrecision(3));
}

/** `20 ms`, `1.5 s`. */
export function formatAxisMs(value: number): string {
  return value >= 1_000 ? `${+(value / 1_000).toPrecision(4)} s` : `${+value.toPrecision(4)} ms`;
}
