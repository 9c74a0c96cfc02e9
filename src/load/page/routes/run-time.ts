import { TepalError } from "../../../kernel/errors.ts";

const UNITS = { h: 3_600, m: 60, s: 1 } as const;

/**
 * Seconds of a duration as Locust writes them: `20`, `20s`, `3m`, `1h20m`.
 * @throws TepalError INVALID_PLAN
 */
export function parseRunTime(text: string): number {
  const found = /^(?:(?<h>\d+)h)?(?:(?<m>\d+)m)?(?:(?<s>\d+)s?)?$/.exec(text.trim());
  let seconds = 0;
  for (const unit of ["h", "m", "s"] as const) {
    seconds += Number(found?.groups?.[unit] ?? 0) * UNITS[unit];
  }
  if (seconds > 0 && Number.isSafeInteger(seconds)) return seconds;
  throw new TepalError(
    "INVALID_PLAN",
    `run_time "${text}" is no duration: 20, 20s, 3m, 2h or 1h20m are`,
  );
}
