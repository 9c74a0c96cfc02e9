/**
 * Rounds half up to a number of decimals, and keeps their zeros. Without a number of decimals, a value gets about three significant
 * digits and an integer none: 12.3, 0.0123, 1.50, 1000. A result with an exponent is not padded.
 */
export function formatFixed(value: number, decimals?: number | null): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value < 0 ? "-∞" : "∞";
  const digits = decimals ?? findDecimals(value);
  if (value === 0) return value.toFixed(digits);
  const factor = 10 ** digits;
  const text = String(Math.round(value * factor) / factor);
  if (text.includes("e") || digits === 0) return text;
  const [whole = "", fraction = ""] = text.split(".");
  return `${whole}.${fraction.padEnd(digits, "0")}`;
}

/** Returns the number of decimals that shows about three significant digits. */
export function findDecimals(value: number): number {
  if (value === 0 || Number.isInteger(value)) return 0;
  const size = Math.abs(value);
  const decimals = 1 - Math.floor(Math.log10(size));
  const rounded = size * 10 ** decimals > 2.25 ? decimals + 1 : decimals;
  return Math.max(0, rounded);
}
