/**
 * The statistics of the drift alerts. `drift.ts` writes them in PromQL, `scripts/simulate-drift.ts` simulates them; a test compares
 * the two. docs/alerting.md explains them.
 */
import type { AlertSettings } from "./settings.ts";

/** Accepted number of false alarms a week of a model, for each window. */
const FALSE_ALARMS = 0.01;
/** Accepted share of models whose reference is further off than the limits allow for. */
const REFERENCE_RISK = 0.01;

const WEEK_SECONDS = 7 * 86_400;

/** Windows of the rules in seconds. */
export const WINDOWS = { "5m": 300, "30m": 1_800, "1h": 3_600, "6h": 21_600 } as const;
export type Window = keyof typeof WINDOWS;

/** A noncentral χ² exceeds its bound with a probability of at most e to the power of minus this number. */
export const RELEASE_EXPONENT = 4;

/** Windows with a limit of their own, above which an alert begins. */
export type LimitWindow = Exclude<Window, "1h">;

/** Returns the number c for which the exponent of a window's limit is ln(c · tests). */
export function toLimitFactor(window: LimitWindow): number {
  return WEEK_SECONDS / WINDOWS[window] / FALSE_ALARMS;
}

/** The number c for which the exponent of the reference's error is ln(c · tests). */
export const REFERENCE_FACTOR = 1 / REFERENCE_RISK;

/**
 * Bounds a noncentral χ² with `freedom` degrees of freedom, except with a probability of e^−exponent. Birgé, "An alternative point of
 * view on Lepski's method", 2001, lemma 8.1; Laurent and Massart, "Adaptive estimation of a quadratic functional by model selection",
 * Annals of Statistics 28(5), 2000.
 */
export function toBound(freedom: number, noncentrality: number, exponent: number): number {
  const root = Math.sqrt((freedom + 2 * noncentrality) * exponent);
  return freedom + noncentrality + 2 * root + 2 * exponent;
}

/**
 * Returns the largest squared error of reference shares that 99 of 100 models stay below, in units of the distance.
 * @param tests number of distributions that are compared for a model
 */
export function toReferenceError(freedom: number, tests: number, referenceRows: number): number {
  return toBound(freedom, 0, Math.log(REFERENCE_FACTOR * tests)) / referenceRows;
}

interface Test {
  /** Number of bins minus 1. */
  readonly freedom: number;
  readonly referenceError: number;
  readonly tests: number;
}

/** Returns the limit above which a window's distance is drift. */
export function toLimit(
  { freedom, referenceError, tests }: Test,
  window: LimitWindow,
  effectiveRows: number,
  { driftDistance }: Pick<AlertSettings, "driftDistance">,
): number {
  const exponent = Math.log(toLimitFactor(window) * tests);
  const bound = toBound(freedom, effectiveRows * referenceError, exponent);
  return Math.max(driftDistance, bound / effectiveRows);
}

/** Returns the limit below which drift has ended. */
export function toReleaseLimit(
  { freedom, referenceError }: Omit<Test, "tests">,
  effectiveRows: number,
  { driftReleaseDistance }: Pick<AlertSettings, "driftReleaseDistance">,
): number {
  const bound = toBound(freedom, effectiveRows * referenceError, RELEASE_EXPONENT);
  return Math.max(driftReleaseDistance, bound / effectiveRows);
}

/**
 * Returns the distance of shares from reference shares: 2 Σ (s − r)² / (s + r), from 0 to 4 (triangular discrimination). It is about the
 * population stability index for small differences, but no logarithm makes empty bins weigh more than their rows.
 *
 * @param counts rows by bin, at least one
 */
export function toDistance(counts: ArrayLike<number>, reference: ArrayLike<number>): number {
  let rows = 0;
  for (let b = 0; b < counts.length; b++) rows += counts[b]!;
  let overlap = 0;
  for (let b = 0; b < counts.length; b++) {
    // A bin that is empty on either side has no overlap: 1 / (1/0 + …) is 0.
    overlap += 1 / (rows / counts[b]! + 1 / reference[b]!);
  }
  return 4 - 8 * overlap;
}

/**
 * Returns the number of independent rows that are worth as much as the rows of a window: Kish's effective sample size, divided by the
 * design effect.
 *
 * @param matchRatio share of pairs of rows that are equal, beyond that of the training rows
 */
export function toEffectiveRows(
  rows: number,
  matchRatio: number,
  { designEffect }: Pick<AlertSettings, "designEffect">,
): number {
  return rows / (1 + rows * matchRatio) / designEffect;
}
