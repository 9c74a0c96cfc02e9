import { TemplateError } from "./ast.ts";
import { printf } from "./printf.ts";
import { toTypeName, type Value } from "./values.ts";

/** Prometheus's template functions for human-readable numbers: four significant digits and a unit. */

const LARGE = ["k", "M", "G", "T", "P", "E", "Z", "Y"];
const SMALL = ["m", "u", "n", "p", "f", "a", "z", "y"];
const BINARY = ["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];

const toFourDigits = (value: number): string => printf("%.4g", [value]);

/** @throws TemplateError for values other than numbers and numeric strings */
export function toFloat(value: Value): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "string") {
    const number = parseGoFloat(value);
    if (number !== undefined) return number;
    throw new TemplateError(`expected a number, got "${value}"`);
  }
  throw new TemplateError(`expected a number, got ${toTypeName(value)}`);
}

function parseGoFloat(written: string): number | undefined {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(written)) {
    const value = Number(written);
    return Number.isFinite(value) ? value : undefined;
  }
  if (/^nan$/i.test(written)) return Number.NaN;
  if (/^[+-]?inf(?:inity)?$/i.test(written)) return written.startsWith("-") ? -Infinity : Infinity;
  return undefined;
}

/** Formats with an SI prefix: 1234567 → 1.235M, 0.00042 → 420u */
export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return toFourDigits(value);
  return Math.abs(value) >= 1 ? scale(value, LARGE, 1_000) : humanizeSmall(value);
}

/** Formats with a binary prefix: 1536 → 1.5ki */
export function humanize1024(value: number): string {
  if (Math.abs(value) <= 1 || !Number.isFinite(value)) return toFourDigits(value);
  return scale(value, BINARY, 1_024);
}

/** Formats seconds as a duration: 3723 → 1h 2m 3s, 0.05 → 50ms */
export function humanizeDuration(seconds: number): string {
  if (!Number.isFinite(seconds)) return toFourDigits(seconds);
  const size = Math.abs(seconds);
  if (size < 1) return `${seconds === 0 ? toFourDigits(seconds) : humanizeSmall(seconds)}s`;
  const sign = seconds < 0 ? "-" : "";
  const whole = BigInt(Math.trunc(size));
  const parts = [
    [whole / 86_400n, "d"],
    [(whole / 3_600n) % 24n, "h"],
    [(whole / 60n) % 60n, "m"],
    [whole % 60n, "s"],
  ] as const;
  const first = parts.findIndex(([count]) => count !== 0n);
  if (first === parts.length - 1) return `${sign}${toFourDigits(size)}s`;
  return (
    sign +
    parts
      .slice(first)
      .map(([count, unit]) => `${count}${unit}`)
      .join(" ")
  );
}

/** Formats a ratio as a percentage: 0.1234 → 12.34% */
export function humanizePercentage(ratio: number): string {
  return `${toFourDigits(ratio * 100)}%`;
}

/** Formats seconds since 1970 as a time: 1.5 → 1970-01-01 00:00:01.5 +0000 UTC */
export function humanizeTimestamp(seconds: number): string {
  if (!Number.isFinite(seconds)) return toFourDigits(seconds);
  const nanoseconds = seconds * 1e9;
  if (Math.abs(nanoseconds) > 2 ** 63) {
    throw new TemplateError(
      `${seconds} cannot be represented as a nanoseconds timestamp since epoch`,
    );
  }
  // Truncated after the conversion to integer nanoseconds, as in Prometheus.
  const milliseconds = Number(BigInt(Math.trunc(nanoseconds)) / 1_000_000n);
  const time = new Date(milliseconds)
    .toISOString()
    .replace("T", " ")
    .replace(/\.?0*Z$/, "");
  return `${time} +0000 UTC`;
}

function scale(value: number, units: readonly string[], base: number): string {
  let scaled = value;
  let unit = "";
  for (const next of units) {
    if (Math.abs(scaled) < base) break;
    unit = next;
    scaled /= base;
  }
  return toFourDigits(scaled) + unit;
}

function humanizeSmall(value: number): string {
  let scaled = value;
  let unit = "";
  for (const next of SMALL) {
    if (Math.abs(scaled) >= 1) break;
    unit = next;
    scaled *= 1_000;
  }
  return toFourDigits(scaled) + unit;
}
