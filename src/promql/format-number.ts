/** Formats numbers as Go and Prometheus do. */

/**
 * Formats sample values in HTTP replies and numbers in queries: `1e-07`, `1e+21`, `0.25`, `+Inf`.
 *
 * @example
 * ```ts
 * import { formatFloat } from "tepal/promql";
 *
 * console.log(formatFloat(1e-7), formatFloat(Infinity)); // 1e-07 +Inf
 * ```
 */
export function formatFloat(value: number): string {
  if (!Number.isFinite(value)) return formatSpecial(value);
  if (Object.is(value, -0)) return "-0";
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-6 || size >= 1e21)) return withTwoDigits(value.toExponential());
  return String(value);
}

/** Formats without an exponent, for the labels of `count_values`: `1000000000000000000000000`. */
export function formatPlain(value: number): string {
  if (!Number.isFinite(value)) return formatSpecial(value);
  if (Object.is(value, -0)) return "-0";
  const [mantissa = "", exponent = "0"] = value.toExponential().split("e");
  const negative = mantissa.startsWith("-");
  const digits = mantissa.replace("-", "").replace(".", "");
  const point = Number(exponent) + 1;
  const padded =
    point <= 0 ? `0.${"0".repeat(-point)}${digits}` : insertPoint(digits.padEnd(point, "0"), point);
  return negative ? `-${padded}` : padded;
}

/** Formats for messages (Go's `%g`): an exponent below 1e-4 and from 1e6 on. */
export function formatShort(value: number): string {
  const size = Math.abs(value);
  const isPlain = !Number.isFinite(value) || size === 0 || (size >= 1e-4 && size < 1e6);
  return isPlain ? formatFloat(value) : withTwoDigits(value.toExponential());
}

function insertPoint(digits: string, point: number): string {
  return digits.length === point ? digits : `${digits.slice(0, point)}.${digits.slice(point)}`;
}

function formatSpecial(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "+Inf" : "-Inf";
}

/** JavaScript writes 1e-7 for Go's 1e-07. */
function withTwoDigits(text: string): string {
  return text.replace(/e([+-])(\d)$/, "e$10$2");
}
