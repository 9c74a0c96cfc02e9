/**
 * Formats a time as Go does in JSON: RFC 3339 in UTC, without trailing zeros in the fraction of the second.
 *
 * @param timeMs milliseconds since 1970; undefined gives Go's zero time, in the year 1
 */
export function formatGoTime(timeMs: number | undefined): string {
  if (timeMs === undefined) return "0001-01-01T00:00:00Z";
  return new Date(timeMs).toISOString().replace(/\.?0*Z$/, "Z");
}
