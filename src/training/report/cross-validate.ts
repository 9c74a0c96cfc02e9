import { createYield } from "../forest/yield-to-event-loop.ts";
import { createForestExecutor } from "../../model/executor/forest-executor.ts";
import type { ForestOptions } from "../training.ts";
import { trainForest } from "../forest/train.ts";
import type { HeldOutPredictions } from "../forest/out-of-bag.ts";
import type { Target, TrainingSet } from "../forest/training-set.ts";
import type { Executor } from "../../model/model.ts";
import type { Rows } from "../../tabular/tabular.ts";
import {
  type ClassificationMetrics,
  evaluateClassification,
  evaluateRegression,
  type RegressionMetrics,
} from "./evaluate.ts";
import { toFolds } from "./folds.ts";

export interface CrossValidationOptions {
  /** Number of folds, ≥ 2; see `toFolds` for small data. @default 5 */
  readonly folds?: number | undefined;
  /** Seed of the assignment of rows to folds. @default 42 */
  readonly seed?: number | undefined;
  /** Aborts with TepalError CANCELLED. */
  readonly signal?: AbortSignal | undefined;
  /** Called after each fold. */
  readonly onProgress?: ((foldsDone: number) => void) | undefined;
}

/** Predictions of forests for rows that they were not trained on. Metrics are over all rows, each held out once. */
export type CrossValidation = { readonly predictions: HeldOutPredictions } & (
  | {
      readonly task: "classification";
      readonly folds: number;
      readonly metrics: ClassificationMetrics;
      /** Accuracy of each fold. */
      readonly foldAccuracies: readonly number[];
    }
  | { readonly task: "regression"; readonly folds: number; readonly metrics: RegressionMetrics }
);

/** Rows per call of the executor: some milliseconds. */
const BLOCK_ROWS = 1_024;

/**
 * Cross-validates: for each fold, trains a forest on all other rows and predicts the fold.
 *
 * @throws errors of trainForest and toFolds
 */
export async function crossValidate(
  data: TrainingSet,
  options: ForestOptions = {},
  { folds: requested = 5, seed = 42, signal, onProgress }: CrossValidationOptions = {},
): Promise<CrossValidation> {
  const { target } = data;
  const { folds, ofRow } = toFolds(target, requested, seed);
  const outputs = target.task === "classification" ? target.classes.length : 1;
  const scores = new Float32Array(ofRow.length * outputs);
  const labels = new Int32Array(ofRow.length);
  const yieldNow = createYield(signal);
  for (let fold = 0; fold < folds; fold++) {
    const rest = toIndexes(ofRow, (other) => other !== fold);
    const held = toIndexes(ofRow, (other) => other === fold);
    const training = {
      ...data,
      rows: pickRows(data.rows, rest),
      target: pickTarget(target, rest),
    };
    const { ensemble } = await trainForest(training, options, { signal });
    const predicted = await predict(
      createForestExecutor(ensemble),
      pickRows(data.rows, held),
      yieldNow,
    );
    for (const [i, row] of held.entries()) {
      labels[row] = predicted.labels[i]!;
      scores.set(predicted.scores.subarray(i * outputs, (i + 1) * outputs), row * outputs);
    }
    onProgress?.(fold + 1);
  }

  if (target.task === "regression") {
    const metrics = evaluateRegression(target.values, scores);
    const predictions = { task: target.task, values: Float64Array.from(scores) };
    return { task: target.task, folds, metrics, predictions };
  }
  const confidence = Float64Array.from(labels, (label, row) => scores[row * outputs + label]!);
  const metrics = evaluateClassification(target.classes, target.labels, labels, scores);
  const foldAccuracies = Array.from({ length: folds }, (_, fold) => {
    const held = toIndexes(ofRow, (other) => other === fold);
    return held.filter((row) => labels[row] === target.labels[row]).length / held.length;
  });
  const predictions = { task: target.task, labels, confidence };
  return { task: target.task, folds, metrics, foldAccuracies, predictions };
}

async function predict(
  executor: Executor,
  { values, count, width }: Rows,
  yieldNow: () => Promise<void>,
): Promise<{ scores: Float32Array; labels: Int32Array }> {
  const scores = new Float32Array(count * executor.outputs);
  const labels = new Int32Array(count);
  for (let from = 0; from < count; from += BLOCK_ROWS) {
    await yieldNow();
    const to = Math.min(count, from + BLOCK_ROWS);
    executor.run(
      values.subarray(from * width, to * width),
      to - from,
      scores.subarray(from * executor.outputs, to * executor.outputs),
      labels.subarray(from, to),
    );
  }
  return { scores, labels };
}

function toIndexes(ofRow: Int32Array, wanted: (fold: number) => boolean): Int32Array {
  return Int32Array.from(ofRow.keys()).filter((row) => wanted(ofRow[row]!));
}

function pickRows({ values, width }: Rows, indexes: Int32Array): Rows {
  const picked = new Float64Array(indexes.length * width);
  for (const [i, row] of indexes.entries()) {
    picked.set(values.subarray(row * width, (row + 1) * width), i * width);
  }
  return { values: picked, count: indexes.length, width };
}

function pickTarget(target: Target, indexes: Int32Array): Target {
  return target.task === "classification"
    ? { ...target, labels: indexes.map((row) => target.labels[row]!) }
    : { ...target, values: Float64Array.from(indexes, (row) => target.values[row]!) };
}
