import { crc32 } from "node:zlib";
import { TepalError } from "../kernel/errors.ts";

/** The begin of a reference.bin, the same in both versions of the format. */
export const MAGIC = "TEPALREF";
export const HEADER_BYTES = 32;
const CHECKSUM_OFFSET = 28;

/** Writes the magic, the version, four numbers of the header and the arrays of float64. Numbers of the same header follow at `bytes`. */
export function encodeNumbers(
  version: number,
  header: readonly [number, number, number, number],
  arrays: readonly Float64Array[],
  tail: Uint8Array = new Uint8Array(0),
): Uint8Array {
  const numbers = arrays.reduce((sum, array) => sum + array.length, 0);
  const bytes = new Uint8Array(HEADER_BYTES + numbers * 8 + tail.length);
  const view = new DataView(bytes.buffer);
  bytes.set(new TextEncoder().encode(MAGIC));
  view.setUint32(8, version, true);
  for (const [index, value] of header.entries()) view.setUint32(12 + 4 * index, value, true);
  let offset = HEADER_BYTES;
  for (const array of arrays) {
    for (const value of array) {
      view.setFloat64(offset, value, true);
      offset += 8;
    }
  }
  bytes.set(tail, offset);
  view.setUint32(CHECKSUM_OFFSET, toChecksum(bytes), true);
  return bytes;
}

/** Returns the version of the format. @throws TepalError MODEL_DAMAGED */
export function readVersion(bytes: Uint8Array): number {
  if (
    bytes.length < HEADER_BYTES ||
    new TextDecoder("latin1").decode(bytes.subarray(0, 8)) !== MAGIC
  ) {
    throw toDamage('Expected it to start with "TEPALREF".');
  }
  return toView(bytes).getUint32(8, true);
}

/** Compares the length with that of the header, and the checksum. @throws TepalError MODEL_DAMAGED */
export function checkBytes(bytes: Uint8Array, expected: number): void {
  if (expected !== bytes.length) {
    throw toDamage(`Expected ${expected} bytes according to its header, got ${bytes.length}.`);
  }
  if (toView(bytes).getUint32(CHECKSUM_OFFSET, true) !== toChecksum(bytes)) {
    throw toDamage("Its checksum does not match its content.");
  }
}

/** Returns a function that reads the next numbers, from the end of the header on. */
export function createNumberReader(bytes: Uint8Array): (length: number) => Float64Array {
  const view = toView(bytes);
  let offset = HEADER_BYTES;
  return (length) => {
    const numbers = new Float64Array(length);
    for (let index = 0; index < length; index++, offset += 8) {
      numbers[index] = view.getFloat64(offset, true);
    }
    return numbers;
  };
}

/** @throws TepalError MODEL_DAMAGED */
export function checkFinite(...arrays: readonly Float64Array[]): void {
  if (arrays.every((array) => array.every(Number.isFinite))) return;
  throw toDamage("Expected finite numbers, got NaN or infinity.");
}

/** @throws TepalError MODEL_DAMAGED */
export function checkCalibration(calibration: Float64Array): void {
  let previous = 0;
  for (const score of calibration) {
    if (!(score >= previous)) throw toDamage("Expected calibration scores in ascending order.");
    previous = score;
  }
}

export function toView(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function toChecksum(bytes: Uint8Array): number {
  const head = crc32(bytes.subarray(0, CHECKSUM_OFFSET));
  return crc32(bytes.subarray(HEADER_BYTES), head);
}

export function toDamage(problem: string): TepalError {
  return new TepalError(
    "MODEL_DAMAGED",
    `Cannot read reference.bin: ${problem} Restore the file from a copy, or train the model again.`,
  );
}
