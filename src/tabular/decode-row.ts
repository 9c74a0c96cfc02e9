import type { Problem } from "../kernel/errors.ts";
import type { JsonObject } from "../kernel/json.ts";
import { FLOAT32_MAX, type Feature } from "./tabular.ts";

/** More problems than anybody reads; the rest are counted. */
const MAX_PROBLEMS = 100;
const MAX_QUOTED = 60;

/** Gathers what is wrong with an input, up to a bound, so that a hostile body cannot make a huge reply. */
export class ProblemList {
  readonly problems: Problem[] = [];
  readonly #kind: Pick<Problem, "kind">;
  #dropped = 0;

  /** @param kind `column` if problems are at columns; nothing for JSON pointers */
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

/** What decoding an object found besides numbers. */
export interface DecodedObject {
  /** Names in the object that the model does not know, at most ten. Empty for almost every request. */
  readonly unknown: readonly string[];
}

const NOTHING_UNKNOWN: DecodedObject = { unknown: [] };
const MAX_UNKNOWN = 10;

/** Where in its document a row stands. Its pointer is made only when something is wrong. */
export interface Place {
  /** JSON pointer of the row, or of the array that it is in. */
  readonly pointer: string;
  /** Its index in that array; null when it is not in one. */
  row: number | null;
}

function toPointer({ pointer, row }: Place): string {
  return row === null ? pointer : `${pointer}/${row}`;
}

/** Turns parsed JSON into numbers in feature order. One codec serves one model. */
export interface RowCodec {
  readonly width: number;
  /**
   * Decodes `{"name": number, …}` into `target[offset] … target[offset + width − 1]`.
   * Problems go to `problems`, at the pointer that `place` gives; the target then holds rubbish.
   */
  decodeObject(
    record: JsonObject,
    target: Float64Array,
    offset: number,
    place: Place,
    problems: ProblemList,
  ): DecodedObject;
  /** The same for an array of numbers in feature order. */
  decodeArray(
    values: readonly unknown[],
    target: Float64Array,
    offset: number,
    place: Place,
    problems: ProblemList,
  ): void;
}

export function createRowCodec(features: readonly Feature[]): RowCodec {
  const width = features.length;
  const names = features.map((feature) => feature.name);
  const known = new Set(names);
  const nullable = features.map((feature) => feature.nullable);
  const limits = Float64Array.from(features, ({ type }) =>
    type === "float32" ? FLOAT32_MAX : Number.MAX_VALUE,
  );

  /** Reports what is wrong with a value that is no number in range. */
  function refuse(value: unknown, index: number, at: string, problems: ProblemList): void {
    problems.add(at, describeFault(value, names[index] ?? "", limits[index] ?? 0));
  }

  return {
    width,
    decodeObject(record, target, offset, place, problems) {
      let found = 0;
      for (let i = 0; i < width; i++) {
        const name = names[i] ?? "";
        const value = record[name];
        const limit = limits[i] ?? 0;
        if (typeof value === "number" && value >= -limit && value <= limit) {
          target[offset + i] = value;
          found += 1;
          continue;
        }
        // A feature may be called "constructor": what every object inherits is not a field.
        const isField = Object.hasOwn(record, name);
        if (isField) found += 1;
        const isMissing = !isField || value === null;
        if (isMissing && nullable[i] === true) target[offset + i] = Number.NaN;
        else {
          const at = `${toPointer(place)}/${escapePointer(name)}`;
          if (isField) refuse(value, i, at, problems);
          else problems.add(at, "is missing; a number is expected");
        }
      }
      let fields = 0;
      for (const _ in record) fields += 1;
      return fields === found ? NOTHING_UNKNOWN : { unknown: listUnknown(record, known) };
    },
    decodeArray(values, target, offset, place, problems) {
      if (values.length !== width) {
        const expected = `${width} are expected: ${list(names)}`;
        problems.add(toPointer(place), `has ${values.length} numbers; ${expected}`);
        return;
      }
      for (let i = 0; i < width; i++) {
        const value = values[i];
        const limit = limits[i] ?? 0;
        if (typeof value === "number" && value >= -limit && value <= limit) {
          target[offset + i] = value;
        } else if (value === null && nullable[i] === true) target[offset + i] = Number.NaN;
        else refuse(value, i, `${toPointer(place)}/${i}`, problems);
      }
    },
  };
}

/** Escapes one reference token of a JSON pointer (RFC 6901, section 3). */
export function escapePointer(token: string): string {
  return token.replaceAll("~", "~0").replaceAll("/", "~1");
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

/** What may stand without quotes where the string stands: not hexadecimal, a sign "+", or zeros before the number. */
const JSON_NUMBER = /^\s*-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?\s*$/;

function describeFault(value: unknown, name: string, limit: number): string {
  if (value === null) return "is null; a number is expected";
  if (typeof value === "string") {
    return JSON_NUMBER.test(value) && Number.isFinite(Number(value))
      ? `is a string; write the number without quotes: {"${name}": ${value.trim().slice(0, 30)}}`
      : `is the string ${JSON.stringify(shorten(value))}; a number is expected`;
  }
  if (typeof value === "number") {
    return Number.isFinite(value)
      ? `is ${value}, beyond the largest number the model can take (${limit})`
      : "is not a finite number";
  }
  if (typeof value === "boolean") return `is ${value}; a number is expected`;
  return `is ${Array.isArray(value) ? "an array" : "an object"}; a number is expected`;
}

function list(names: readonly string[]): string {
  return names.length <= 12 ? names.join(", ") : `${names.slice(0, 12).join(", ")}, …`;
}

function shorten(text: string): string {
  return text.length <= MAX_QUOTED ? text : `${text.slice(0, MAX_QUOTED)}…`;
}
