/** Stands for a value that was not measured. */
export const NO_VALUE = "–";

/** Formats a number with three significant digits, or all digits before the point: 0.123, 12.3, 1,234. */
export function formatNumber(value: number | null): string {
  if (value === null) return NO_VALUE;
  const size = Math.abs(value);
  const digits = size >= 100 || size === 0 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
  return value.toLocaleString("en", { maximumFractionDigits: digits });
}

/** Formats milliseconds: 12.3 ms. */
export function formatMs(ms: number | null): string {
  return ms === null ? NO_VALUE : `${formatNumber(ms)} ms`;
}

/** Formats bytes in the largest unit that fits: 12.3 kB. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return NO_VALUE;
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = bytes < 1 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  return `${formatNumber(bytes / 1_000 ** power)} ${units[power]}`;
}

/** Formats a share as a percentage: 0.0123 is 1.23 %. */
export function formatShare(share: number | null): string {
  return share === null ? NO_VALUE : `${formatNumber(share * 100)} %`;
}

/** Formats a duration: 95 is 1 min 35 s. */
export function formatSeconds(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${formatNumber(seconds)} s`;
  const [hours, minutes, rest] = [
    Math.floor(whole / 3_600),
    Math.floor(whole / 60) % 60,
    whole % 60,
  ];
  return [
    hours > 0 ? `${hours} h` : "",
    minutes > 0 ? `${minutes} min` : "",
    rest > 0 ? `${rest} s` : "",
  ]
    .filter((part) => part !== "")
    .join(" ");
}
