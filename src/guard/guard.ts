/**
 * The trust check: it compares a row with the rows that the model was trained on.
 *
 * The guard knows nothing of the model, and it counts nothing: it returns values, which `serving/` records. It makes two
 * separate checks, because their error rates are of different kinds:
 *
 * - The p-value is calibrated: of rows like the training data, a share of about α has p ≤ α, on average over training
 *   sets. With many features and few rows the share is smaller (a third of α at 20 rows of 400 features): the guard then
 *   errs on the side of trust.
 * - Range flags are not calibrated. Each names a feature whose value lies outside the range of the training data.
 *
 * `fit/` fits a guard to training rows and returns a section of the manifest and the bytes of reference.bin.
 * `create-guard.ts` turns both back into a guard.
 */

/** The drift bins of one feature: fixed at training, counted while serving (docs/metrics.md, "Drift"). */
export interface FeatureBins {
  /**
   * Inner edges, strictly ascending: bin b holds values in (edges[b − 1], edges[b]], the first bin starts at −∞ and the
   * last ends at +∞. So there are edges.length + 1 bins.
   */
  readonly edges: readonly number[];
  /**
   * Only of a category or a truth value, which then has no edges: the bin of each code. The last code of a category is that of any unknown
   * value.
   */
  readonly codes?: readonly number[];
  /** Share of the training rows in each bin, among the rows that have a value; sums to 1. `[1]` when no row has one. */
  readonly ratios: readonly number[];
  /**
   * Share of all training rows that lack the feature, 0 … 1. So a share of `ratios[b] × (1 − missing_ratio)` of all rows
   * is in bin b, and these shares and `missing_ratio` sum to 1: the reference for counts that include missing values.
   */
  readonly missing_ratio: number;
}

/** The values of the training rows by feature, for a model without a guard; fields are named as in the manifest. */
export interface FeatureReference {
  /** Number of training rows. */
  readonly rows: number;
  /** In feature order. */
  readonly bins: readonly FeatureBins[];
}

/** The columns by which rows are compared, and how often two training rows are equal in them. */
export interface RowMatching {
  /** Indexes of features, ascending; at most 12. */
  readonly features: readonly number[];
  /** Share of the pairs of training rows with equal hashes, from 0 to 1. */
  readonly ratio: number;
}

/** The guard's section of a manifest; fields are named as in the JSON. */
export interface GuardParameters {
  readonly method: "knn" | "mahalanobis";
  /** knn: rank of the neighbour whose distance is the score (5, or fewer when there are few rows). */
  readonly neighbours: number;
  /** Number of calibration scores, one for each training row without missing values; with `levels`, of those with the fewest ones. */
  readonly calibration_rows: number;
  /** Number of reference rows in reference.bin: training rows (knn) or class means (mahalanobis). */
  readonly reference_rows: number;
  /** Number of training rows, with those that have missing values. `calibration_rows` for versions that do not state it. */
  readonly training_rows: number;
  /** One entry per feature, in feature order. */
  readonly bins: readonly FeatureBins[];
  /** Share of the training rows in each class, in class order; empty for regression. */
  readonly class_ratios: readonly number[];
  /** By feature, the level of each code of a category (encoding.ts); null for numbers. Absent without categories. */
  readonly levels?: readonly (readonly number[] | null)[];
  /** The comparison of rows with each other. Estimated for versions that do not state it. */
  readonly row_matching: RowMatching;
}

/** The result of fitting: a section of the manifest, and the bytes of reference.bin. */
export interface FittedGuard {
  readonly parameters: GuardParameters;
  readonly reference: Uint8Array;
}

/** A reference row, and its distance from another row in whitened space: the unit is the spread within a class. */
export interface NearestRow {
  readonly index: number;
  readonly distance: number;
}

/** The rows that the guard compares with. */
export interface ReferenceRows {
  /** Training rows, or the mean of each class that has rows. */
  readonly kind: "training_rows" | "class_means";
  readonly count: number;
  /** Returns the values of a row in feature order, to 12 digits; NaN for a missing one. O(width²). */
  read(index: number): number[];
  /**
   * Returns the rows nearest to `values[offset] … values[offset + width − 1]`, the nearest first; none if a value is missing or too far
   * out. One pass over the reference rows.
   */
  findNearest(values: Float64Array, offset: number, limit: number): NearestRow[];
}

/** A limit of the work that calibrations of patterns are. */
export interface CalibrationBudget {
  /** Takes a number of multiplications from the budget. False, without taking them, if it is exhausted. */
  spend(operations: number): boolean;
}

export interface Guard {
  readonly parameters: GuardParameters;
  readonly reference: ReferenceRows;
  /** Bins of the p-values of rows like the training rows; null without calibration rows. */
  readonly pValueBins: FeatureBins | null;
  /** The smallest p-value that the guard can return: 1 / (calibration_rows + 1). An α below it flags no row. */
  readonly smallestPValue: number;
  /**
   * Returns the conformal p-value of the row at `values[offset] … values[offset + width − 1]`: the share of calibration
   * rows that are at least as far out, in [smallestPValue, 1].
   *
   * A row with missing values is compared in its present features, with a calibration of its own for each pattern of missing values,
   * which is made when it is first needed. NaN when no value is present, when the reference has no rows to calibrate with (mahalanobis),
   * when the calibration would take longer than about 40 ms, and when the budget is exhausted.
   * Bates et al., "Testing for outliers with conformal p-values", Annals of Statistics 51(1), 2023.
   *
   * @param budget limits the work of calibrations; null for no limit
   */
  pValue(values: Float64Array, offset: number, budget?: CalibrationBudget | null): number;
  /** Returns the bin of a value, 0 … edges.length; −1 for NaN. */
  binOf(feature: number, value: number): number;
}
