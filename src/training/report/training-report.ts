import type { Calibration } from "./calibration.ts";
import type { ClassMetrics } from "./evaluate.ts";

/** A mean over folds and the folds' standard deviation (population: divided by their number). */
export interface Spread {
  readonly mean: number;
  readonly standard_deviation: number;
}

export interface CommonReport {
  readonly rows: number;
  /** Number of feature columns. */
  readonly features: number;
  /** Folds of the cross-validation behind the metrics. */
  readonly folds: number;
  /** Score of the final forest on the rows that a tree was not grown on: accuracy or R². Null: see OutOfBag. */
  readonly out_of_bag: { readonly score: number | null; readonly rows: number };
  /** Most important first; the shares sum to 1 (or are all 0). */
  readonly importances: readonly { readonly feature: string; readonly share: number }[];
  /** Wall-clock time of training and evaluation. */
  readonly seconds: number;
}

/**
 * Training report as stored in the manifest: plain JSON with the manifest's field names. Metrics come from held-out
 * rows of a cross-validation, not from training rows.
 */
export type TrainingReport = CommonReport &
  (
    | {
        readonly task: "classification";
        /** Over the folds. */
        readonly accuracy: Spread;
        /** See ClassificationMetrics. */
        readonly log_loss: number;
        /** Rows: true class; columns: predicted class; both in the order of `per_class`. */
        readonly confusion: readonly (readonly number[])[];
        /** In the order of the model's classes; `support` is the number of training rows. */
        readonly per_class: readonly ClassMetrics[];
        /** Versions that Tepal trained before do not have it. */
        readonly calibration: Calibration;
      }
    | {
        readonly task: "regression";
        /** See RegressionMetrics. */
        readonly r_squared: number | null;
        /** In the target's unit, like the next one. */
        readonly mean_absolute_error: number;
        readonly root_mean_squared_error: number;
      }
  );
