/**
 * Formats of all numbers on the page: units, significant digits, a thin space between thousands.
 */

/** Placeholder of a missing value. */
export const NO_VALUE = "–";

const INTEGERS = new Intl.NumberFormat("en-GB", { maximumFractionDigits: 0 });

/** `12,345`. */
export function formatCount(value: number): string {
  return INTEGERS.format(value);
}

/** Formats three significant digits below 1,000 and integers above: `0.25`, `9.87`, `48.3`, `1,234`. At most two decimals. */
export function formatNumber(value: number | null): string {
  if (value === null || !Number.isFinite(value)) return NO_VALUE;
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 0.005) return value < 0 ? "−0.01" : "<0.01";
  const decimals = size < 9.995 ? 2 : size < 99.95 ? 1 : 0;
  const text = size.toLocaleString("en-GB", {
    minimumFractionDigits: decimals,
    maximumFractionDigits: decimals,
  });
  return value < 0 ? `−${text}` : text;
}

/** Per second: `48.3`. */
export function formatRate(value: number): string {
  return formatNumber(value);
}

/** Formats milliseconds in a suitable unit: `0.42 ms`, `12.3 ms`, `1.50 s`. */
export function formatMs(value: number | null): string {
  if (value === null) return NO_VALUE;
  return value < 1_000 ? `${formatNumber(value)} ms` : `${formatNumber(value / 1_000)} s`;
}

/** Formats a share from 0 to 1 in percent. A share above 0 is never shown as 0 %, one below 1 never as 100 %. */
export function formatShare(share: number | null): string {
  if (share === null || !Number.isFinite(share)) return NO_VALUE;
  const percent = share * 100;
  if (percent > 0 && percent < 0.01) return "<0.01 %";
  if (percent < 100 && percent > 99.99) return ">99.99 %";
  const decimals = percent === 0 || percent === 100 ? 0 : percent < 1 || percent > 99 ? 2 : 1;
  return `${percent.toFixed(decimals)} %`;
}

const BYTE_UNITS = ["B", "kB", "MB", "GB", "TB"];

/** `532 B`, `1.25 kB`, `48.3 MB`; a kB has 1,000 bytes. */
export function formatBytes(bytes: number | null): string {
  if (bytes === null) return NO_VALUE;
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1_000;
    unit++;
  }
  return `${unit === 0 ? formatCount(value) : formatNumber(value)} ${BYTE_UNITS[unit]}`;
}

/** Two digits. */
function pad(value: number): string {
  return String(value).padStart(2, "0");
}

/** Formats a duration as a clock: `0:07`, `12:30`, `1:02:03`. */
export function formatClock(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  const minutes = Math.floor(whole / 60) % 60;
  const hours = Math.floor(whole / 3_600);
  return hours > 0
    ? `${hours}:${pad(minutes)}:${pad(whole % 60)}`
    : `${minutes}:${pad(whole % 60)}`;
}

/** Formats a duration in words: `1 h 30 min`, `90 s` as `1 min 30 s`, `0.5 s`. */
export function formatSpan(seconds: number): string {
  if (seconds < 60) return `${Number.isInteger(seconds) ? seconds : seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const parts = [
    [Math.floor(whole / 3_600), "h"],
    [Math.floor(whole / 60) % 60, "min"],
    [whole % 60, "s"],
  ] as const;
  return parts
    .filter(([value]) => value > 0)
    .map(([value, unit]) => `${value} ${unit}`)
    .join(" ");
}

const DATE_TIME = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  year: "numeric",
  hour: "2-digit",
  minute: "2-digit",
});
const TIME = new Intl.DateTimeFormat("en-GB", { timeStyle: "medium" });

/** `22 Nov 2026, 13:30`, in the reader's time zone. */
export function formatDateTime(timeMs: number | null): string {
  return timeMs === null ? NO_VALUE : DATE_TIME.format(timeMs);
}

/** `13:30:05`, in the reader's time zone. */
export function formatTime(timeMs: number): string {
  return TIME.format(timeMs);
}

/** Formats a time of today without its date: `13:30:05`, and others with it. */
export function formatDayTime(timeMs: number, nowMs: number): string {
  const isToday = new Date(timeMs).toDateString() === new Date(nowMs).toDateString();
  return isToday ? formatTime(timeMs) : formatDateTime(timeMs);
}

/** Formats the change of a value against a base: `+12.3 %`, `−4.0 %`, `0 %`; `×12.5` from ten times on; "–" without a base. */
export function formatChange(base: number, value: number): string {
  if (base === 0) return value === 0 ? "0 %" : NO_VALUE;
  const ratio = value / base;
  if (ratio >= 10) return `×${formatNumber(ratio)}`;
  const percent = (ratio - 1) * 100;
  if (Math.abs(percent) < 0.05) return "0 %";
  return `${percent > 0 ? "+" : "−"}${Math.abs(percent).toFixed(1)} %`;
}

/** Formats the change of a share in percentage points: `+1.20 points`, `0`. */
export function formatPoints(base: number, value: number): string {
  const points = (value - base) * 100;
  if (Math.abs(points) < 0.005) return "0";
  return `${points > 0 ? "+" : "−"}${Math.abs(points).toFixed(2)} points`;
}

/** `1 request`, `2 requests`. */
export function formatPlural(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`;
}
