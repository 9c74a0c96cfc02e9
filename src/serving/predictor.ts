import type { CalibrationBudget } from "../guard/guard.ts";
import type { Clock } from "../kernel/clock.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { LoadedModel } from "../model/model.ts";
import { checkRows } from "./check.ts";
import { findMissable } from "./find-missable.ts";
import { inferRows } from "./infer.ts";
import type { ServingOptions } from "./options.ts";
import { createPredictorParts, findRejected, toRejectionError } from "./predictor-parts.ts";
import { createRowBuffers, reserveRows } from "./rows.ts";
import type { Predictions, Predictor, RowWarnings, StreamPredictions } from "./serving.ts";
import { WarningMap } from "./warnings.ts";

/**
 * Composes the steps decode → check → infer → record for a loaded model that Tepal computes.
 * @param budget as in `createPredictorParts`
 * @throws TepalError MODEL_DAMAGED if the guard's part of the model is damaged
 */
export function createPredictor(
  model: LoadedModel,
  options: ServingOptions,
  metrics: Metrics,
  clock: Clock,
  budget?: CalibrationBudget | null,
): Predictor {
  const { executor, manifest } = model;
  const features = options.missingPolicy === "warn" ? findMissable(model) : manifest.features;
  const parts = createPredictorParts(model, features, options, metrics, clock, budget);
  const { check, decoder, bytesDecoder, recorder, rejectedFlags, base } = parts;
  const { alpha } = check;
  const { requests } = base;
  const rows = createRowBuffers(features.length, executor.outputs);

  function reserve(count: number): Float64Array {
    reserveRows(rows, count);
    return rows.values;
  }

  function toPredictions(count: number, warnings: RowWarnings): Predictions {
    const { labels, scores, pValues } = rows;
    return { count, labels, scores, pValues, warnings: warnings.byRow };
  }

  function toStreamPredictions(count: number, warnings: RowWarnings): StreamPredictions {
    const rejected = findRejected(rows, count, rejectedFlags, alpha);
    return { ...toPredictions(count, warnings), rejected };
  }

  /** Takes the first `count` rows from their values to predictions. A row that a policy rejects fails all. */
  function predict(
    count: number,
    warnings: RowWarnings,
    sinceSeconds: number,
    toPointer: (row: number) => string,
  ): Predictions {
    const decoded = clock.monotonicSeconds();
    checkRows(check, rows, count, warnings);
    const rejected = findRejected(rows, count, rejectedFlags, alpha);
    const checked = clock.monotonicSeconds();
    const seconds = rejected === null ? inferRows(executor, rows, count, clock, checked) : null;
    requests.observeStage("decode", decoded - sinceSeconds);
    requests.observeStage("check", checked - decoded);
    if (seconds !== null) requests.observeStage("inference", seconds);
    recorder.record(rows, count, seconds, 0);
    if (rejected !== null) throw toRejectionError(rejected, toPointer);
    return toPredictions(count, warnings);
  }

  return {
    ...base,
    engine: "tepal",

    predictRow(body, sinceSeconds = clock.monotonicSeconds()) {
      const warnings = new WarningMap();
      decoder.decodeRow(body, rows.values, warnings);
      return predict(1, warnings, sinceSeconds, () => "");
    },

    predictBatch(body, sinceSeconds = clock.monotonicSeconds()) {
      const warnings = new WarningMap();
      const instances = decoder.findInstances(body);
      decoder.decodeInstances(instances, reserve, warnings);
      return predict(instances.length, warnings, sinceSeconds, (row) => `/instances/${row}`);
    },

    predictRowBytes(body, limit, sinceSeconds = clock.monotonicSeconds()) {
      if (!bytesDecoder.decodeRow(body, limit, rows.values)) return undefined;
      return predict(1, new WarningMap(), sinceSeconds, () => "");
    },

    predictBatchBytes(body, limit, sinceSeconds = clock.monotonicSeconds()) {
      const count = bytesDecoder.decodeBatch(body, limit, reserve);
      if (count === 0) return undefined;
      return predict(count, new WarningMap(), sinceSeconds, (row) => `/instances/${row}`);
    },

    predictRows(values, count, warnings) {
      reserve(count).set(values.subarray(0, count * rows.width));
      checkRows(check, rows, count, warnings);
      const seconds = inferRows(executor, rows, count, clock);
      recorder.record(rows, count, seconds, rejectedFlags);
      return toStreamPredictions(count, warnings);
    },

    preview(examples) {
      const warnings = new WarningMap();
      const count = examples.length;
      reserve(count).set(examples.flat().map((value) => value ?? Number.NaN));
      checkRows(check, rows, count, warnings);
      inferRows(executor, rows, count, clock);
      return toStreamPredictions(count, warnings);
    },

    decodeRow(body) {
      decoder.decodeRow(body, rows.values, new WarningMap());
      return rows.values;
    },

    close: base.hold(),
  };
}
