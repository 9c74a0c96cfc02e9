import { createGuard } from "../guard/create-guard.ts";
import type { Guard } from "../guard/guard.ts";
import { parseGuardParameters } from "../guard/parse-parameters.ts";
import type { Clock } from "../kernel/clock.ts";
import { TepalError } from "../kernel/errors.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { LoadedModel } from "../model/model.ts";
import { ProblemList } from "../tabular/decode-row.ts";
import { checkRows } from "./check.ts";
import { createBodyDecoder } from "./decode/decode-body.ts";
import { inferRows } from "./infer.ts";
import type { ServingOptions } from "./options.ts";
import { createRecorder } from "./record.ts";
import { createRowBuffers, OUTLIER, reserveRows, type RowBuffers } from "./rows.ts";
import type { Predictions, Predictor, RowWarnings } from "./serving.ts";
import { describeOutlier, WarningMap } from "./warnings.ts";

/**
 * Composes the steps decode → check → infer → record for a loaded model.
 * @throws TepalError MODEL_DAMAGED if the guard's part of the model is damaged
 */
export function createPredictor(
  model: LoadedModel,
  options: ServingOptions,
  metrics: Metrics,
  clock: Clock,
): Predictor {
  const { manifest, executor } = model;
  const { features } = manifest;
  const { oodAlpha: alpha, oodPolicy } = options;
  const rejectsOutliers = oodPolicy === "reject";
  const guard = openGuard(model);
  const check = { features, guard, alpha };
  const decoder = createBodyDecoder(features, options.maxBatchRows);
  const recorder = createRecorder(metrics, manifest, guard);
  const rows = createRowBuffers(features.length, executor.outputs);
  const hold = shareOwnership(recorder.close);

  function reserve(count: number): Float64Array {
    reserveRows(rows, count);
    return rows.values;
  }

  function toPredictions(count: number, warnings: RowWarnings): Predictions {
    const { labels, scores, pValues } = rows;
    return { count, labels, scores, pValues, warnings: warnings.byRow };
  }

  /** Takes the first `count` rows from their values to predictions. An outlier that the policy rejects fails all. */
  function predict(
    count: number,
    warnings: RowWarnings,
    toPointer: (row: number) => string,
  ): Predictions {
    checkRows(check, rows, count, warnings);
    const rejected = rejectsOutliers ? findRejected(rows, count, alpha) : null;
    const seconds = rejected === null ? inferRows(executor, rows, count, clock) : null;
    recorder.record(rows, count, seconds, false);
    if (rejected !== null) throw toRejection(rejected, toPointer);
    return toPredictions(count, warnings);
  }

  return {
    manifest,
    outputs: executor.outputs,
    hasGuard: guard !== null,
    alpha,
    rejectsOutliers,
    example: model.example,
    startupWarnings: listStartupWarnings(guard, alpha),

    predictRow(body) {
      const warnings = new WarningMap();
      decoder.decodeRow(body, rows.values, warnings);
      return predict(1, warnings, () => "");
    },

    predictBatch(body) {
      const warnings = new WarningMap();
      const instances = decoder.findInstances(body);
      decoder.decodeInstances(instances, reserve, warnings);
      return predict(instances.length, warnings, (row) => `/instances/${row}`);
    },

    predictRows(values, count, warnings) {
      reserve(count).set(values.subarray(0, count * rows.width));
      checkRows(check, rows, count, warnings);
      const seconds = inferRows(executor, rows, count, clock);
      recorder.record(rows, count, seconds, rejectsOutliers);
      const rejected = rejectsOutliers ? findRejected(rows, count, alpha) : null;
      return { ...toPredictions(count, warnings), rejected };
    },

    hold,
    close: hold(),
  };
}

function openGuard({ manifest, reference }: LoadedModel): Guard | null {
  if (manifest.guard === null || reference === null) return null;
  const parameters = parseGuardParameters(
    manifest.guard,
    manifest.features.length,
    manifest.classes.length,
  );
  return createGuard(parameters, reference, manifest.features);
}

function listStartupWarnings(guard: Guard | null, alpha: number): string[] {
  if (guard === null) return ["no guard: rows are not compared with the training data"];
  if (alpha >= guard.smallestPValue) return [];
  return [
    `with ${guard.parameters.calibration_rows} training rows the smallest p-value is ${guard.smallestPValue.toPrecision(2)}, ` +
      `so --ood-alpha ${alpha} flags no row; raise --ood-alpha or train on more rows`,
  ];
}

/** Lists the reasons of rejected rows; null if there are none. */
function findRejected(
  { flags, pValues }: RowBuffers,
  count: number,
  alpha: number,
): ReadonlyMap<number, string> | null {
  let rejected: Map<number, string> | null = null;
  for (let row = 0; row < count; row++) {
    if ((flags[row]! & OUTLIER) === 0) continue;
    (rejected ??= new Map()).set(row, describeOutlier(pValues[row]!, alpha));
  }
  return rejected;
}

function toRejection(
  rejected: ReadonlyMap<number, string>,
  toPointer: (row: number) => string,
): TepalError {
  const problems = new ProblemList();
  for (const [row, message] of rejected) problems.add(toPointer(row), message);
  const outliers = rejected.size === 1 ? "1 row is" : `${rejected.size} rows are`;
  return new TepalError(
    "OUT_OF_DISTRIBUTION",
    `${outliers} unlike the training data, and the server rejects such rows (--ood-policy reject)`,
    { problems: problems.problems },
  );
}

/** Counts owners. Each owner releases its share once; `close` runs when the last one has. */
function shareOwnership(close: () => void): () => () => void {
  let owners = 0;
  return () => {
    owners += 1;
    let isOwner = true;
    return () => {
      if (isOwner) owners -= 1;
      isOwner = false;
      if (owners === 0) close();
    };
  };
}
