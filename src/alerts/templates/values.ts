import { TemplateError } from "./ast.ts";

/** A value in a template. As in Go there are two kinds of numbers: `number` is a float64, `bigint` is an int. */
export type Value =
  | string
  | number
  | bigint
  | boolean
  | null
  | LabelMap
  | ArgumentMap
  | readonly SampleValue[]
  | SampleValue
  | Root;

/** Labels by name. A missing label reads as "". */
export class LabelMap extends Map<string, string> {}

/** The result of `args`. */
export class ArgumentMap extends Map<string, Value> {}

/** One sample of a query result. */
export class SampleValue {
  readonly labels: LabelMap;
  readonly value: number;

  constructor(labels: LabelMap, value: number) {
    this.labels = labels;
    this.value = value;
  }
}

/** The initial value of the dot. */
export class Root {
  readonly labels: LabelMap;
  readonly externalLabels: LabelMap;
  readonly externalUrl: string;
  readonly value: number;

  constructor(labels: LabelMap, externalLabels: LabelMap, externalUrl: string, value: number) {
    this.labels = labels;
    this.externalLabels = externalLabels;
    this.externalUrl = externalUrl;
    this.value = value;
  }
}

/** @throws TemplateError if the value has no such field */
export function readField(value: Value, field: string, at: number): Value {
  if (value instanceof LabelMap) return value.get(field) ?? "";
  if (value instanceof ArgumentMap) return value.get(field) ?? null;
  if (value instanceof SampleValue) {
    if (field === "Labels") return value.labels;
    if (field === "Value") return value.value;
  }
  if (value instanceof Root) {
    if (field === "Labels") return value.labels;
    if (field === "ExternalLabels") return value.externalLabels;
    if (field === "ExternalURL") return value.externalUrl;
    if (field === "Value") return value.value;
  }
  throw new TemplateError(`cannot evaluate field ${field} in type ${toTypeName(value)}`, at);
}

/** Returns the name of the value's type in Go. */
export function toTypeName(value: Value): string {
  if (typeof value === "string") return "string";
  if (typeof value === "number") return "float64";
  if (typeof value === "bigint") return "int";
  if (typeof value === "boolean") return "bool";
  if (value === null) return "<nil>";
  if (value instanceof LabelMap) return "map[string]string";
  if (value instanceof ArgumentMap) return "map[string]interface {}";
  if (value instanceof SampleValue) return "*template.sample";
  return value instanceof Root ? "struct" : "template.queryResult";
}

/** Returns the truth of a value, as in Go: false for zero, "", nil and empty collections. */
export function isTrue(value: Value): boolean {
  if (value instanceof Map) return value.size > 0;
  if (Array.isArray(value)) return value.length > 0;
  // NaN is not zero.
  return typeof value === "number" ? value !== 0 : Boolean(value);
}
