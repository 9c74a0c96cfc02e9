import { createCalibrationBudget } from "../guard/calibration-budget.ts";
import type { CalibrationBudget, Guard } from "../guard/guard.ts";
import type { Clock } from "../kernel/clock.ts";
import { TepalError } from "../kernel/errors.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { readClassValues } from "../model/class-values.ts";
import type { AnyExecutor, LoadedModel } from "../model/model.ts";
import { toMissingSet } from "../tabular/csv.ts";
import { ProblemList } from "../tabular/decode-row.ts";
import { hasCategories } from "../tabular/schema.ts";
import type { Feature } from "../tabular/tabular.ts";
import { calibratePatterns } from "./calibrate-patterns.ts";
import { toCategoryChecks, type TrustCheck } from "./check.ts";
import { createBodyDecoder, type BodyDecoder } from "./decode/decode-body.ts";
import { createBytesDecoder, type BytesDecoder } from "./decode/decode-bytes.ts";
import type { ServingOptions } from "./options.ts";
import { createRecorder, type Recorder } from "./record.ts";
import { createRequestRecorder } from "./record-requests.ts";
import { OUTLIER, UNCHECKED, UNKNOWN_CATEGORY, type RowBuffers } from "./rows.ts";
import type { PredictorBase, Rejection } from "./serving.ts";
import { describeOutlier, describeUnchecked, describeUnknownCategory } from "./warnings.ts";

/** The parts of a predictor that do not depend on the engine. */
export interface PredictorParts {
  readonly check: TrustCheck;
  readonly decoder: BodyDecoder;
  readonly bytesDecoder: BytesDecoder;
  readonly recorder: Recorder;
  /** Flags of the rows that the policies reject. */
  readonly rejectedFlags: number;
  readonly base: Omit<PredictorBase, "decodeRow" | "close">;
}

/**
 * @param features those of the manifest, `nullable` as the policy for missing values decides
 * @param budget limits the time of calibrations for rows with missing values, since they hold up all requests; null for no limit, and for none
 *   in the background
 * @param onClose called once, when the last owner has released the predictor
 * @throws TepalError MODEL_DAMAGED if the guard's part of the model is damaged
 */
export function createPredictorParts(
  model: LoadedModel<AnyExecutor>,
  features: readonly Feature[],
  options: ServingOptions,
  metrics: Metrics,
  clock: Clock,
  budget: CalibrationBudget | null = createCalibrationBudget(clock),
  onClose: () => void = () => {},
): PredictorParts {
  const { manifest, executor, guard } = model;
  const { oodAlpha: alpha } = options;
  const rejectedFlags = toRejectedFlags(options);
  const check = {
    features: manifest.features,
    categories: toCategoryChecks(features),
    guard,
    budget,
    mayLack: features.some(({ nullable }) => nullable),
    alpha,
  };
  const missing = toMissingSet(manifest.missing_values);
  const recorder = createRecorder(metrics, manifest, guard, features);
  const requests = createRequestRecorder(metrics, manifest, clock);
  const stopCalibration =
    guard === null || budget === null ? () => {} : calibratePatterns(guard, clock);
  const hold = shareOwnership(() => {
    stopCalibration();
    recorder.close();
    requests.close();
    onClose();
  });
  return {
    check,
    decoder: createBodyDecoder(features, options.maxBatchRows, missing),
    bytesDecoder: createBytesDecoder(features, options.maxBatchRows, missing),
    recorder,
    rejectedFlags,
    base: {
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
      // Pages and clients of these rows expect numbers.
      reference: hasCategories(manifest.features) ? null : (guard?.reference ?? null),
      hold,
    },
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
export function findRejected(
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
export function toRejectionError(
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
