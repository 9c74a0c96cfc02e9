import { createGuard } from "../guard/create-guard.ts";
import { parseGuardParameters } from "../guard/parse-parameters.ts";
import { findOutOfRange } from "../guard/ranges.ts";
import type { Guard } from "../guard/guard.ts";
import type { Clock } from "../kernel/clock.ts";
import { TepalError } from "../kernel/errors.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { LoadedModel } from "../model/model.ts";
import { ProblemList } from "../tabular/decode-row.ts";
import { createBodyDecoder } from "./decode/decode-body.ts";
import type { ServingOptions } from "./options.ts";
import { createRecorder } from "./recorder.ts";
import type { Predictions, Predictor } from "./serving.ts";
import { WarningMap, toMissingWarning, toOutlierWarning, toRangeWarning } from "./warnings.ts";

/** JSON pointer of a row in the request's body. */
type ToPointer = (row: number) => string;
/** Why rows of a stream are refused, by row. */
type RefusedRows = Map<number, string>;

/**
 * Makes a loaded model answer.
 * @throws TepalError MODEL_DAMAGED when the guard's part of the model is not usable
 */
export function createPredictor(
  model: LoadedModel,
  options: ServingOptions,
  metrics: Metrics,
  clock: Clock,
): Predictor {
  const { manifest, executor } = model;
  const { features } = manifest;
  const width = features.length;
  const { outputs } = executor;
  const isClassifier = manifest.task === "classification";
  const { oodAlpha: alpha, oodPolicy } = options;
  const guard = openGuard(model);
  const decoder = createBodyDecoder(features, options.maxBatchRows);
  const recorder = createRecorder(metrics, manifest, guard?.parameters ?? null);

  // One set of buffers serves every request: a request is handled within one turn of the event loop.
  let capacity = 0;
  let values = new Float64Array(0);
  let scores = new Float32Array(0);
  let labels = new Int32Array(0);
  let pValues = new Float64Array(0);
  reserve(16);

  // Whoever made the predictor holds it, and every stream that runs.
  let holders = 0;
  function hold(): () => void {
    holders += 1;
    let isHeld = true;
    return () => {
      if (isHeld) holders -= 1;
      isHeld = false;
      if (holders === 0) recorder.close();
    };
  }
  const close = hold();

  /** Makes room for a number of rows, keeping those that are decoded. */
  function reserve(rows: number): Float64Array {
    if (rows <= capacity) return values;
    capacity = Math.max(rows, 2 * capacity);
    const decoded = values;
    values = new Float64Array(capacity * width);
    values.set(decoded);
    scores = new Float32Array(capacity * outputs);
    labels = new Int32Array(capacity);
    pValues = new Float64Array(capacity);
    return values;
  }

  /** Judges, predicts and counts the `count` rows that stand decoded in `values`. */
  function predict(count: number, warnings: WarningMap, toPointer: ToPointer): Predictions {
    judge(count, warnings, toPointer);
    return infer(count, warnings, null);
  }

  /** @param refused rows that are judged but no predictions */
  function infer(count: number, warnings: WarningMap, refused: RefusedRows | null): Predictions {
    const begun = clock.monotonicSeconds();
    executor.run(values, count, scores, labels);
    recorder.recordCall(count, clock.monotonicSeconds() - begun);
    for (let row = 0; row < count; row++) {
      if (refused?.has(row) === true) continue;
      if (!isClassifier) recorder.recordPrediction(-1, Number.NaN);
      else {
        const label = labels[row] ?? 0;
        recorder.recordPrediction(label, scores[row * outputs + label] ?? 0);
      }
    }
    return { count, labels, scores, pValues, warnings: warnings.byRow };
  }

  /** @param refusedRows takes the rows that the policy refuses; without it they make the whole batch fail */
  function judge(
    count: number,
    warnings: WarningMap,
    toPointer: ToPointer,
    refusedRows?: RefusedRows,
  ): void {
    const refused = oodPolicy === "reject" ? new ProblemList() : null;
    for (let row = 0; row < count; row++) {
      const offset = row * width;
      const pValue = guard === null ? Number.NaN : guard.pValue(values, offset);
      pValues[row] = pValue;
      if (!Number.isNaN(pValue)) recorder.recordPValue(pValue);
      const outside = findOutOfRange(features, values, offset);
      if (outside !== null) {
        recorder.recordFlag("range");
        for (const index of outside) {
          const feature = features[index];
          const value = values[offset + index];
          if (feature !== undefined && value !== undefined) {
            warnings.add(row, toRangeWarning(feature, value));
          }
        }
      }
      if (pValue <= alpha) {
        recorder.recordFlag("p_value");
        const warning = toOutlierWarning(pValue, alpha);
        warnings.add(row, warning);
        if (refusedRows === undefined) refused?.add(toPointer(row), warning.message);
        else if (refused !== null) refusedRows.set(row, warning.message);
      }
      if (guard !== null) recordBins(guard, offset);
      if (guard === null || Number.isNaN(pValue)) warnAboutMissing(row, offset, warnings);
    }
    if (refused !== null && refused.total > 0) {
      throw new TepalError(
        "OUT_OF_DISTRIBUTION",
        `${countRows(refused.total)} unlike the training data, and the server refuses such rows (--ood-policy reject)`,
        { problems: refused.problems },
      );
    }
  }

  function recordBins(judging: Guard, offset: number): void {
    for (let f = 0; f < width; f++) {
      recorder.recordBin(f, judging.binOf(f, values[offset + f] ?? Number.NaN));
    }
  }

  function warnAboutMissing(row: number, offset: number, warnings: WarningMap): void {
    const missing = features.filter((_, f) => Number.isNaN(values[offset + f]));
    if (missing.length === 0) return;
    recorder.recordFlag("missing");
    for (const feature of missing) warnings.add(row, toMissingWarning(feature));
  }

  return {
    manifest,
    outputs,
    hasGuard: guard !== null,
    alpha,
    refusesOutliers: oodPolicy === "reject",
    example: model.example,
    remarks: findRemarks(guard, alpha),

    predictRow(body) {
      const warnings = new WarningMap();
      decoder.decodeRow(body, values, warnings);
      return predict(1, warnings, () => "");
    },

    predictBatch(body) {
      const warnings = new WarningMap();
      const instances = decoder.findInstances(body);
      decoder.decodeInstances(instances, reserve, warnings);
      return predict(instances.length, warnings, (row) => `/instances/${row}`);
    },

    predictRows(rows, count, warnings) {
      reserve(count).set(rows.subarray(0, count * width));
      const refused: RefusedRows = new Map();
      judge(count, warnings, () => "", refused);
      const predictions = infer(count, warnings, refused.size > 0 ? refused : null);
      return { ...predictions, refused: refused.size > 0 ? refused : null };
    },

    hold,
    close,
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

function findRemarks(guard: Guard | null, alpha: number): string[] {
  if (guard === null) return ["it has no guard: rows are not compared with the training data"];
  if (alpha >= guard.smallestPValue) return [];
  return [
    `with ${guard.parameters.calibration_rows} training rows no p-value is below ${guard.smallestPValue.toPrecision(2)}, ` +
      `so an alpha of ${alpha} flags nothing; raise --ood-alpha or train on more rows`,
  ];
}

function countRows(count: number): string {
  return count === 1 ? "A row is" : `${count} rows are`;
}
