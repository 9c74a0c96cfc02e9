const INITIAL_SECONDS = 1;
const MAX_SECONDS = 60;

/** Returns the seconds to wait before the next attempt. @param failures consecutive failures, ≥ 1 */
export function toBackOffSeconds(failures: number): number {
  return Math.min(MAX_SECONDS, INITIAL_SECONDS * 2 ** Math.min(failures - 1, 10));
}
