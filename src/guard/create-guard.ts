import { TepalError, type Problem } from "../kernel/errors.ts";
import type { Feature } from "../tabular/tabular.ts";
import { toBin } from "./bins.ts";
import { toConformalPValue } from "./conformal.ts";
import type { Guard, GuardParameters } from "./guard.ts";
import { createKnnScore } from "./knn.ts";
import { createMahalanobisScore } from "./mahalanobis.ts";
import { decodeReference, type Reference } from "./reference.ts";

/**
 * Creates a guard from its parameters and reference. `pValue` and `binOf` allocate nothing. A guard has scratch space of
 * its own, so it must not be shared between threads.
 *
 * @param reference the bytes of reference.bin; not kept
 * @throws TepalError MODEL_DAMAGED when the bytes are damaged, or do not match the parameters and features
 */
export function createGuard(
  parameters: GuardParameters,
  reference: Uint8Array,
  features: readonly Feature[],
): Guard {
  const decoded = decodeReference(reference);
  checkMatch(parameters, decoded, features.length);
  const { whitening, rows, calibration } = decoded;
  const { width } = whitening;
  const edges = parameters.bins.map((bins) => bins.edges);
  const score =
    parameters.method === "knn"
      ? createKnnScore(whitening, rows, parameters.neighbours)
      : createMahalanobisScore(whitening, rows);

  return {
    parameters,
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
