import { createGuard } from "../guard/create-guard.ts";
import { parseGuardParameters } from "../guard/parse-parameters.ts";
import { findOutOfRange } from "../guard/ranges.ts";
import type { Guard } from "../guard/guard.ts";
import type { Clock } from "../kernel/clock.ts";
import { TepalError } from "../kernel/errors.ts";
import { isJsonObject } from "../kernel/json.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { LoadedModel } from "../model/load-model.ts";
import { ProblemList, createRowCodec, type Place } from "../tabular/decode-row.ts";
import type { Feature } from "../tabular/tabular.ts";
import type { ServingOptions } from "./options.ts";
import { createRecorder } from "./recorder.ts";
import type { Predictions, Predictor, Warning } from "./serving.ts";
import {
  toMissingWarning,
  toOutlierWarning,
  toRangeWarning,
  toUnknownFieldWarning,
} from "./warnings.ts";

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
  const { oodAlpha: alpha, oodPolicy, maxBatchRows } = options;
  const guard = openGuard(model);
  const codec = createRowCodec(features);
  const recorder = createRecorder(metrics, manifest, guard?.parameters ?? null);

  // One set of buffers serves every request: a request is handled within one turn of the event loop.
  let capacity = 0;
  let values = new Float64Array(0);
  let scores = new Float32Array(0);
  let labels = new Int32Array(0);
  let pValues = new Float64Array(0);
  reserve(16);

  function reserve(rows: number): void {
    if (rows <= capacity) return;
    capacity = rows;
    values = new Float64Array(rows * width);
    scores = new Float32Array(rows * outputs);
    labels = new Int32Array(rows);
    pValues = new Float64Array(rows);
  }

  /** Judges, predicts and counts the `count` rows that stand decoded in `values`. */
  function predict(count: number, warnings: WarningMap): Predictions {
    judge(count, warnings);
    const begun = clock.monotonicSeconds();
    executor.run(values, count, scores, labels);
    recorder.recordCall(count, clock.monotonicSeconds() - begun);
    for (let row = 0; row < count; row++) {
      if (!isClassifier) recorder.recordPrediction(-1, Number.NaN);
      else {
        const label = labels[row] ?? 0;
        recorder.recordPrediction(label, scores[row * outputs + label] ?? 0);
      }
    }
    return { count, labels, scores, pValues, warnings: warnings.byRow };
  }

  function judge(count: number, warnings: WarningMap): void {
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
        refused?.add(warnings.toPointer(row), warning.message);
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
    example: model.example,
    remarks: findRemarks(guard, alpha),

    predictRow(body) {
      if (!isJsonObject(body)) {
        throw new TepalError(
          "INVALID_INPUT",
          "A JSON object with a number for each feature is expected",
          {
            problems: [{ at: "", message: `is not an object; expected: ${describeRow(features)}` }],
          },
        );
      }
      const problems = new ProblemList();
      const { unknown } = codec.decodeObject(body, values, 0, WHOLE_BODY, problems);
      throwProblems(problems);
      const warnings = new WarningMap(WHOLE_BODY);
      for (const field of unknown) warnings.add(0, toUnknownFieldWarning(field));
      return predict(1, warnings);
    },

    predictBatch(body) {
      const instances = toInstances(body, maxBatchRows, features);
      reserve(instances.length);
      const problems = new ProblemList();
      const place: Place = { pointer: "/instances", row: null };
      const warnings = new WarningMap(place);
      instances.forEach((instance: unknown, row) => {
        place.row = row;
        if (Array.isArray(instance)) {
          codec.decodeArray(instance, values, row * width, place, problems);
        } else if (isJsonObject(instance)) {
          const { unknown } = codec.decodeObject(instance, values, row * width, place, problems);
          for (const field of unknown) warnings.add(row, toUnknownFieldWarning(field));
        } else {
          problems.add(`/instances/${row}`, "is neither an object nor an array of numbers");
        }
      });
      throwProblems(problems);
      return predict(instances.length, warnings);
    },

    close: () => recorder.close(),
  };
}

const WHOLE_BODY: Place = { pointer: "", row: null };

/** Warnings by row; the map is made with the first of them. */
class WarningMap {
  byRow: Map<number, Warning[]> | null = null;
  readonly #place: Place;

  constructor(place: Place) {
    this.#place = place;
  }

  add(row: number, warning: Warning): void {
    this.byRow ??= new Map();
    const known = this.byRow.get(row);
    if (known === undefined) this.byRow.set(row, [warning]);
    else known.push(warning);
  }

  toPointer(row: number): string {
    return this.#place === WHOLE_BODY ? "" : `${this.#place.pointer}/${row}`;
  }
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

function toInstances(
  body: unknown,
  maxRows: number,
  features: readonly Feature[],
): readonly unknown[] {
  const instances = isJsonObject(body) ? body["instances"] : undefined;
  if (!Array.isArray(instances)) {
    throw new TepalError(
      "INVALID_INPUT",
      'A JSON object with a list of rows in "instances" is expected',
      {
        problems: [
          {
            at: isJsonObject(body) ? "/instances" : "",
            message: `is not ${isJsonObject(body) ? "a list" : "an object"}; expected: {"instances": [${describeRow(features)}, …]}`,
          },
        ],
      },
    );
  }
  if (instances.length === 0 || instances.length > maxRows) {
    throw new TepalError("INVALID_INPUT", "A batch of another size is expected", {
      problems: [
        { at: "/instances", message: `has ${instances.length} rows; 1 to ${maxRows} are expected` },
      ],
    });
  }
  return instances;
}

function throwProblems(found: ProblemList): void {
  if (found.total === 0) return;
  const more = found.total - found.problems.length;
  throw new TepalError(
    "INVALID_INPUT",
    `${found.total === 1 ? "A value is" : `${found.total} values are`} not usable${more > 0 ? `; the first ${found.problems.length} are listed` : ""}`,
    { problems: found.problems },
  );
}

function countRows(count: number): string {
  return count === 1 ? "A row is" : `${count} rows are`;
}

function describeRow(features: readonly Feature[]): string {
  const shown = features.slice(0, 8).map(({ name }) => `${JSON.stringify(name)}: number`);
  if (features.length > shown.length) shown.push("…");
  return `{${shown.join(", ")}}`;
}
