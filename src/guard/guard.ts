/**
 * The guard says how far a row can be trusted: whether it is like the rows that the model was trained on.
 * It never sees the model and never counts anything: it returns values, `serving/` records them.
 *
 * Two judgements are kept apart, because their error rates are of different kinds:
 * - the p-value is calibrated: of rows like the training data, a share of about α has p ≤ α, on average over training
 *   sets. Where features are many and rows few it is less (a third of α at 20 rows of 400 features): when the guard
 *   errs, it errs towards trust;
 * - range flags are not: they name a feature whose value lies outside what training saw.
 */

/** Bins of one feature for drift: fixed at training, counted while serving (docs/monitoring-stack.md). */
export interface FeatureBins {
  /**
   * Inner edges, strictly ascending, without duplicates: bin b holds values in
   * (edges[b − 1], edges[b]], the first from −∞, the last to +∞. So there are edges.length + 1 bins.
   */
  readonly edges: readonly number[];
  /** Of the training rows that have a value, the share in each bin; sums to 1. `[1]` when none has. */
  readonly ratios: readonly number[];
  /**
   * Share of all training rows that lack the feature, 0 … 1. So of all rows `ratios[b] × (1 − missing_ratio)` are in bin b,
   * and these with `missing_ratio` sum to 1: the reference for counts that have a bin for missing values.
   */
  readonly missing_ratio: number;
}

/** The guard's part of a manifest; its fields are spelled as they stand in the JSON. */
export interface GuardParameters {
  readonly method: "knn" | "mahalanobis";
  /** knn: which neighbour's distance is the score (5, or fewer when there are few rows). */
  readonly neighbours: number;
  /** Number of calibration scores, one per training row without missing values. */
  readonly calibration_rows: number;
  /** Number of reference rows in reference.bin: training rows (knn) or class means (mahalanobis). */
  readonly reference_rows: number;
  /** Per feature, in feature order. */
  readonly bins: readonly FeatureBins[];
  /** Share of the training rows in each class, in class order; empty for regression. */
  readonly class_ratios: readonly number[];
}

/** What fitting gives: a manifest section, and the bytes of reference.bin. */
export interface FittedGuard {
  readonly parameters: GuardParameters;
  readonly reference: Uint8Array;
}

export interface Guard {
  readonly parameters: GuardParameters;
  /** The smallest p-value it can give: 1 / (calibration_rows + 1). An α below it never flags. */
  readonly smallestPValue: number;
  /**
   * The conformal p-value of the row at `values[offset] … values[offset + width − 1]`: the share of
   * calibration rows at least as far out, in [smallestPValue, 1]. NaN when the row has a missing value.
   * Bates et al., "Testing for outliers with conformal p-values", Annals of Statistics 51(1), 2023.
   */
  pValue(values: Float64Array, offset: number): number;
  /** The bin that a value falls in, 0 … edges.length; −1 for NaN. */
  binOf(feature: number, value: number): number;
}
