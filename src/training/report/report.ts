import type { TrainedForest } from "../forest/train.ts";
import type { TrainingSet } from "../forest/training-set.ts";
import type { CrossValidation } from "./cross-validate.ts";
import type { CommonReport, Spread, TrainingReport } from "./training-report.ts";

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
  const { logLoss, confusion, perClass, calibration } = evaluation.metrics;
  const accuracy = toSpread(evaluation.foldAccuracies);
  return {
    ...common,
    task: evaluation.task,
    accuracy,
    log_loss: logLoss,
    confusion,
    per_class: perClass,
    calibration,
  };
}

function toSpread(values: readonly number[]): Spread {
  const mean = toMean(values);
  return { mean, standard_deviation: Math.sqrt(toMean(values.map((x) => (x - mean) ** 2))) };
}

function toMean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
