import { crc32 } from "node:zlib";
import { TepalError } from "../kernel/errors.ts";
import type { GuardParameters } from "./guard.ts";
import type { Whitening } from "./whitening.ts";

/**
 * The data that a guard compares rows with: the content of reference.bin.
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

const MAGIC = "TEPALREF";
const VERSION = 1;
const METHODS = ["knn", "mahalanobis"] as const;
const CHECKSUM_OFFSET = 28;
const HEADER_BYTES = 32;

export function encodeReference(reference: Reference): Uint8Array {
  const { whitening, rows, calibration } = reference;
  const arrays = [whitening.centre, whitening.matrix, rows, calibration];
  const numbers = arrays.reduce((sum, array) => sum + array.length, 0);
  const bytes = new Uint8Array(HEADER_BYTES + numbers * 8);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC));
  view.setUint32(8, VERSION, true);
  view.setUint32(12, METHODS.indexOf(reference.method), true);
  view.setUint32(16, whitening.width, true);
  view.setUint32(20, rows.length / whitening.width, true);
  view.setUint32(24, calibration.length, true);
  let offset = HEADER_BYTES;
  for (const array of arrays) {
    for (const value of array) {
      view.setFloat64(offset, value, true);
      offset += 8;
    }
  }
  view.setUint32(CHECKSUM_OFFSET, toChecksum(bytes), true);
  return bytes;
}

/**
 * Decodes a reference.bin and trusts none of its bytes: sizes are compared with the length of the file before anything
 * is allocated. The result shares no memory with `bytes`.
 *
 * @throws TepalError MODEL_DAMAGED
 */
export function decodeReference(bytes: Uint8Array): Reference {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (
    bytes.length < HEADER_BYTES ||
    new TextDecoder("latin1").decode(bytes.subarray(0, 8)) !== MAGIC
  ) {
    throw toDamage('Expected it to start with "TEPALREF".');
  }
  const version = view.getUint32(8, true);
  if (version !== VERSION) {
    throw toDamage(`Expected format version ${VERSION}, got ${version}.`);
  }
  const method = METHODS[view.getUint32(12, true)];
  const width = view.getUint32(16, true);
  const rowCount = view.getUint32(20, true);
  const calibrationCount = view.getUint32(24, true);
  // Inexact only far above any possible file size, and then still different from it.
  const expected =
    HEADER_BYTES + 8 * (width + (width * (width + 1)) / 2 + rowCount * width + calibrationCount);
  if (expected !== bytes.length) {
    throw toDamage(`Expected ${expected} bytes according to its header, got ${bytes.length}.`);
  }
  if (view.getUint32(CHECKSUM_OFFSET, true) !== toChecksum(bytes)) {
    throw toDamage("Its checksum does not match its content.");
  }
  if (method === undefined || width === 0)
    throw toDamage("Its header names no known method, or no features.");

  let offset = HEADER_BYTES;
  const readNumbers = (length: number): Float64Array => {
    const numbers = new Float64Array(length);
    for (let index = 0; index < length; index++, offset += 8) {
      numbers[index] = view.getFloat64(offset, true);
    }
    return numbers;
  };
  const centre = readNumbers(width);
  const matrix = readNumbers((width * (width + 1)) / 2);
  const rows = readNumbers(rowCount * width);
  const calibration = readNumbers(calibrationCount);
  if (![centre, matrix, rows].every((array) => array.every(Number.isFinite))) {
    throw toDamage("Expected finite numbers, got NaN or infinity.");
  }
  let previous = 0;
  for (const score of calibration) {
    if (!(score >= previous)) throw toDamage("Expected calibration scores in ascending order.");
    previous = score;
  }
  return { method, whitening: { width, centre, matrix }, rows, calibration };
}

function toChecksum(bytes: Uint8Array): number {
  const head = crc32(bytes.subarray(0, CHECKSUM_OFFSET));
  return crc32(bytes.subarray(HEADER_BYTES), head);
}

function toDamage(problem: string): TepalError {
  return new TepalError(
    "MODEL_DAMAGED",
    `Cannot read reference.bin: ${problem} Restore the file from a copy, or train the model again.`,
  );
}
