import type { TrainedForest } from "../forest/train.ts";
import type { TrainingSet } from "../forest/training-set.ts";
import type { CrossValidation } from "./cross-validate.ts";
import type { ClassMetrics } from "./evaluate.ts";

/** A mean over folds and the folds' standard deviation (population: divided by their number). */
interface Spread {
  readonly mean: number;
  readonly standard_deviation: number;
}

interface CommonReport {
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

/** Inputs of a report. */
export interface ReportParts {
  readonly data: TrainingSet;
  /** Names of the columns. */
  readonly featureNames: readonly string[];
  /** The final forest, trained on all rows. */
  readonly forest: TrainedForest;
  readonly evaluation: CrossValidation;
  readonly seconds: number;
}

export function createReport(parts: ReportParts): TrainingReport {
  const { data, featureNames, forest, evaluation, seconds } = parts;
  const common: CommonReport = {
    rows: data.rows.count,
    features: data.rows.width,
    folds: evaluation.folds,
    out_of_bag: forest.outOfBag,
    importances: Array.from(forest.importances, (share, f) => ({
      feature: featureNames[f] ?? `column ${f + 1}`,
      share,
    })).toSorted((a, b) => b.share - a.share),
    seconds,
  };
  if (evaluation.task === "regression") {
    const { rSquared, meanAbsoluteError, rootMeanSquaredError } = evaluation.metrics;
    return {
      ...common,
      task: evaluation.task,
      r_squared: rSquared,
      mean_absolute_error: meanAbsoluteError,
      root_mean_squared_error: rootMeanSquaredError,
    };
  }
  const { logLoss, confusion, perClass } = evaluation.metrics;
  const accuracy = toSpread(evaluation.foldAccuracies);
  return {
    ...common,
    task: evaluation.task,
    accuracy,
    log_loss: logLoss,
    confusion,
    per_class: perClass,
  };
}

function toSpread(values: readonly number[]): Spread {
  const mean = toMean(values);
  return { mean, standard_deviation: Math.sqrt(toMean(values.map((x) => (x - mean) ** 2))) };
}

function toMean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
