import type { ClassLabels } from "../../model/model.ts";
import { measureCalibration, type Calibration } from "./calibration.ts";

/** Quality of one class. */
export interface ClassMetrics {
  readonly label: string | number;
  /** Number of rows of the class. */
  readonly support: number;
  /** Share of correct rows among those predicted as this class; null if none was predicted. */
  readonly precision: number | null;
  /** Share of the class's rows that were predicted as it; null without rows. */
  readonly recall: number | null;
  /** Harmonic mean of precision and recall; null for a class without rows and predictions. */
  readonly f1: number | null;
}

export interface ClassificationMetrics {
  /** Share of correctly predicted rows. */
  readonly accuracy: number;
  /**
   * Mean of −ln p(true class), with p clipped to 1e-15 … 1 and not normalized again: 0 is perfect, one impossible row
   * costs 34.5.
   */
  readonly logLoss: number;
  /** `confusion[t][p]`: rows of class t that were predicted as class p. */
  readonly confusion: readonly (readonly number[])[];
  /** In the order of the classes. */
  readonly perClass: readonly ClassMetrics[];
  readonly calibration: Calibration;
}

export interface RegressionMetrics {
  /** 1 − squared error / squared distance from the mean; null if all targets are equal. */
  readonly rSquared: number | null;
  /** In the target's unit, like the next one. */
  readonly meanAbsoluteError: number;
  readonly rootMeanSquaredError: number;
}

const SMALLEST_PROBABILITY = 1e-15;

/**
 * Evaluates predicted classes of at least one row.
 *
 * @param labels per row: index of the true class
 * @param predicted per row: index of the predicted class
 * @param probabilities rows × classes, row-major
 */
export function evaluateClassification(
  classes: ClassLabels,
  labels: Int32Array,
  predicted: Int32Array,
  probabilities: Float32Array,
): ClassificationMetrics {
  const width = classes.length;
  const confusion = Array.from({ length: width }, () => Array.from({ length: width }, () => 0));
  let right = 0;
  let loss = 0;
  for (const [row, label] of labels.entries()) {
    const guess = predicted[row]!;
    const counts = confusion[label]!;
    counts[guess] = counts[guess]! + 1;
    if (guess === label) right++;
    const probability = probabilities[row * width + label]!;
    loss -= Math.log(Math.min(1, Math.max(SMALLEST_PROBABILITY, probability)));
  }
  return {
    accuracy: right / labels.length,
    logLoss: loss / labels.length,
    confusion,
    perClass: classes.map((label, c) => toClassMetrics(label, confusion, c)),
    calibration: measureCalibration(labels, predicted, probabilities, width),
  };
}

function toClassMetrics(
  label: string | number,
  confusion: readonly (readonly number[])[],
  c: number,
): ClassMetrics {
  const right = confusion[c]![c]!;
  const support = confusion[c]!.reduce((sum, n) => sum + n, 0);
  const predicted = confusion.reduce((sum, row) => sum + row[c]!, 0);
  return {
    label,
    support,
    precision: predicted === 0 ? null : right / predicted,
    recall: support === 0 ? null : right / support,
    f1: support + predicted === 0 ? null : (2 * right) / (support + predicted),
  };
}

/** Evaluates predicted numbers of at least one row. */
export function evaluateRegression(
  values: Float64Array,
  predicted: Float32Array,
): RegressionMetrics {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  let absolute = 0;
  let squared = 0;
  let total = 0;
  for (const [row, value] of values.entries()) {
    const error = value - predicted[row]!;
    absolute += Math.abs(error);
    squared += error * error;
    total += (value - mean) ** 2;
  }
  return {
    rSquared: total > 0 ? 1 - squared / total : null,
    meanAbsoluteError: absolute / values.length,
    rootMeanSquaredError: Math.sqrt(squared / values.length),
  };
}
