import { TemplateError } from "./ast.ts";

/** A value in a template. As in Go there are two kinds of numbers: `number` is a float64, `bigint` an int. */
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

/** Labels by name; a name that is missing has the value "". */
export class LabelMap extends Map<string, string> {}

/** What `args` gives. */
export class ArgumentMap extends Map<string, Value> {}

/** One series of a query's answer. */
export class SampleValue {
  readonly labels: LabelMap;
  readonly value: number;

  constructor(labels: LabelMap, value: number) {
    this.labels = labels;
    this.value = value;
  }
}

/** What the dot is at first. */
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

/** @throws TemplateError when there is no such field */
export function readField(of: Value, field: string, at: number): Value {
  if (of instanceof LabelMap) return of.get(field) ?? "";
  if (of instanceof ArgumentMap) return of.get(field) ?? null;
  if (of instanceof SampleValue) {
    if (field === "Labels") return of.labels;
    if (field === "Value") return of.value;
  }
  if (of instanceof Root) {
    if (field === "Labels") return of.labels;
    if (field === "ExternalLabels") return of.externalLabels;
    if (field === "ExternalURL") return of.externalUrl;
    if (field === "Value") return of.value;
  }
  throw new TemplateError(`there is no field ${field} in a ${toTypeName(of)}`, at);
}

/** Go's name of the value's type. */
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

/** What `if`, `with`, `and`, `or` and `not` take for true: all but zero, "", nothing and what is empty. */
export function isTrue(value: Value): boolean {
  if (value instanceof Map) return value.size > 0;
  if (Array.isArray(value)) return value.length > 0;
  // NaN is not zero.
  return typeof value === "number" ? value !== 0 : Boolean(value);
}
