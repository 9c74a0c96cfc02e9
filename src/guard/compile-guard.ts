import { TepalError, type Problem } from "../kernel/errors.ts";
import type { Feature } from "../tabular/tabular.ts";
import {
  createPlainEncoding,
  createRowEncoding,
  encodeRows,
  type RowEncoding,
} from "./encoding.ts";
import { decodeFilledReference, FILLED_VERSION } from "./filled-reference.ts";
import type { GuardParameters } from "./guard.ts";
import { createKnnIndex } from "./knn-index.ts";
import { decodeReference } from "./reference.ts";
import { readVersion } from "./reference-bytes.ts";
import type { CompiledReference } from "./reference-rows.ts";
import { whitenRows, type Whitening } from "./whitening.ts";

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
  /** The cells of rows with categories or missing values; null if no training row had any. */
  readonly filled: FilledCells | null;
}

/** The reference rows as in requests, in their original order, with filled values. */
export interface FilledCells {
  /** Row-major. */
  readonly values: Float64Array;
  /** 1 where a value was missing, else 0. */
  readonly filled: Uint8Array;
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
  return readVersion(reference) === FILLED_VERSION
    ? compileFilled(parameters, reference, features)
    : compileComplete(parameters, reference, features);
}

/** Returns the columns in which a guard compares rows. */
export function toEncoding({ levels, bins }: GuardParameters): RowEncoding {
  return levels === undefined ? createPlainEncoding(bins.length) : createRowEncoding(levels);
}

function compileComplete(
  parameters: GuardParameters,
  bytes: Uint8Array,
  features: readonly Feature[],
): CompiledGuard {
  const { method, whitening, rows, calibration } = decodeReference(bytes);
  const { width } = whitening;
  checkMatch(parameters, features.length, {
    method,
    features: width,
    columns: width,
    rows: rows.length / width,
    calibration: calibration.length,
  });
  return {
    parameters,
    whitening,
    calibration,
    reference:
      parameters.method === "knn"
        ? { method: "knn", index: createKnnIndex(rows, width) }
        : { method: "mahalanobis", means: rows },
    filled: null,
  };
}

function compileFilled(
  parameters: GuardParameters,
  bytes: Uint8Array,
  features: readonly Feature[],
): CompiledGuard {
  const decoded = decodeFilledReference(bytes);
  const { whitening, calibration, values, filled } = decoded;
  checkMatch(parameters, features.length, {
    method: "knn",
    features: decoded.features,
    columns: whitening.width,
    rows: values.length / decoded.features,
    calibration: calibration.length,
  });
  const rows = whitenRows(whitening, encodeRows(toEncoding(parameters), values));
  return {
    parameters,
    whitening,
    calibration,
    reference: { method: "knn", index: createKnnIndex(rows, whitening.width) },
    filled: { values, filled },
  };
}

/** The sizes that a reference states. */
interface ReferenceSizes {
  readonly method: GuardParameters["method"];
  readonly features: number;
  readonly columns: number;
  readonly rows: number;
  readonly calibration: number;
}

function checkMatch(parameters: GuardParameters, width: number, actual: ReferenceSizes): void {
  const problems: Problem[] = [];
  const compare = (
    at: string,
    stated: number | string,
    found: number | string,
    unit: string,
  ): void => {
    if (stated === found) return;
    const message = `Expected ${found}${unit} as in reference.bin, got ${stated}.`;
    problems.push({ at, message });
  };
  compare("/guard/method", parameters.method, actual.method, "");
  compare("/features", width, actual.features, " features");
  compare("/guard/bins", parameters.bins.length, actual.features, " entries");
  if (problems.length === 0) {
    compare("/guard/levels", toEncoding(parameters).width, actual.columns, " columns");
  }
  compare("/guard/reference_rows", parameters.reference_rows, actual.rows, "");
  compare("/guard/calibration_rows", parameters.calibration_rows, actual.calibration, "");
  if (problems.length === 0) return;
  const listed = problems.map(({ at, message }) => `${at}: ${message}`).join(" ");
  throw new TepalError(
    "MODEL_DAMAGED",
    `manifest.json and reference.bin belong to different models. ${listed} Restore both files from the same copy.`,
    { problems },
  );
}
