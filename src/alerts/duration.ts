import { DURATION_UNITS } from "../promql/syntax/duration-units.ts";

const DURATION = /^(?:(\d+)y)?(?:(\d+)w)?(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?(?:(\d+)ms)?$/;
/** What 64 bits of nanoseconds hold. */
const MAX_MS = 2 ** 63 / 1e6;

/** Milliseconds of a duration as rule files have it, `1h30m`; undefined for what is none. A bare `0` is one. */
export function parseDuration(text: string): number | undefined {
  if (text === "0") return 0;
  const parts = text === "" ? null : DURATION.exec(text);
  if (parts === null) return undefined;
  const sum = DURATION_UNITS.reduce(
    (total, [, size], i) => total + Number(parts[i + 1] ?? 0) * size,
    0,
  );
  return sum < MAX_MS ? sum : undefined;
}
