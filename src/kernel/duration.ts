/**
 * Durations as people write them: `90s`, `10m`, `1h30m`, `1d`, `500ms`.
 *
 *     duration = part { part } | "0"
 *     part     = number ( "y" | "w" | "d" | "h" | "m" | "s" | "ms" )
 *
 * Units stand in this order, each at most once; a year has 365 days. Rule files, flags and forms share this grammar. PromQL has its
 * own (`promql/syntax/parse-duration.ts`). This file runs in browsers too.
 */
export interface DurationSyntax {
  /** Reads a last number without a unit as seconds: `90`, `1h30m15`. @default false */
  readonly bareSeconds?: boolean;
  /** Accepts decimal fractions: `1.5h`. @default false */
  readonly fractions?: boolean;
}

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const UNITS_MS = [
  ["y", 365 * DAY_MS],
  ["w", 7 * DAY_MS],
  ["d", DAY_MS],
  ["h", HOUR_MS],
  ["m", MINUTE_MS],
  ["s", SECOND_MS],
  ["ms", 1],
] as const;

/** Prometheus keeps durations as 64-bit nanoseconds. */
const LIMIT_MS = 2 ** 63 / 1e6;

/** Parses a duration and returns milliseconds, < 2⁶³ ns and ≥ 0; undefined if the string is not a duration. */
export function parseDuration(
  written: string,
  { bareSeconds = false, fractions = false }: DurationSyntax = {},
): number | undefined {
  if (written === "0") return 0;
  const parts = written === "" ? null : toPattern(bareSeconds, fractions).exec(written);
  if (parts === null) return undefined;
  let sum = 0;
  for (const [i, [, size]] of UNITS_MS.entries()) sum += Number(parts[i + 1] ?? 0) * size;
  // Rounded to microseconds: 1.005 s are 1005 ms and not 1004.9999999999999.
  const rounded = Number.isInteger(sum) ? sum : Math.round(sum * 1_000) / 1_000;
  return rounded < LIMIT_MS ? rounded : undefined;
}

function toPattern(bareSeconds: boolean, fractions: boolean): RegExp {
  const number = fractions ? String.raw`\d+(?:\.\d+)?` : String.raw`\d+`;
  const parts = UNITS_MS.map(([unit]) => {
    const suffix = unit === "s" && bareSeconds ? "(?:s|$)" : unit;
    return `(?:(${number})${suffix})?`;
  });
  return new RegExp(`^${parts.join("")}$`);
}

/**
 * Formats a duration in days, hours, minutes, seconds and milliseconds: `1h30m`.
 * @param ms ≥ 0; a fraction of a millisecond stays in the last part
 * @returns a string that `parseDuration` reads as the same duration; with `fractions` if `ms` has one
 */
export function formatDuration(ms: number): string {
  let rest = ms;
  let written = "";
  for (const [unit, size] of UNITS_MS.slice(2)) {
    const count = size === 1 ? rest : Math.floor(rest / size);
    if (count > 0) written += `${count}${unit}`;
    rest -= count * size;
  }
  return written === "" ? "0s" : written;
}
