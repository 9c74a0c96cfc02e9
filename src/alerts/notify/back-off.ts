const FIRST_SECONDS = 1;
const LONGEST_SECONDS = 60;

/** Seconds to wait before another attempt. @param failures in a row, from 1 */
export function toBackOffSeconds(failures: number): number {
  return Math.min(LONGEST_SECONDS, FIRST_SECONDS * 2 ** Math.min(failures - 1, 10));
}
