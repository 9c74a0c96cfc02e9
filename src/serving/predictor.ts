import { createCalibrationBudget } from "../guard/calibration-budget.ts";
import type { CalibrationBudget, Guard } from "../guard/guard.ts";
import type { Clock } from "../kernel/clock.ts";
import { TepalError } from "../kernel/errors.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { readClassValues } from "../model/class-values.ts";
import type { LoadedModel } from "../model/model.ts";
import { toMissingSet } from "../tabular/csv.ts";
import { ProblemList } from "../tabular/decode-row.ts";
import { hasCategories } from "../tabular/schema.ts";
import { checkRows, toCategoryChecks } from "./check.ts";
import { findMissable } from "./find-missable.ts";
import { createBodyDecoder } from "./decode/decode-body.ts";
import { inferRows } from "./infer.ts";
import type { ServingOptions } from "./options.ts";
import { createRecorder } from "./record.ts";
import { createRequestRecorder } from "./record-requests.ts";
import {
  createRowBuffers,
  OUTLIER,
  reserveRows,
  UNCHECKED,
  UNKNOWN_CATEGORY,
  type RowBuffers,
} from "./rows.ts";
import type {
  Predictions,
  Predictor,
  Rejection,
  RowWarnings,
  StreamPredictions,
} from "./serving.ts";
import {
  describeOutlier,
  describeUnchecked,
  describeUnknownCategory,
  WarningMap,
} from "./warnings.ts";

/**
 * Composes the steps decode → check → infer → record for a loaded model.
 * @param budget limits the time of calibrations for rows with missing values, since they hold up all requests; null for no limit
 * @throws TepalError MODEL_DAMAGED if the guard's part of the model is damaged
 */
export function createPredictor(
  model: LoadedModel,
  options: ServingOptions,
  metrics: Metrics,
  clock: Clock,
  budget: CalibrationBudget | null = createCalibrationBudget(clock),
): Predictor {
  const { manifest, executor } = model;
  const features = options.missingPolicy === "warn" ? findMissable(model) : manifest.features;
  const { oodAlpha: alpha } = options;
  const rejectedFlags = toRejectedFlags(options);
  const { guard } = model;
  const check = {
    features: manifest.features,
    categories: toCategoryChecks(features),
    guard,
    budget,
    mayLack: features.some(({ nullable }) => nullable),
    alpha,
  };
  const decoder = createBodyDecoder(
    features,
    options.maxBatchRows,
    toMissingSet(manifest.missing_values),
  );
  const recorder = createRecorder(metrics, manifest, guard, features);
  const rows = createRowBuffers(features.length, executor.outputs);
  const requests = createRequestRecorder(metrics, manifest, clock);
  const hold = shareOwnership(() => {
    recorder.close();
    requests.close();
  });

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
    manifest,
    features,
    outputs: executor.outputs,
    hasGuard: guard !== null,
    maxBatchRows: options.maxBatchRows,
    alpha,
    rejectsRows: rejectedFlags !== 0,
    classValues: readClassValues(manifest, executor.classes),
    example: model.example,
    startupWarnings: listStartupWarnings(guard, alpha, rejectedFlags),

    requests,

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

    // Pages and clients of these rows expect numbers.
    reference: hasCategories(manifest.features) ? null : (guard?.reference ?? null),

    decodeRow(body) {
      decoder.decodeRow(body, rows.values, new WarningMap());
      return rows.values;
    },

    hold,
    close: hold(),
  };
}

/** Returns the flags of the rows that the policies reject. */
function toRejectedFlags({ oodPolicy, uncheckedPolicy, categoryPolicy }: ServingOptions): number {
  const rejectsOutliers = oodPolicy === "reject";
  const rejectsUnchecked =
    uncheckedPolicy === "reject" || (uncheckedPolicy === "flag" && rejectsOutliers);
  return (
    (rejectsOutliers ? OUTLIER : 0) |
    (rejectsUnchecked ? UNCHECKED : 0) |
    (categoryPolicy === "reject" ? UNKNOWN_CATEGORY : 0)
  );
}

function listStartupWarnings(guard: Guard | null, alpha: number, rejectedFlags: number): string[] {
  if (guard === null) {
    const isIneffective = (rejectedFlags & (OUTLIER | UNCHECKED)) !== 0;
    const effect = isIneffective ? ", so --ood-policy and --unchecked-policy reject none" : "";
    return [`no p-values: rows are not compared with the training data${effect}`];
  }
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
  rejectedFlags: number,
  alpha: number,
): ReadonlyMap<number, Rejection> | null {
  if (rejectedFlags === 0) return null;
  let rejected: Map<number, Rejection> | null = null;
  for (let row = 0; row < count; row++) {
    const found = flags[row]! & rejectedFlags;
    if (found === 0) continue;
    (rejected ??= new Map()).set(row, toRejection(found, pValues[row]!, alpha));
  }
  return rejected;
}

function toRejection(found: number, pValue: number, alpha: number): Rejection {
  if ((found & OUTLIER) !== 0) {
    return { code: "OUT_OF_DISTRIBUTION", message: describeOutlier(pValue, alpha) };
  }
  return (found & UNKNOWN_CATEGORY) !== 0
    ? { code: "UNKNOWN_CATEGORY", message: describeUnknownCategory() }
    : { code: "UNCHECKED_INPUT", message: describeUnchecked() };
}

/** Makes the error of a body with rejected rows. Outliers determine its code, if there are any, then unknown categories. */
function toRejectionError(
  rejected: ReadonlyMap<number, Rejection>,
  toPointer: (row: number) => string,
): TepalError {
  const problems = new ProblemList();
  for (const [row, { message }] of rejected) problems.add(toPointer(row), message);
  const count = (code: Rejection["code"]): number =>
    rejected.values().reduce((sum, rejection) => sum + (rejection.code === code ? 1 : 0), 0);
  const outliers = count("OUT_OF_DISTRIBUTION");
  const unchecked = count("UNCHECKED_INPUT");
  const unknown = count("UNKNOWN_CATEGORY");
  const reasons: string[] = [];
  if (outliers > 0) {
    const rows = outliers === 1 ? "1 row that is" : `${outliers} rows that are`;
    reasons.push(`${rows} unlike the training data (--ood-policy reject)`);
  }
  if (unknown > 0) {
    const rows = unknown === 1 ? "1 row" : `${unknown} rows`;
    reasons.push(`${rows} with a category that the model does not know (--category-policy reject)`);
  }
  if (unchecked > 0) {
    const rows = unchecked === 1 ? "1 row that was" : `${unchecked} rows that were`;
    reasons.push(`${rows} not compared with the training data (--unchecked-policy)`);
  }
  return new TepalError(
    outliers > 0 ? "OUT_OF_DISTRIBUTION" : unknown > 0 ? "UNKNOWN_CATEGORY" : "UNCHECKED_INPUT",
    `The server rejects ${reasons.join(" and ")}.`,
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
