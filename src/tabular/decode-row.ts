import type { Problem } from "../kernel/errors.ts";
import { escapeToken } from "../kernel/json-pointer.ts";
import type { JsonObject } from "../kernel/json.ts";
import { toLimit, type Feature } from "./tabular.ts";

/** A longer list of problems does not help. Further ones are only counted. */
const MAX_PROBLEMS = 100;
const MAX_SHOWN = 60;

/** Collects problems of an input up to a limit, so that a hostile body cannot cause a huge response. */
export class ProblemList {
  readonly problems: Problem[] = [];
  readonly #kind: Pick<Problem, "kind">;
  #dropped = 0;

  /** @param kind `column` if problems are at columns; undefined for JSON pointers */
  constructor(kind?: Problem["kind"]) {
    this.#kind = kind === undefined ? {} : { kind };
  }

  add(at: string, message: string): void {
    if (this.problems.length < MAX_PROBLEMS) this.problems.push({ at, ...this.#kind, message });
    else this.#dropped += 1;
  }

  get total(): number {
    return this.problems.length + this.#dropped;
  }
}

/** The result of decoding an object, besides numbers. */
export interface DecodedObject {
  /** Fields that are not features of the model, at most ten. Empty for almost every request. */
  readonly unknown: readonly string[];
}

const NOTHING_UNKNOWN: DecodedObject = { unknown: [] };
const MAX_UNKNOWN = 10;

/** The location of a row in its document. Its pointer is only formatted for a problem. */
export interface RowLocation {
  /** JSON pointer of the row, or of the array that contains it. */
  readonly pointer: string;
  /** Index in that array; null for a row that is not in one. */
  row: number | null;
}

function toPointer({ pointer, row }: RowLocation): string {
  return row === null ? pointer : `${pointer}/${row}`;
}

/** Decodes parsed JSON into numbers in feature order. One codec serves one model. */
export interface RowCodec {
  readonly width: number;
  /**
   * Decodes `{"name": number, …}` into `target[offset] … target[offset + width − 1]`. Adds problems at the pointer of `location`; the
   * target then has undefined content.
   */
  decodeObject(
    record: JsonObject,
    target: Float64Array,
    offset: number,
    location: RowLocation,
    problems: ProblemList,
  ): DecodedObject;
  /** Decodes an array of numbers in feature order in the same way. */
  decodeArray(
    values: readonly unknown[],
    target: Float64Array,
    offset: number,
    location: RowLocation,
    problems: ProblemList,
  ): void;
}

export function createRowCodec(features: readonly Feature[]): RowCodec {
  const width = features.length;
  const names = features.map((feature) => feature.name);
  const known = new Set(names);
  const nullable = features.map((feature) => feature.nullable);
  const limits = Float64Array.from(features, toLimit);

  /** Reports a value that is not a number in range. */
  function report(value: unknown, index: number, at: string, problems: ProblemList): void {
    problems.add(at, describeProblem(value, names[index]!, limits[index]!));
  }

  return {
    width,
    decodeObject(record, target, offset, location, problems) {
      let found = 0;
      let missing = 0;
      for (let i = 0; i < width; i++) {
        const name = names[i]!;
        const value = record[name];
        const limit = limits[i]!;
        if (typeof value === "number" && value >= -limit && value <= limit) {
          target[offset + i] = value;
          found += 1;
          continue;
        }
        // A feature may be called "constructor": a property that every object inherits is not a field.
        const isField = Object.hasOwn(record, name);
        if (isField) found += 1;
        const isMissing = !isField || value === null;
        if (isMissing && nullable[i] === true) {
          target[offset + i] = Number.NaN;
          missing += 1;
        } else {
          const at = `${toPointer(location)}/${escapeToken(name)}`;
          if (isField) report(value, i, at, problems);
          else problems.add(at, MISSING_NUMBER);
        }
      }
      if (missing === width) problems.add(toPointer(location), NO_VALUE);
      let fields = 0;
      for (const _ in record) fields += 1;
      return fields === found ? NOTHING_UNKNOWN : { unknown: listUnknown(record, known) };
    },
    decodeArray(values, target, offset, location, problems) {
      if (values.length !== width) {
        const expected = width === 1 ? "1 number" : `${width} numbers`;
        const message = `Expected ${expected} (${list(names)}), got ${values.length}.`;
        problems.add(toPointer(location), message);
        return;
      }
      let missing = 0;
      for (let i = 0; i < width; i++) {
        const value = values[i];
        const limit = limits[i]!;
        if (typeof value === "number" && value >= -limit && value <= limit) {
          target[offset + i] = value;
        } else if (value === null && nullable[i] === true) {
          target[offset + i] = Number.NaN;
          missing += 1;
        } else report(value, i, `${toPointer(location)}/${i}`, problems);
      }
      if (missing === width) problems.add(toPointer(location), NO_VALUE);
    },
  };
}

function listUnknown(record: JsonObject, known: ReadonlySet<string>): string[] {
  const unknown: string[] = [];
  for (const key in record) {
    if (known.has(key)) continue;
    unknown.push(shorten(key));
    if (unknown.length === MAX_UNKNOWN) break;
  }
  return unknown;
}

/** A string that is a JSON number without its quotes: not hexadecimal, no sign "+", no leading zeros. */
const JSON_NUMBER = /^\s*-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/;

function describeProblem(value: unknown, name: string, limit: number): string {
  if (typeof value === "number" && Number.isFinite(value))
    return describeOverflow(String(value), limit);
  const message = `Expected a number, got ${describeValue(value)}.`;
  const isQuoted =
    typeof value === "string" && JSON_NUMBER.test(value) && Number.isFinite(Number(value));
  if (!isQuoted) return message;
  return `${message} Write the number without quotes: {"${name}": ${value.trim().slice(0, 30)}}.`;
}

/** The message for a value that is absent. */
export const MISSING_NUMBER = "Missing. Expected a number.";

/** The message for a row whose values are all missing. */
export const NO_VALUE = "Expected a value for at least one feature, got none.";

/** Describes a number that is too large for its feature. */
export function describeOverflow(shown: string, limit: number): string {
  return `Expected a number from ${-limit} to ${limit}, got ${shown}.`;
}

/** Describes a value for "got …" without the content of arrays and objects, which may be large. */
export function describeValue(value: unknown): string {
  if (value === undefined) return "nothing";
  if (typeof value === "string") return JSON.stringify(shorten(value));
  if (typeof value !== "object" || value === null) return String(value);
  return Array.isArray(value) ? "an array" : "an object";
}

function list(names: readonly string[]): string {
  return names.length <= 12 ? names.join(", ") : `${names.slice(0, 12).join(", ")}, …`;
}

/** Shortens a string for a message. */
export function shorten(text: string): string {
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
}
