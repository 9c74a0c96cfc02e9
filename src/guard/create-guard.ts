import { TepalError } from "../kernel/errors.ts";
import type { Problem } from "../kernel/errors.ts";
import type { Feature } from "../tabular/tabular.ts";
import { toBin } from "./bins.ts";
import { toConformalPValue } from "./conformal.ts";
import type { Guard, GuardParameters } from "./guard.ts";
import { createKnnScore } from "./knn.ts";
import { createMahalanobisScore } from "./mahalanobis.ts";
import { decodeReference } from "./reference.ts";
import type { Reference } from "./reference.ts";

/**
 * Puts a fitted guard to work. `pValue` and `binOf` allocate nothing; a guard has scratch space of its own
 * and serves one thread.
 *
 * @param reference the bytes of reference.bin; not kept
 * @throws TepalError MODEL_DAMAGED when the bytes are damaged, or don't belong to these parameters and features
 */
export function createGuard(
  parameters: GuardParameters,
  reference: Uint8Array,
  features: readonly Feature[],
): Guard {
  const decoded = decodeReference(reference);
  checkConsistency(parameters, decoded, features.length);
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
      return toBin(edges[feature] as readonly number[], value);
    },
  };
}

function checkConsistency(parameters: GuardParameters, reference: Reference, width: number): void {
  const problems: Problem[] = [];
  const compare = (at: string, stated: number | string, found: number | string): void => {
    if (stated === found) return;
    problems.push({ at, message: `The manifest says ${stated}, reference.bin has ${found}.` });
  };
  compare("method", parameters.method, reference.method);
  compare("features", width, reference.whitening.width);
  compare("bins", parameters.bins.length, reference.whitening.width);
  compare(
    "reference_rows",
    parameters.reference_rows,
    reference.rows.length / reference.whitening.width,
  );
  compare("calibration_rows", parameters.calibration_rows, reference.calibration.length);
  if (problems.length > 0) {
    throw new TepalError(
      "MODEL_DAMAGED",
      "reference.bin and the manifest are not of the same model. Restore both from one copy.",
      { problems },
    );
  }
}
