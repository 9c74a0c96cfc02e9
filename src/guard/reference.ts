import type { GuardParameters } from "./guard.ts";
import {
  HEADER_BYTES,
  checkBytes,
  checkCalibration,
  checkFinite,
  createNumberReader,
  encodeNumbers,
  readVersion,
  toDamage,
  toView,
} from "./reference-bytes.ts";
import type { Whitening } from "./whitening.ts";

/**
 * The data that a guard compares rows of numbers with: the content of reference.bin. filled-reference.ts has that for categories and missing
 * values.
 *
 *     offset  size  content, little-endian
 *          0     8  "TEPALREF" in ASCII
 *          8     4  version of this format: 1
 *         12     4  method: 0 knn, 1 mahalanobis
 *         16     4  w, number of features
 *         20     4  r, number of reference rows
 *         24     4  c, number of calibration scores
 *         28     4  CRC-32 (as in zlib) of all other bytes, in order
 *         32        float64: centre [w], whitening matrix [w·(w + 1) / 2, lower triangle by rows],
 *                   reference rows [r × w, whitened], calibration scores [c, ascending, ≥ 0, +Infinity
 *                   allowed]; nothing after them
 */
export interface Reference {
  readonly method: GuardParameters["method"];
  readonly whitening: Whitening;
  /** Row-major, `referenceRows × width`: training rows (knn) or class means (mahalanobis), whitened. */
  readonly rows: Float64Array;
  /** Ascending. */
  readonly calibration: Float64Array;
}

const VERSION = 1;
const METHODS = ["knn", "mahalanobis"] as const;

export function encodeReference(reference: Reference): Uint8Array {
  const { method, whitening, rows, calibration } = reference;
  const { width, centre, matrix } = whitening;
  return encodeNumbers(
    VERSION,
    [METHODS.indexOf(method), width, rows.length / width, calibration.length],
    [centre, matrix, rows, calibration],
  );
}

/**
 * Decodes a reference.bin and trusts none of its bytes: sizes are compared with the length of the file before anything
 * is allocated. The result shares no memory with `bytes`.
 *
 * @throws TepalError MODEL_DAMAGED
 */
export function decodeReference(bytes: Uint8Array): Reference {
  const version = readVersion(bytes);
  if (version !== VERSION) {
    throw toDamage(`Expected format version ${VERSION}, got ${version}.`);
  }
  const view = toView(bytes);
  const method = METHODS[view.getUint32(12, true)];
  const width = view.getUint32(16, true);
  const rowCount = view.getUint32(20, true);
  const calibrationCount = view.getUint32(24, true);
  // Inexact only far above any possible file size, and then still different from it.
  checkBytes(
    bytes,
    HEADER_BYTES + 8 * (width + (width * (width + 1)) / 2 + rowCount * width + calibrationCount),
  );
  if (method === undefined || width === 0)
    throw toDamage("Its header names no known method, or no features.");

  const readNumbers = createNumberReader(bytes);
  const centre = readNumbers(width);
  const matrix = readNumbers((width * (width + 1)) / 2);
  const rows = readNumbers(rowCount * width);
  const calibration = readNumbers(calibrationCount);
  checkFinite(centre, matrix, rows);
  checkCalibration(calibration);
  return { method, whitening: { width, centre, matrix }, rows, calibration };
}
