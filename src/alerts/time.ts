/**
 * A time as Go writes it in JSON: RFC 3339 in UTC, without zeros at the end of the second's fraction. The year 1 stands for
 * none.
 *
 * @param timeMs milliseconds since 1970
 */
export function formatGoTime(timeMs: number | undefined): string {
  if (timeMs === undefined) return "0001-01-01T00:00:00Z";
  return new Date(timeMs).toISOString().replace(/\.?0*Z$/, "Z");
}
