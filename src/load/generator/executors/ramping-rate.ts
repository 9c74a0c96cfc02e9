import type { Arrivals } from "./arrivals.ts";

/** The rate goes from one to another in a straight line, then stays. Rates are per second. */
export function createRampingRate(from: number, to: number, rampSeconds: number): Arrivals {
  const slope = rampSeconds > 0 ? (to - from) / rampSeconds : 0;
  const countOfRamp = ((from + to) / 2) * rampSeconds;
  return {
    dueAt(count) {
      if (count <= countOfRamp && rampSeconds > 0) {
        if (slope === 0) return from > 0 ? count / from : Infinity;
        // The count after t seconds is from · t + slope · t² / 2; written so that a slope near 0 does no harm.
        const root = Math.sqrt(Math.max(0, from * from + 2 * slope * count));
        return from + root > 0 ? (2 * count) / (from + root) : 0;
      }
      return to > 0 ? rampSeconds + (count - countOfRamp) / to : Infinity;
    },
  };
}
