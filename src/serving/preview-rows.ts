import type { AnyPredictor, StreamPredictions } from "./serving.ts";

/**
 * Predicts rows for documentation, with any engine.
 * @param rows in feature order; null is a missing value
 * @returns predictions that own their arrays
 * @throws TepalError of another engine, as `RemotePredictor.preview`
 */
export async function previewRows(
  predictor: AnyPredictor,
  rows: readonly (readonly (number | null)[])[],
): Promise<StreamPredictions> {
  if (predictor.engine !== "tepal") return await predictor.preview(rows);
  const predictions = predictor.preview(rows);
  // The predictor overwrites its arrays, maybe before the caller continues.
  return {
    ...predictions,
    labels: predictions.labels.slice(),
    scores: predictions.scores.slice(),
    pValues: predictions.pValues.slice(),
  };
}
