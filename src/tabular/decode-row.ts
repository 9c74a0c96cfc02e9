import type { Problem } from "../kernel/errors.ts";
import { escapeToken } from "../kernel/json-pointer.ts";
import type { JsonObject } from "../kernel/json.ts";
import { createFeatureCodec, shorten } from "./feature-codec.ts";
import type { Feature } from "./tabular.ts";

/** A longer list of problems does not help. Further ones are only counted. */
const MAX_PROBLEMS = 100;

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

/** A value of a category that the model does not know. */
export interface UnseenValue {
  readonly feature: Feature;
  readonly value: string | number;
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

/** Decodes parsed JSON into the numbers of a row. One codec serves one model. */
export interface RowCodec {
  readonly width: number;
  /** Noun of the values for messages. */
  readonly items: "numbers" | "values";
  /** Unknown categories of the last decoded row. Empty for almost every row. */
  readonly unseen: UnseenValue[];
  /**
   * Decodes `{"name": value, …}` into `target[offset] … target[offset + width − 1]`. Adds problems at the pointer of `location`; the
   * target then has undefined content.
   */
  decodeObject(
    record: JsonObject,
    target: Float64Array,
    offset: number,
    location: RowLocation,
    problems: ProblemList,
  ): DecodedObject;
  /** Decodes an array of values in feature order in the same way. */
  decodeArray(
    values: readonly unknown[],
    target: Float64Array,
    offset: number,
    location: RowLocation,
    problems: ProblemList,
  ): void;
}

/** @param missing the strings that stand for a missing value of a category, in lower case */
export function createRowCodec(
  features: readonly Feature[],
  missing?: ReadonlySet<string>,
): RowCodec {
  const width = features.length;
  const names = features.map((feature) => feature.name);
  const known = new Set(names);
  const nullable = features.map((feature) => feature.nullable);
  const codecs = features.map((feature) => createFeatureCodec(feature, missing));
  const limits = Float64Array.from(codecs, ({ limit }) => limit);
  const unseen: UnseenValue[] = [];
  const items = features.every(({ type }) => type === "number") ? "numbers" : "values";

  /** Decodes a present value that is not a plain number in range. Returns NaN for a missing value and for an invalid one. */
  function decodeOther(value: unknown, index: number): number {
    const codec = codecs[index]!;
    const number = codec.fromJson(value) ?? Number.NaN;
    if (number === codec.unknown && (typeof value === "string" || typeof value === "number")) {
      unseen.push({ feature: features[index]!, value });
    }
    return number;
  }

  /** Describes a field for which `decodeOther` returned NaN. */
  function explain(value: unknown, index: number): string {
    const { expected, explainJson, isMissing } = codecs[index]!;
    return isMissing(value) ? describeMissing(expected) : explainJson(value);
  }

  return {
    width,
    items,
    unseen,
    decodeObject(record, target, offset, location, problems) {
      if (unseen.length > 0) unseen.length = 0;
      let found = 0;
      let absent = 0;
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
        const isNull = !isField || value === null;
        const number = isNull ? Number.NaN : decodeOther(value, i);
        target[offset + i] = number;
        if (!Number.isNaN(number)) continue;
        if (nullable[i] === true && (isNull || codecs[i]!.isMissing(value))) absent += 1;
        else {
          const at = `${toPointer(location)}/${escapeToken(name)}`;
          problems.add(at, isField ? explain(value, i) : describeMissing(codecs[i]!.expected));
        }
      }
      if (absent === width) problems.add(toPointer(location), NO_VALUE);
      let fields = 0;
      for (const _ in record) fields += 1;
      return fields === found ? NOTHING_UNKNOWN : { unknown: listUnknown(record, known) };
    },
    decodeArray(values, target, offset, location, problems) {
      if (unseen.length > 0) unseen.length = 0;
      if (values.length !== width) {
        const expected = `${width} ${width === 1 ? items.slice(0, -1) : items}`;
        const message = `Expected ${expected} (${list(names)}), got ${values.length}.`;
        problems.add(toPointer(location), message);
        return;
      }
      let absent = 0;
      for (let i = 0; i < width; i++) {
        const value = values[i];
        const limit = limits[i]!;
        if (typeof value === "number" && value >= -limit && value <= limit) {
          target[offset + i] = value;
          continue;
        }
        const number = value === null ? Number.NaN : decodeOther(value, i);
        target[offset + i] = number;
        if (!Number.isNaN(number)) continue;
        if (nullable[i] === true && (value === null || codecs[i]!.isMissing(value))) absent += 1;
        else problems.add(`${toPointer(location)}/${i}`, explain(value, i));
      }
      if (absent === width) problems.add(toPointer(location), NO_VALUE);
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

/** Returns the message for a value that is absent. @param expected noun phrase */
export function describeMissing(expected: string): string {
  return `Missing. Expected ${expected}.`;
}

/** The message for a row whose values are all missing. */
export const NO_VALUE = "Expected a value for at least one feature, got none.";

/** True if all values of a decoded row are missing. */
export function hasNoValue(values: Float64Array, offset: number, width: number): boolean {
  for (let at = offset; at < offset + width; at++) if (!Number.isNaN(values[at])) return false;
  return true;
}

function list(names: readonly string[]): string {
  return names.length <= 12 ? names.join(", ") : `${names.slice(0, 12).join(", ")}, …`;
}
