/** Milliseconds since 1970. */
export interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** A range as the user chose it: `now-30m`, `now/d`, or milliseconds since 1970. */
export interface RawRange {
  readonly from: string;
  readonly to: string;
}

type Unit = "s" | "m" | "h" | "d" | "w" | "M" | "y";

const FIXED_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000 };

/** Returns the times of a range; undefined if an end cannot be parsed or the range is empty. */
export function resolveRange({ from, to }: RawRange, nowMs: number): TimeRange | undefined {
  const start = parseTime(from, nowMs, false);
  const end = parseTime(to, nowMs, true);
  return start === undefined || end === undefined || start >= end
    ? undefined
    : { from: start, to: end };
}

/**
 * Parses `now`, `now-1h`, `now-1d/d`, milliseconds since 1970, or a date that JavaScript reads.
 *
 * @param isEnd true to move `/d` to the end of the day
 */
export function parseTime(text: string, nowMs: number, isEnd: boolean): number | undefined {
  const given = text.trim();
  if (/^\d{10,}$/.test(given)) return Number(given);
  if (!given.startsWith("now")) {
    const at = Date.parse(given);
    return Number.isNaN(at) ? undefined : at;
  }
  const math = given.slice(3);
  if (!/^(?:[+-]\d*[smhdwMy]|\/[smhdwMy])*$/.test(math)) return undefined;
  let at = nowMs;
  for (const [, sign, count, unit, floor] of math.matchAll(
    /([+-])(\d*)([smhdwMy])|\/([smhdwMy])/g,
  )) {
    if (floor === undefined) {
      at = add(at, (sign === "-" ? -1 : 1) * Number(count === "" ? 1 : count), unit as Unit);
    } else {
      const start = floorTo(at, floor as Unit);
      at = isEnd ? add(start, 1, floor as Unit) - 1 : start;
    }
  }
  return at;
}

function add(at: number, count: number, unit: Unit): number {
  const { [unit]: fixed } = FIXED_MS;
  if (fixed !== undefined) return at + count * fixed;
  const date = new Date(at);
  if (unit === "d") date.setDate(date.getDate() + count);
  else if (unit === "w") date.setDate(date.getDate() + 7 * count);
  else if (unit === "M") date.setMonth(date.getMonth() + count);
  else date.setFullYear(date.getFullYear() + count);
  return date.getTime();
}

function floorTo(at: number, unit: Unit): number {
  const date = new Date(at);
  date.setMilliseconds(0);
  if (unit === "s") return date.getTime();
  date.setSeconds(0);
  if (unit === "m") return date.getTime();
  date.setMinutes(0);
  if (unit === "h") return date.getTime();
  date.setHours(0);
  // Weeks begin on Monday.
  if (unit === "w") date.setDate(date.getDate() - ((date.getDay() + 6) % 7));
  if (unit === "M" || unit === "y") date.setDate(1);
  if (unit === "y") date.setMonth(0);
  return date.getTime();
}

/** Returns twice the range around its middle. Its end is at most now, unless it was later. */
export function widenRange({ from, to }: TimeRange, nowMs: number): TimeRange {
  const half = (to - from) / 2;
  const end = Math.min(to + half, Math.max(nowMs, to));
  return { from: Math.round(end - 4 * half), to: Math.round(end) };
}

const NAMES: Readonly<Record<string, string>> = { m: "minute", h: "hour", d: "day", w: "week" };

/** Describes a range: `Last 30 minutes`; undefined for another than `now-N…now`. */
export function describeRange({ from, to }: RawRange): string | undefined {
  const [, count, unit = ""] = /^now-(\d+)([mhdw])$/.exec(from) ?? [];
  if (count === undefined || to !== "now") return undefined;
  return `Last ${count === "1" ? "" : `${count} `}${NAMES[unit]}${count === "1" ? "" : "s"}`;
}
