import type { CalibrationBudget } from "../guard/guard.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { isRemote, type AnyExecutor, type LoadedModel } from "../model/model.ts";
import type { ServingOptions } from "./options.ts";
import { createPredictor } from "./predictor.ts";
import { createRemotePredictor } from "./remote-predictor.ts";
import type { AnyPredictor } from "./serving.ts";

/**
 * Creates the predictor of a loaded model, by its engine.
 * @param budget as in `createPredictorParts`
 * @throws TepalError MODEL_DAMAGED if the guard's part of the model is damaged
 */
export async function openPredictor(
  model: LoadedModel<AnyExecutor>,
  options: ServingOptions,
  metrics: Metrics,
  clock: Clock,
  budget?: CalibrationBudget | null,
): Promise<AnyPredictor> {
  const { executor, ...others } = model;
  return isRemote(executor)
    ? await createRemotePredictor({ ...others, executor }, options, metrics, clock, budget)
    : createPredictor({ ...others, executor }, options, metrics, clock, budget);
}
