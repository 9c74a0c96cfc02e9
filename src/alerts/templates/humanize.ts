import { TemplateError } from "./ast.ts";
import { printf } from "./printf.ts";
import { toTypeName, type Value } from "./values.ts";

/** Numbers for people, as Prometheus's templates write them: four significant digits and a unit. */

const LARGE = ["k", "M", "G", "T", "P", "E", "Z", "Y"];
const SMALL = ["m", "u", "n", "p", "f", "a", "z", "y"];
const BINARY = ["ki", "Mi", "Gi", "Ti", "Pi", "Ei", "Zi", "Yi"];

const toFourDigits = (value: number): string => printf("%.4g", [value]);

/** @throws TemplateError for what is neither a number nor a text that is one */
export function toFloat(value: Value): number {
  if (typeof value === "number") return value;
  if (typeof value === "bigint") return Number(value);
  if (typeof value === "string") {
    const number = parseFloatText(value);
    if (number !== undefined) return number;
    throw new TemplateError(`"${value}" is not a number`);
  }
  throw new TemplateError(`a ${toTypeName(value)} is not a number`);
}

function parseFloatText(text: string): number | undefined {
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : undefined;
  }
  if (/^nan$/i.test(text)) return Number.NaN;
  if (/^[+-]?inf(?:inity)?$/i.test(text)) return text.startsWith("-") ? -Infinity : Infinity;
  return undefined;
}

/** 1234567 → 1.235M, 0.00042 → 420u */
export function humanize(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return toFourDigits(value);
  return Math.abs(value) >= 1 ? scale(value, LARGE, 1_000) : humanizeSmall(value);
}

/** 1536 → 1.5ki */
export function humanize1024(value: number): string {
  if (Math.abs(value) <= 1 || !Number.isFinite(value)) return toFourDigits(value);
  return scale(value, BINARY, 1_024);
}

/** Seconds: 3723 → 1h 2m 3s, 0.05 → 50ms */
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

/** 0.1234 → 12.34% */
export function humanizePercentage(ratio: number): string {
  return `${toFourDigits(ratio * 100)}%`;
}

/** Seconds since 1970: 1.5 → 1970-01-01 00:00:01.5 +0000 UTC */
export function humanizeTimestamp(seconds: number): string {
  if (!Number.isFinite(seconds)) return toFourDigits(seconds);
  const nanoseconds = seconds * 1e9;
  if (Math.abs(nanoseconds) > 2 ** 63) {
    throw new TemplateError(`${seconds} is too far away for a time`);
  }
  // Cut off where Prometheus cuts: after the nanoseconds have become a whole number.
  const milliseconds = Number(BigInt(Math.trunc(nanoseconds)) / 1_000_000n);
  const text = new Date(milliseconds)
    .toISOString()
    .replace("T", " ")
    .replace(/\.?0*Z$/, "");
  return `${text} +0000 UTC`;
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
