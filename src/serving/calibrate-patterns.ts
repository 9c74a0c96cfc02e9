import type { CalibrationBudget, Guard } from "../guard/guard.ts";
import { listPatterns } from "../guard/list-patterns.ts";
import type { Clock } from "../kernel/clock.ts";

/** Multiplications for one version: about a second. A few hundred patterns of a small model, twenty of the largest. */
const MAX_OPERATIONS = 4e8;
/** Pauses between calibrations, in times of the calibration: a quarter of a core. */
const PAUSES = 3;
const LEAST_PAUSE_MS = 1;

/**
 * Calibrates the trust check for the patterns of missing values that the training data had, in the background, so that rows with them are
 * checked soon after a start or a reload. Requests run between two calibrations.
 *
 * @returns a function that stops it
 */
export function calibratePatterns(guard: Guard, clock: Clock): () => void {
  // Then no training row has missing values, and reading them all would take some milliseconds.
  if (guard.parameters.bins.every(({ missing_ratio: ratio }) => ratio === 0)) return () => {};
  const budget = createOnceBudget();
  let timer = setTimeout(begin, LEAST_PAUSE_MS);
  timer.unref();

  function begin(): void {
    next(listPatterns(guard.reference).values());
  }

  function next(patterns: ArrayIterator<Float64Array>): void {
    const { value: row } = patterns.next();
    if (row === undefined || budget.isExhausted()) return;
    const begun = clock.monotonicSeconds();
    guard.pValue(row, 0, budget);
    const pauseMs = PAUSES * 1_000 * (clock.monotonicSeconds() - begun);
    timer = setTimeout(() => next(patterns), Math.max(LEAST_PAUSE_MS, pauseMs));
    timer.unref();
  }

  return () => clearTimeout(timer);
}

function createOnceBudget(): CalibrationBudget & { isExhausted(): boolean } {
  let left = MAX_OPERATIONS;
  return {
    spend(operations) {
      left -= operations;
      return left > 0;
    },
    isExhausted: () => left <= 0,
  };
}
