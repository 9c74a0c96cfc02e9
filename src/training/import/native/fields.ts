import { isJsonObject, type JsonObject } from "../../../kernel/json.ts";
import { toInvalidNative } from "./native.ts";

const LIBRARY = "XGBoost";

/** Typed access to the fields of a parsed XGBoost model. Each function throws TepalError MODEL_DAMAGED for another type. */
export function readObject(parent: JsonObject, name: string): JsonObject {
  const value = parent[name];
  if (isJsonObject(value)) return value;
  throw toInvalidNative(LIBRARY, name, "Expected an object.");
}

export function readList(parent: JsonObject, name: string): readonly unknown[] {
  const value = parent[name] ?? [];
  if (Array.isArray(value)) return value;
  throw toInvalidNative(LIBRARY, name, "Expected a list.");
}

/** Truth values count as 0 and 1. */
export function readNumbers(parent: JsonObject, name: string): Float64Array {
  return Float64Array.from(readList(parent, name), (value) => {
    if (typeof value === "number") return value;
    if (typeof value === "boolean") return value ? 1 : 0;
    throw toInvalidNative(LIBRARY, name, "Expected numbers.");
  });
}

export function readStrings(parent: JsonObject, name: string): string[] {
  return readList(parent, name).map((value) => {
    if (typeof value === "string") return value;
    throw toInvalidNative(LIBRARY, name, "Expected strings.");
  });
}

/** Parameters are numbers in strings. */
export function readParameter(parent: JsonObject, name: string, fallback: number): number {
  const value = parent[name];
  if (value === undefined) return fallback;
  const number = Number(value);
  if ((typeof value === "string" || typeof value === "number") && Number.isFinite(number))
    return number;
  throw toInvalidNative(LIBRARY, name, "Expected a number.");
}

/** Checks that each number is an integer from `first` to `last`. */
export function checkIntegers(
  values: Float64Array,
  name: string,
  first: number,
  last: number,
): void {
  for (const value of values) {
    if (Number.isInteger(value) && value >= first && value <= last) continue;
    throw toInvalidNative(
      LIBRARY,
      name,
      `Expected integers from ${first} to ${last}, got ${value}.`,
    );
  }
}
