import type { Clock } from "../kernel/clock.ts";
import type { CalibrationBudget } from "./guard.ts";

/** Time that may be spent at once. */
const BURST_SECONDS = 0.02;
/** Share of the time that may be spent in the long run. */
const SHARE = 0.1;

/**
 * Creates a budget of 20 ms that refills at 100 ms per second: a client that sends every pattern of missing values takes a tenth of a
 * core at most. Work begins while there is time left, so it may overrun the budget once, which delays the next work.
 */
export function createCalibrationBudget(clock: Clock): CalibrationBudget {
  let left = BURST_SECONDS;
  let since = clock.monotonicSeconds();
  return {
    run(work) {
      const begun = clock.monotonicSeconds();
      left = Math.min(BURST_SECONDS, left + (begun - since) * SHARE);
      since = begun;
      if (left <= 0) return undefined;
      const result = work();
      left -= clock.monotonicSeconds() - begun;
      return result;
    },
  };
}
