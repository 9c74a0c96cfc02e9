import { formatFixed } from "./round.ts";

/** A formatted value; the whole text is prefix, text and suffix together. */
export interface FormattedValue {
  readonly prefix: string;
  readonly text: string;
  readonly suffix: string;
}

/** A scale of a unit of time: values below `below` are shown as value × `factor` in `name`. */
interface TimeScale {
  readonly below: number;
  readonly divisor: number;
  readonly name: string;
  /** True if the name has a plural. */
  readonly plural: boolean;
}

const scale = (below: number, divisor: number, name: string): TimeScale => ({
  below,
  divisor,
  name,
  plural: name.length > 2 && name !== "min",
});
const minutes = (below: number, divisor: number): TimeScale => ({
  below,
  divisor,
  name: "min",
  plural: true,
});

/** Scales by unit of time, smallest first; the last one has no bound. */
const SCALES: Readonly<Record<string, readonly TimeScale[]>> = {
  ns: [
    scale(1e3, 1, "ns"),
    scale(1e6, 1e3, "µs"),
    scale(1e9, 1e6, "ms"),
    scale(6e10, 1e9, "s"),
    minutes(3.6e12, 6e10),
    scale(8.64e13, 3.6e12, "hour"),
    scale(Infinity, 8.64e13, "day"),
  ],
  µs: [scale(1e3, 1, "µs"), scale(1e6, 1e3, "ms"), scale(Infinity, 1e6, "s")],
  ms: [
    scale(1e3, 1, "ms"),
    scale(6e4, 1e3, "s"),
    minutes(3.6e6, 6e4),
    scale(8.64e7, 3.6e6, "hour"),
    scale(3.1536e10, 8.64e7, "day"),
    scale(Infinity, 3.1536e10, "year"),
  ],
  s: [
    scale(1e-6, 1e-9, "ns"),
    scale(1e-3, 1e-6, "µs"),
    scale(1, 1e-3, "ms"),
    scale(60, 1, "s"),
    minutes(3_600, 60),
    scale(86_400, 3_600, "hour"),
    scale(604_800, 86_400, "day"),
    scale(31_536_000, 604_800, "week"),
    scale(Infinity, 31_556_900, "year"),
  ],
  m: [
    scale(60, 1, "min"),
    scale(1_440, 60, "hour"),
    scale(10_080, 1_440, "day"),
    scale(604_800, 10_080, "week"),
    scale(Infinity, 525_948, "year"),
  ],
  h: [
    // As in Grafana: its own unit has no plural.
    { ...scale(24, 1, "hour"), plural: false },
    scale(168, 24, "day"),
    scale(8_760, 168, "week"),
    scale(Infinity, 8_760, "year"),
  ],
  d: [scale(7, 1, "day"), scale(365, 7, "week"), scale(Infinity, 365, "year")],
};
/** Zero has the unit itself. */
const ZERO_UNITS: Readonly<Record<string, string>> = { m: "min", h: "hour", d: "day" };

/** Formats a duration in the largest unit that fits: `250 ms`, `1.50 mins`. @param unit ns, µs, ms, s, m, h or d */
export function formatDuration(
  unit: string,
  value: number,
  decimals?: number | null,
): FormattedValue {
  const scales = SCALES[unit] ?? [];
  const text = (shown: number): string => formatFixed(shown, decimals);
  if (value === 0) return { prefix: "", text: text(0), suffix: ` ${ZERO_UNITS[unit] ?? unit}` };
  const { divisor, name, plural } =
    scales.find(({ below }) => Math.abs(value) < below) ?? scales.at(-1)!;
  const shown = scaleDown(value, divisor);
  const isPlural = plural && Math.abs(shown) > 1;
  return { prefix: "", text: text(shown), suffix: ` ${name}${isPlural ? "s" : ""}` };
}

/** Divides exactly: a divisor below 1 is a factor, which has no rounding error of its own. */
function scaleDown(value: number, divisor: number): number {
  return divisor < 1 ? value * Math.round(1 / divisor) : value / divisor;
}

const PARTS = [
  ["year", 31_536_000_000],
  ["month", 2_592_000_000],
  ["week", 604_800_000],
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1_000],
  ["millisecond", 1],
] as const;

/** Formats a duration in words, in decimals + 1 parts: `23 hours, 59 minutes`. A negative one is `ago`. */
export function formatWords(
  milliseconds: number,
  decimals: number | null | undefined,
  unit: string,
): FormattedValue {
  if (milliseconds === 0) return { prefix: "", text: "0", suffix: ` ${unit}s` };
  if (milliseconds < 0) return { ...formatWords(-milliseconds, decimals, unit), suffix: " ago" };
  const parts: string[] = [];
  let rest = milliseconds;
  let left = (decimals ?? 0) + 1;
  for (const [name, size] of PARTS) {
    const count = Math.floor(rest / size);
    if (left === 0 || (count === 0 && parts.length === 0)) continue;
    parts.push(`${count} ${name}${count === 1 ? "" : "s"}`);
    rest %= size;
    left--;
  }
  return { prefix: "", text: parts.join(", "), suffix: "" };
}

/** Formats seconds as `25:01:01`, or with days as `1 d 01:01:01`. */
export function formatHours(seconds: number, withDays: boolean): FormattedValue {
  const whole = Math.floor(Math.abs(seconds));
  const days = withDays ? Math.floor(whole / 86_400) : 0;
  const hours = Math.floor((whole - days * 86_400) / 3_600);
  const clock = [hours, Math.floor(whole / 60) % 60, whole % 60]
    .map((part) => pad(part, 2))
    .join(":");
  return {
    prefix: "",
    text: days > 0 ? `${days} d ${clock}` : clock,
    suffix: seconds < 0 ? " ago" : "",
  };
}

/** Formats milliseconds as `1h:01m:01s:000ms`, with decimals + 1 parts. */
export function formatClockParts(milliseconds: number, decimals?: number | null): FormattedValue {
  const size = Math.max(0, milliseconds);
  const all = [
    `${Math.floor(size / 3_600_000)}h`,
    `${pad(Math.floor(size / 60_000) % 60, 2)}m`,
    `${pad(Math.floor(size / 1_000) % 60, 2)}s`,
    `${pad(Math.floor(size) % 1_000, 3)}ms`,
  ];
  const first = size < 1_000 ? 3 : size < 60_000 ? 2 : size < 3_600_000 ? 1 : 0;
  const parts = all.slice(first);
  const count = decimals === null || decimals === undefined ? parts.length : decimals + 1;
  return { prefix: "", text: parts.slice(0, count).join(":"), suffix: "" };
}

export type TimeZone = "browser" | "utc";

/** Formats milliseconds since 1970 by a pattern of moment.js, for example `YYYY-MM-DD HH:mm:ss`. */
export function formatDate(milliseconds: number, pattern: string, zone: TimeZone): string {
  const date = new Date(milliseconds);
  if (Number.isNaN(date.getTime())) return "Invalid date";
  const isUtc = zone === "utc";
  const hours = isUtc ? date.getUTCHours() : date.getHours();
  const values: Readonly<Record<string, string>> = {
    YYYY: String(isUtc ? date.getUTCFullYear() : date.getFullYear()),
    MM: pad((isUtc ? date.getUTCMonth() : date.getMonth()) + 1, 2),
    DD: pad(isUtc ? date.getUTCDate() : date.getDate(), 2),
    HH: pad(hours, 2),
    hh: pad(hours % 12 || 12, 2),
    h: String(hours % 12 || 12),
    mm: pad(isUtc ? date.getUTCMinutes() : date.getMinutes(), 2),
    ss: pad(isUtc ? date.getUTCSeconds() : date.getSeconds(), 2),
    SSS: pad(isUtc ? date.getUTCMilliseconds() : date.getMilliseconds(), 3),
    a: hours < 12 ? "am" : "pm",
    A: hours < 12 ? "AM" : "PM",
  };
  return pattern.replaceAll(/\[([^\]]*)\]|YYYY|MM|DD|HH|hh|h|mm|ss|SSS|A|a/g, (token, literal) =>
    typeof literal === "string" ? literal : (values[token] ?? token),
  );
}

function pad(value: number, width: number): string {
  return String(value).padStart(width, "0");
}

/** Steps of the time since a moment, each with its size in the one before and the number from which the next one is used. */
const AGES = [
  { name: "second", size: 1_000, most: 44 },
  { name: "minute", size: 60, most: 44 },
  { name: "hour", size: 60, most: 21 },
  { name: "day", size: 24, most: 25 },
  { name: "month", size: 30.4368, most: 10 },
  { name: "year", size: 12, most: Infinity },
] as const;

/** Formats the time between a moment and now: `5 minutes ago`, `in a day`. Both in milliseconds. */
export function formatFromNow(time: number, now: number): string {
  let count = Math.abs(now - time);
  let text = "";
  for (const { name, size, most } of AGES) {
    count /= size;
    const rounded = Math.round(count);
    const article = name === "hour" ? "an" : "a";
    text =
      name === "second"
        ? "a few seconds"
        : rounded <= 1
          ? `${article} ${name}`
          : `${rounded} ${name}s`;
    if (rounded <= most) break;
  }
  return time > now ? `in ${text}` : `${text} ago`;
}
