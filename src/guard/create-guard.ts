import { TepalError, type Problem } from "../kernel/errors.ts";
import type { Feature } from "../tabular/tabular.ts";
import { toBin } from "./bins.ts";
import { toConformalPValue } from "./conformal.ts";
import type { Guard, GuardParameters } from "./guard.ts";
import { createKnnIndex } from "./knn-index.ts";
import { createKnnScore } from "./knn.ts";
import { createMahalanobisScore } from "./mahalanobis.ts";
import { toPValueBins } from "./output-reference.ts";
import { decodeReference, type Reference } from "./reference.ts";
import { createReferenceRows, type CompiledReference } from "./reference-rows.ts";
import type { Whitening } from "./whitening.ts";

/**
 * A checked guard in the form that it is used in: numbers, strings and typed arrays, which can be sent to another thread. To create the
 * guard takes no time that depends on the number of rows.
 */
export interface CompiledGuard {
  readonly parameters: GuardParameters;
  readonly whitening: Whitening;
  /** Ascending. */
  readonly calibration: Float64Array;
  readonly reference: CompiledReference;
}

/**
 * Decodes and checks the reference of a guard.
 *
 * @param reference the bytes of reference.bin; not kept
 * @throws TepalError MODEL_DAMAGED when the bytes are damaged, or do not match the parameters and features
 */
export function compileGuard(
  parameters: GuardParameters,
  reference: Uint8Array,
  features: readonly Feature[],
): CompiledGuard {
  const decoded = decodeReference(reference);
  checkMatch(parameters, decoded, features.length);
  const { whitening, rows, calibration } = decoded;
  return {
    parameters,
    whitening,
    calibration,
    reference:
      parameters.method === "knn"
        ? { method: "knn", index: createKnnIndex(rows, whitening.width) }
        : { method: "mahalanobis", means: rows },
  };
}

/**
 * Creates a guard. `pValue` and `binOf` allocate nothing. A guard has scratch space of its own, so it must not be shared between threads.
 */
export function createGuard(compiled: CompiledGuard): Guard {
  const { parameters, whitening, calibration, reference } = compiled;
  const { width } = whitening;
  const edges = parameters.bins.map((bins) => bins.edges);
  const score =
    reference.method === "knn"
      ? createKnnScore(whitening, reference.index, parameters.neighbours)
      : createMahalanobisScore(whitening, reference.means);

  return {
    parameters,
    reference: createReferenceRows(whitening, reference),
    pValueBins: toPValueBins(calibration),
    smallestPValue: 1 / (calibration.length + 1),
    pValue(values, offset) {
      for (let at = offset; at < offset + width; at++) {
        if (Number.isNaN(values[at])) return Number.NaN;
      }
      return toConformalPValue(calibration, score(values, offset));
    },
    binOf(feature, value) {
      return toBin(edges[feature]!, value);
    },
  };
}

function checkMatch(parameters: GuardParameters, reference: Reference, width: number): void {
  const problems: Problem[] = [];
  const compare = (
    at: string,
    stated: number | string,
    actual: number | string,
    unit: string,
  ): void => {
    if (stated === actual) return;
    const message = `Expected ${actual}${unit} as in reference.bin, got ${stated}.`;
    problems.push({ at, message });
  };
  const { rows, calibration, method } = reference;
  const actualWidth = reference.whitening.width;
  compare("/guard/method", parameters.method, method, "");
  compare("/features", width, actualWidth, " features");
  compare("/guard/bins", parameters.bins.length, actualWidth, " entries");
  compare("/guard/reference_rows", parameters.reference_rows, rows.length / actualWidth, "");
  compare("/guard/calibration_rows", parameters.calibration_rows, calibration.length, "");
  if (problems.length === 0) return;
  const listed = problems.map(({ at, message }) => `${at}: ${message}`).join(" ");
  throw new TepalError(
    "MODEL_DAMAGED",
    `manifest.json and reference.bin belong to different models. ${listed} Restore both files from the same copy.`,
    { problems },
  );
}
