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
 * The data that a guard compares rows with categories or missing values with, by the method knn: the content of reference.bin.
 *
 *     offset  size  content, little-endian
 *          0     8  "TEPALREF" in ASCII
 *          8     4  version of this format: 2
 *         12     4  e, number of columns (encoding.ts)
 *         16     4  w, number of features
 *         20     4  r, number of reference rows
 *         24     4  c, number of calibration scores
 *         28     4  CRC-32 (as in zlib) of all other bytes, in order
 *         32        float64: centre [e], whitening matrix [e·(e + 1) / 2, lower triangle by rows], reference rows [r × w, as in requests,
 *                   missing values filled in], calibration scores [c, ascending, ≥ 0, +Infinity allowed];
 *                   bytes: 1 for each value that was filled in, 0 for the others [r × w]; nothing after them
 */
export interface FilledReference {
  readonly whitening: Whitening;
  readonly features: number;
  /** Row-major, `rows × features`. */
  readonly values: Float64Array;
  /** 1 where a value was missing, else 0. */
  readonly filled: Uint8Array;
  /** Ascending. */
  readonly calibration: Float64Array;
}

export const FILLED_VERSION = 2;

export function encodeFilledReference(reference: FilledReference): Uint8Array {
  const { whitening, features, values, filled, calibration } = reference;
  const { width, centre, matrix } = whitening;
  return encodeNumbers(
    FILLED_VERSION,
    [width, features, values.length / features, calibration.length],
    [centre, matrix, values, calibration],
    filled,
  );
}

/**
 * Decodes a reference.bin of version 2 and trusts none of its bytes. The result shares no memory with `bytes`.
 *
 * @throws TepalError MODEL_DAMAGED
 */
export function decodeFilledReference(bytes: Uint8Array): FilledReference {
  const version = readVersion(bytes);
  if (version !== FILLED_VERSION) {
    throw toDamage(`Expected format version ${FILLED_VERSION}, got ${version}.`);
  }
  const view = toView(bytes);
  const width = view.getUint32(12, true);
  const features = view.getUint32(16, true);
  const cells = view.getUint32(20, true) * features;
  const calibrationCount = view.getUint32(24, true);
  const numbers = width + (width * (width + 1)) / 2 + cells + calibrationCount;
  checkBytes(bytes, HEADER_BYTES + 8 * numbers + cells);
  if (width === 0 || features === 0) throw toDamage("Its header names no columns or no features.");
  const readNumbers = createNumberReader(bytes);
  const centre = readNumbers(width);
  const matrix = readNumbers((width * (width + 1)) / 2);
  const values = readNumbers(cells);
  const calibration = readNumbers(calibrationCount);
  checkFinite(centre, matrix, values);
  checkCalibration(calibration);
  const filled = bytes.slice(bytes.length - cells);
  if (filled.some((mark) => mark > 1))
    throw toDamage("Expected marks of 0 or 1 after the numbers.");
  return { whitening: { width, centre, matrix }, features, values, filled, calibration };
}
