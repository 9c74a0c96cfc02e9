import type { CellValue } from "../display.ts";
import type { Field, Frame } from "../frames.ts";
import type { Json } from "../json.ts";
import { reduceValues } from "../reducers.ts";

/** Changes the frames of a panel by the options of a transformation. */
export type Transform = (frames: readonly Frame[], options: Json) => readonly Frame[];

/** Returns the name of a field as users see it before the config of the panel applies. */
export function nameField({ name }: Pick<Frame, "name">, field: Field): string {
  return field.displayName ?? (name !== "" && field.type === "number" ? name : field.name);
}

/** Returns the field with a name, or undefined. The name users see comes first. */
export function findField(frame: Frame, name: string): Field | undefined {
  return (
    frame.fields.find((field) => nameField(frame, field) === name) ??
    frame.fields.find((field) => field.name === name)
  );
}

export function createField(
  name: string,
  type: Field["type"],
  values: readonly CellValue[],
  labels: Field["labels"] = {},
): Field {
  return { name, displayName: name, type, labels, values };
}

/** Keeps the name of a field when its frame changes. */
export function withName(frame: Frame, field: Field): Field {
  const name = nameField(frame, field);
  return name === field.name && field.displayName === undefined
    ? field
    : { ...field, displayName: name };
}

export function countRows({ fields }: Pick<Frame, "fields">): number {
  return fields.reduce((most, { values }) => Math.max(most, values.length), 0);
}

/** Returns the rows of a field at these indices; null where an index is undefined. */
export function pickValues(field: Field, rows: readonly (number | undefined)[]): Field {
  const pick = <T>(values: readonly T[], missing: T): readonly T[] =>
    rows.map((row) => (row === undefined ? missing : (values[row] ?? missing)));
  return {
    ...field,
    values: pick<CellValue>(field.values, null),
    ...(field.trends !== undefined && { trends: pick(field.trends, []) }),
  };
}

export function pickRows(frame: Frame, rows: readonly number[]): Frame {
  return { ...frame, fields: frame.fields.map((field) => pickValues(field, rows)) };
}

/** Groups the rows of a frame by the values of some fields, in the order of their first rows. */
export function groupRows(frame: Frame, keys: readonly Field[]): readonly (readonly number[])[] {
  const rows = Array.from({ length: countRows(frame) }, (_each, row) => row);
  return [
    ...Map.groupBy(rows, (row) =>
      JSON.stringify(keys.map(({ values }) => values[row] ?? null)),
    ).values(),
  ];
}

/** Numbers fields of the same name, which would look the same: `Time 1`, `Time 2`. */
export function numberDuplicates(fields: readonly Field[]): readonly Field[] {
  const groups = Map.groupBy(fields.filter(isUnnamed), ({ name }) => name);
  return fields.map((field) => {
    const same = isUnnamed(field) ? groups.get(field.name)! : [];
    return same.length < 2
      ? field
      : { ...field, displayName: `${field.name} ${same.indexOf(field) + 1}` };
  });
}

function isUnnamed({ displayName }: Field): boolean {
  return displayName === undefined;
}

/** Reduces values of any type. Reducers of numbers ignore other values. */
export function reduceCells(reducer: string, values: readonly CellValue[]): CellValue {
  switch (reducer) {
    case "last":
      return values.at(-1) ?? null;
    case "lastNotNull":
      return values.findLast(isPresent) ?? null;
    case "first":
      return values[0] ?? null;
    case "firstNotNull":
      return values.find(isPresent) ?? null;
    case "count":
      return values.filter((value) => value !== null).length;
    case "distinctCount":
      return new Set(values).size;
    case "allValues":
      return values.join(", ");
    case "uniqueValues":
      return [...new Set(values)].join(", ");
    default:
      return reduceValues(
        reducer,
        values.map((value) => (typeof value === "number" ? value : null)),
      );
  }
}

const KEEPS_TYPE: ReadonlySet<string> = new Set(["last", "lastNotNull", "first", "firstNotNull"]);
const TO_TEXT: ReadonlySet<string> = new Set(["allValues", "uniqueValues"]);

/** Returns the type of a reduced field. */
export function toReducedType(reducer: string, { type }: Field): Field["type"] {
  if (KEEPS_TYPE.has(reducer)) return type;
  return TO_TEXT.has(reducer) ? "string" : "number";
}

function isPresent(value: CellValue): boolean {
  return value !== null && !(typeof value === "number" && Number.isNaN(value));
}

/** Orders values: nulls first, numbers by value, strings by their text with numbers in it. */
export function compareCells(a: CellValue, b: CellValue): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null);
  if (typeof a === "number" && typeof b === "number") {
    return Number.isNaN(a) || Number.isNaN(b)
      ? Number(Number.isNaN(b)) - Number(Number.isNaN(a))
      : a - b;
  }
  return String(a).localeCompare(String(b), "en", { numeric: true });
}
