import type { CellValue } from "../display.ts";
import { toRegExp } from "../field-config.ts";
import type { Frame } from "../frames.ts";
import { asNumber, asObject, asObjects, asText, asTexts, type Json } from "../json.ts";
import {
  compareCells,
  countRows,
  findField,
  nameField,
  pickRows,
  type Transform,
} from "./parts.ts";

/** Keeps the fields with some names, or whose names match an expression. */
export const filterFieldsByName: Transform = (frames, options) => {
  const include = toNameTest(options["include"]);
  const exclude = toNameTest(options["exclude"]);
  return frames
    .map((frame) => ({
      ...frame,
      fields: frame.fields.filter((field) => {
        const name = nameField(frame, field);
        return (include === undefined || include(name)) && exclude?.(name) !== true;
      }),
    }))
    .filter(({ fields }) => fields.length > 0);
};

function toNameTest(value: unknown): ((name: string) => boolean) | undefined {
  const { names, pattern } = asObject(value);
  const listed = asTexts(names);
  const expression = asText(pattern) === "" ? undefined : toRegExp(asText(pattern));
  if (listed.length === 0 && expression === undefined) return undefined;
  return (name) => listed.includes(name) || expression?.test(name) === true;
}

/** Keeps the frames of some queries. */
export const filterByRefId: Transform = (frames, options) => {
  const include = toRefIdTest(options["include"]);
  const exclude = toRefIdTest(options["exclude"]);
  return frames.filter(({ refId }) => include?.(refId) !== false && exclude?.(refId) !== true);
};

/** Returns a test of ids such as `A|B` or `/^(?:A|B)$/`; undefined for an empty one. */
export function toRefIdTest(value: unknown): ((refId: string) => boolean) | undefined {
  const pattern = asText(value);
  if (pattern === "") return undefined;
  const expression = toRegExp(pattern);
  return (refId) => expression?.test(refId) === true;
}

type ValueTest = (value: CellValue, options: Json) => boolean;

const compared =
  (accept: (order: number) => boolean): ValueTest =>
  (value, { value: limit }) => {
    const number = asNumber(limit);
    return typeof value === "number" && number !== undefined && accept(value - number);
  };

const isEqual: ValueTest = (value, { value: wanted }) => String(value) === asText(wanted);
const contains: ValueTest = (value, { value: part }) =>
  String(value).toLowerCase().includes(asText(part).toLowerCase());

const VALUE_TESTS: Readonly<Record<string, ValueTest>> = {
  isNull: (value) => value === null,
  isNotNull: (value) => value !== null,
  greater: compared((order) => order > 0),
  greaterOrEqual: compared((order) => order >= 0),
  lower: compared((order) => order < 0),
  lowerOrEqual: compared((order) => order <= 0),
  equal: isEqual,
  notEqual: (value, options) => !isEqual(value, options),
  between: (value, { from, to }) =>
    typeof value === "number" &&
    compareCells(value, asNumber(from) ?? -Infinity) >= 0 &&
    compareCells(value, asNumber(to) ?? Infinity) <= 0,
  regex: (value, { value: pattern }) =>
    toRegExp(asText(pattern), false)?.test(String(value)) === true,
  substring: contains,
  notSubstring: (value, options) => !contains(value, options),
};

/** Keeps or drops the rows whose values fulfil conditions. */
export const filterByValue: Transform = (frames, options) => {
  const filters = asObjects(options["filters"]);
  const isInclude = asText(options["type"], "include") !== "exclude";
  const isAll = options["match"] === "all";
  if (filters.length === 0) return frames;
  return frames.map((frame) => {
    const tests = filters.map((filter) => toRowTest(frame, filter));
    const rows = Array.from({ length: countRows(frame) }, (_each, row) => row).filter((row) => {
      const isHit = isAll ? tests.every((test) => test(row)) : tests.some((test) => test(row));
      return isHit === isInclude;
    });
    return pickRows(frame, rows);
  });
};

/** A condition on a field that the frame lacks never holds. */
function toRowTest(frame: Frame, { fieldName, config }: Json): (row: number) => boolean {
  const field = findField(frame, asText(fieldName));
  const { id, options } = asObject(config);
  const test = VALUE_TESTS[asText(id)];
  if (field === undefined || test === undefined) return () => false;
  return (row) => test(field.values[row] ?? null, asObject(options));
}
