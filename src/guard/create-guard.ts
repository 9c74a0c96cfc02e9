import { findBin } from "./bins.ts";
import { toEncoding, type CompiledGuard } from "./compile-guard.ts";
import { toConformalPValue } from "./conformal.ts";
import type { Guard } from "./guard.ts";
import { toOriginalRows } from "./knn-index.ts";
import { createKnnScore } from "./knn.ts";
import { createMahalanobisScore } from "./mahalanobis.ts";
import { toPValueBins } from "./output-reference.ts";
import { createPartialCheck } from "./partial-check.ts";
import { createFilledRows } from "./filled-rows.ts";
import { createReferenceRows } from "./reference-rows.ts";

/**
 * Creates a guard. `pValue` of a row without missing values and `binOf` allocate nothing. A guard has scratch space of its own, so it must
 * not be shared between threads.
 */
export function createGuard(compiled: CompiledGuard): Guard {
  const { parameters, whitening, calibration, reference, filled } = compiled;
  const features = parameters.bins.length;
  const encoding = toEncoding(parameters);
  const isPlain = parameters.levels === undefined;
  const encoded = new Float64Array(encoding.width);
  const score =
    reference.method === "knn"
      ? createKnnScore(whitening, reference.index, parameters.neighbours)
      : createMahalanobisScore(whitening, reference.means);
  const checkPartial =
    reference.method === "knn"
      ? createPartialCheck(() => ({
          whitening,
          rows: toOriginalRows(reference.index),
          neighbours: parameters.neighbours,
          filled: filled?.filled ?? null,
          columns: encoding.columns,
          calibration,
        }))
      : null;

  return {
    parameters,
    reference:
      filled === null || reference.method !== "knn"
        ? createReferenceRows(whitening, reference)
        : createFilledRows(whitening, reference.index, encoding, filled),
    pValueBins: toPValueBins(calibration),
    smallestPValue: 1 / (calibration.length + 1),
    pValue(values, offset, budget = null) {
      for (let at = offset; at < offset + features; at++) {
        if (!Number.isNaN(values[at])) continue;
        if (checkPartial === null) return Number.NaN;
        encoding.encode(values, offset, encoded, 0);
        return checkPartial(encoded, budget);
      }
      if (isPlain) return toConformalPValue(calibration, score(values, offset));
      encoding.encode(values, offset, encoded, 0);
      return toConformalPValue(calibration, score(encoded, 0));
    },
    binOf(feature, value) {
      return findBin(parameters.bins[feature]!, value);
    },
  };
}
