import type { CalibrationBudget } from "../guard/guard.ts";
import type { Clock } from "../kernel/clock.ts";
import { TepalError } from "../kernel/errors.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { LoadedModel, RemoteExecutor } from "../model/model.ts";
import { checkRows } from "./check.ts";
import { findMissableRemotely } from "./find-missable.ts";
import type { ServingOptions } from "./options.ts";
import { createPredictorParts, findRejected, toRejectionError } from "./predictor-parts.ts";
import { openEngineFailures } from "./record-engine.ts";
import { createRowBuffers, GRAPH_FAILED, reserveRows, type RowBuffers } from "./rows.ts";
import type {
  Predictions,
  Rejection,
  RemotePredictor,
  RowWarnings,
  StreamPredictions,
} from "./serving.ts";
import { WarningMap } from "./warnings.ts";

/**
 * Composes the steps decode → check → infer → record for a loaded model that onnxruntime computes in another process. Each call has its own
 * buffers, since others begin while it waits.
 *
 * @param budget as in `createPredictorParts`
 * @throws TepalError MODEL_DAMAGED if the guard's part of the model is damaged
 */
export async function createRemotePredictor(
  model: LoadedModel<RemoteExecutor>,
  options: ServingOptions,
  metrics: Metrics,
  clock: Clock,
  budget?: CalibrationBudget | null,
): Promise<RemotePredictor> {
  const { executor, manifest } = model;
  const features =
    options.missingPolicy === "warn" ? await findMissableRemotely(model) : manifest.features;
  const parts = createPredictorParts(model, features, options, metrics, clock, budget, () => {
    failures.close();
    void executor.close();
  });
  const failures = openEngineFailures(metrics, manifest);
  executor.onFailure(failures.record);
  const { check, decoder, recorder, rejectedFlags, base } = parts;
  const { alpha } = check;
  const { requests, hold } = base;

  function createRows(count: number): RowBuffers {
    return createRowBuffers(features.length, executor.outputs, count);
  }

  /** Runs the model: fills in `scores` and `labels`. @returns the time that it took, in seconds, with its wait */
  async function infer(rows: RowBuffers, count: number): Promise<number> {
    const begun = clock.monotonicSeconds();
    await executor.run(rows.values, count, rows.scores, rows.labels);
    return clock.monotonicSeconds() - begun;
  }

  /** Does the same, row by row if the graph fails for one of them. @returns also the reasons of failed rows */
  async function inferEach(
    rows: RowBuffers,
    count: number,
  ): Promise<{ readonly seconds: number; readonly failed: ReadonlyMap<number, Rejection> | null }> {
    try {
      return { seconds: await infer(rows, count), failed: null };
    } catch (error) {
      if (!isGraphFailure(error)) throw error;
    }
    const begun = clock.monotonicSeconds();
    const failed = new Map<number, Rejection>();
    const { width, outputs, values, scores, labels } = rows;
    for (let row = 0; row < count; row++) {
      try {
        const [from, to] = [row * outputs, (row + 1) * outputs];
        const one = values.subarray(row * width, (row + 1) * width);
        await executor.run(one, 1, scores.subarray(from, to), labels.subarray(row, row + 1));
      } catch (error) {
        if (!isGraphFailure(error)) throw error;
        failed.set(row, { code: "INVALID_INPUT", message: error.message });
        rows.flags[row]! |= GRAPH_FAILED;
      }
    }
    return { seconds: clock.monotonicSeconds() - begun, failed };
  }

  /** Takes the first `count` rows from their values to predictions. A row that a policy rejects fails all. */
  async function predict(
    rows: RowBuffers,
    count: number,
    warnings: RowWarnings,
    sinceSeconds: number,
    toPointer: (row: number) => string,
  ): Promise<Predictions> {
    const decoded = clock.monotonicSeconds();
    checkRows(check, rows, count, warnings);
    const rejected = findRejected(rows, count, rejectedFlags, alpha);
    requests.observeStage("decode", decoded - sinceSeconds);
    requests.observeStage("check", clock.monotonicSeconds() - decoded);
    if (rejected !== null) {
      recorder.record(rows, count, null, 0);
      throw toRejectionError(rejected, toPointer);
    }
    const seconds = await infer(rows, count);
    requests.observeStage("inference", seconds);
    recorder.record(rows, count, seconds, 0);
    return toPredictions(rows, count, warnings);
  }

  /** Keeps the predictor open during a call. */
  async function holding<T>(call: () => Promise<T>): Promise<T> {
    const release = hold();
    try {
      return await call();
    } finally {
      release();
    }
  }

  return {
    ...base,
    engine: "onnxruntime",

    predictRow: (body, sinceSeconds = clock.monotonicSeconds()) =>
      holding(async () => {
        const rows = createRows(1);
        const warnings = new WarningMap();
        decoder.decodeRow(body, rows.values, warnings);
        return await predict(rows, 1, warnings, sinceSeconds, () => "");
      }),

    predictBatch: (body, sinceSeconds = clock.monotonicSeconds()) =>
      holding(async () => {
        const warnings = new WarningMap();
        const instances = decoder.findInstances(body);
        const rows = createRows(1);
        const reserve = (count: number): Float64Array => {
          reserveRows(rows, count);
          return rows.values;
        };
        decoder.decodeInstances(instances, reserve, warnings);
        const { length } = instances;
        return await predict(rows, length, warnings, sinceSeconds, (row) => `/instances/${row}`);
      }),

    predictRows: (values, count, warnings) =>
      holding(async () => {
        const rows = createRows(count);
        rows.values.set(values.subarray(0, count * rows.width));
        checkRows(check, rows, count, warnings);
        const { seconds, failed } = await inferEach(rows, count);
        recorder.record(rows, count, seconds, rejectedFlags | GRAPH_FAILED);
        return toStreamPredictions(rows, count, warnings, failed);
      }),

    preview: (examples) =>
      holding(async () => {
        const count = examples.length;
        const rows = createRows(count);
        rows.values.set(examples.flat().map((value) => value ?? Number.NaN));
        const warnings = new WarningMap();
        checkRows(check, rows, count, warnings);
        const { failed } = await inferEach(rows, count);
        return toStreamPredictions(rows, count, warnings, failed);
      }),

    decodeRow(body) {
      const { values } = createRows(1);
      decoder.decodeRow(body, values, new WarningMap());
      return values;
    },

    stop: () => executor.close(),
    close: hold(),
  };

  function toStreamPredictions(
    rows: RowBuffers,
    count: number,
    warnings: RowWarnings,
    failed: ReadonlyMap<number, Rejection> | null,
  ): StreamPredictions {
    const byPolicy = findRejected(rows, count, rejectedFlags, alpha);
    const rejected = failed === null ? byPolicy : new Map([...failed, ...(byPolicy ?? [])]);
    return { ...toPredictions(rows, count, warnings), rejected };
  }
}

function toPredictions(
  { labels, scores, pValues }: RowBuffers,
  count: number,
  warnings: RowWarnings,
): Predictions {
  return { count, labels, scores, pValues, warnings: warnings.byRow };
}

function isGraphFailure(error: unknown): error is TepalError {
  return error instanceof TepalError && error.code === "INVALID_INPUT";
}
