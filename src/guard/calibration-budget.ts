import type { Clock } from "../kernel/clock.ts";
import type { CalibrationBudget } from "./guard.ts";

/** Multiplications that may be spent at once: about 20 ms. */
const BURST = 8e6;
/** Multiplications per second in the long run: about a tenth of a core. */
const REFILL = 4e7;
/** The least cost of a calibration, however small. */
const LEAST_COST = 5e4;

/**
 * Creates a budget that bounds what a client takes that sends every pattern of missing values. It counts work and not time, so that a busy
 * machine checks the same rows. Work begins while anything is left, so it may overrun the budget once, which delays the next work.
 */
export function createCalibrationBudget(clock: Clock): CalibrationBudget {
  let left = BURST;
  let since = clock.monotonicSeconds();
  return {
    spend(operations) {
      const now = clock.monotonicSeconds();
      left = Math.min(BURST, left + (now - since) * REFILL);
      since = now;
      if (left <= 0) return false;
      left -= Math.max(LEAST_COST, operations);
      return true;
    },
  };
}
