import { findFileFormat } from "../../../kernel/file-format.ts";
import { toInvalidNative, type NativeModel } from "./native.ts";
import { readLightgbm } from "./read-lightgbm.ts";
import { parseUbj } from "./read-ubj.ts";
import { readXgboost } from "./read-xgboost.ts";

/**
 * Reads a model that XGBoost saved as JSON or UBJ, or LightGBM as text.
 * @returns undefined for any other file, also for pickles
 * @throws TepalError MODEL_DAMAGED or MODEL_UNSUPPORTED
 */
export function readNative(bytes: Uint8Array): NativeModel | undefined {
  const format = findFileFormat(bytes);
  if (format?.noun === "a LightGBM model") {
    const text = decode(bytes);
    return text.trimStart().startsWith("tree") ? readLightgbm(text) : undefined;
  }
  if (format?.noun !== "an XGBoost model") return undefined;
  // In JSON a quote follows the brace, or blanks; in UBJ the type of the first key's length.
  if (/^\{[iUIlL]/.test(String.fromCharCode(...bytes.subarray(0, 2))))
    return readXgboost(parseUbj(bytes));
  return bytes[0] === 0x7b ? readXgboost(parseJson(decode(bytes))) : undefined;
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw toInvalidNative("XGBoost", "file", "Expected valid JSON.");
  }
}
