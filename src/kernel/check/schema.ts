import type { Static, TSchema } from "typebox";
import type { Parser } from "../check.ts";
import { isJsonObject, type JsonObject } from "../json.ts";
import { list, object, optional, record, variant, withDefault } from "./containers.ts";
import {
  anyOf,
  anything,
  baseUrl,
  boolean,
  duration,
  integer,
  nullable,
  number,
  oneOf,
  string,
  url,
  type Range,
} from "./values.ts";

/**
 * Makes a parser of a TypeBox schema, so that its values are checked with the messages of all other input.
 *
 * - It reads type, const, enum, anyOf, properties, required, additionalProperties, patternProperties (as of `Type.Record`), items, the
 *   bounds of numbers, of lengths and of lists, `pattern`, and `format`. A schema with anything else that restricts values throws here, not later.
 * - `format` is `uri` (http or https) or `base-url` for a string, and `duration` for a number of seconds, which a source of strings writes
 *   as `10m`.
 * - `default` is the value of a field that is absent. `title`, `description` and `examples` change nothing.
 * - A union with null is nullable. A union of objects that have a literal field in common is read by that field: a problem then is one
 *   of the kind that is meant.
 * - Unknown fields are problems if `additionalProperties` is false; else they are ignored and left out of the value.
 */
export function fromSchema<T extends TSchema>(schema: T): Parser<Static<T>> {
  // The parser accepts what the schema does, which the types of TypeBox express.
  return toParser(schema as JsonObject) as Parser<Static<T>>;
}

function toParser(schema: JsonObject): Parser<unknown> {
  const parser = toPlainParser(schema);
  return schema["default"] === undefined ? parser : withDefault(parser, schema["default"]);
}

const ANNOTATIONS = new Set(["default", "title", "description", "examples", "type"]);
const RANGE_KEYS = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"];

function toPlainParser(schema: JsonObject): Parser<unknown> {
  if (Object.hasOwn(schema, "const")) {
    allowKeys(schema, ["const"]);
    return oneOf([toLiteral(schema["const"])]);
  }
  if (Array.isArray(schema["enum"])) {
    allowKeys(schema, ["enum"]);
    return oneOf(schema["enum"].map(toLiteral));
  }
  if (Array.isArray(schema["anyOf"])) {
    allowKeys(schema, ["anyOf"]);
    return toUnionParser(schema["anyOf"].map(toSchema));
  }
  switch (schema["type"]) {
    case "integer":
      allowKeys(schema, RANGE_KEYS);
      return integer(toRange(schema));
    case "number":
      allowKeys(schema, [...RANGE_KEYS, "format"]);
      return toFormatParser(schema, {
        none: number(toRange(schema)),
        duration: duration(toRange(schema)),
      });
    case "string":
      allowKeys(schema, ["minLength", "maxLength", "pattern", "format"]);
      return toFormatParser(schema, {
        none: string({
          minLength: toNumber(schema, "minLength"),
          maxLength: toNumber(schema, "maxLength"),
          pattern: typeof schema["pattern"] === "string" ? schema["pattern"] : undefined,
        }),
        uri: url(),
        "base-url": baseUrl(),
      });
    case "boolean":
      allowKeys(schema, []);
      return boolean();
    case "null":
      allowKeys(schema, []);
      return oneOf([null]);
    case "array":
      allowKeys(schema, ["items", "minItems", "maxItems"]);
      return list(toParser(toSchema(schema["items"])), {
        minItems: toNumber(schema, "minItems"),
        maxItems: toNumber(schema, "maxItems"),
      });
    case "object":
      return toObjectParser(schema);
    case undefined:
      allowKeys(schema, []);
      return anything();
    default:
      throw new Error(`The schema's type ${JSON.stringify(schema["type"])} is not supported`);
  }
}

function toObjectParser(schema: JsonObject): Parser<unknown> {
  const { properties, patternProperties, additionalProperties, required = [] } = schema;
  if (isJsonObject(patternProperties)) {
    allowKeys(schema, ["patternProperties"]);
    const [values, ...others] = Object.values(patternProperties);
    if (others.length > 0) throw new Error("A schema of a record has one pattern");
    return record(toParser(toSchema(values)));
  }
  allowKeys(schema, ["properties", "additionalProperties", "required"]);
  const isRequired = (name: string): boolean => Array.isArray(required) && required.includes(name);
  const fields = Object.entries(toSchema(properties ?? {})).map(([name, given]) => {
    const parser = toParser(toSchema(given));
    const isOptional = !isRequired(name) && parser.absent === undefined;
    return [name, isOptional ? optional(parser) : parser] as const;
  });
  return object(Object.fromEntries(fields), { ignoreUnknown: additionalProperties !== false });
}

function toUnionParser(schemas: readonly JsonObject[]): Parser<unknown> {
  const others = schemas.filter(({ type }) => type !== "null");
  if (others.length < schemas.length) return nullable(toUnionParser(others));
  const [only] = others;
  if (others.length === 1 && only !== undefined) return toParser(only);
  const literals = others.map(listLiterals);
  if (literals.every((values) => values !== undefined)) return oneOf(literals.flat());
  return toVariantParser(others) ?? anyOf(...others.map(toParser));
}

/** Reads a union of objects by the field that is a literal in all of them; undefined if there is none. */
function toVariantParser(schemas: readonly JsonObject[]): Parser<unknown> | undefined {
  const fields = schemas.map(({ properties }) => (isJsonObject(properties) ? properties : {}));
  const parsers = schemas.map(toParser);
  for (const key of Object.keys(fields[0] ?? {})) {
    const kinds = new Map<unknown, Parser<unknown>>();
    for (const [i, properties] of fields.entries()) {
      const values = Object.hasOwn(properties, key) ? listLiterals(toSchema(properties[key])) : [];
      for (const value of values ?? []) kinds.set(value, parsers[i]!);
    }
    if (new Set(kinds.values()).size === schemas.length) return variant(key, kinds);
  }
  return undefined;
}

type Literal = string | number | boolean | null;

/** Lists the values of a literal, an enum or a union of literals; undefined if it is something else. */
function listLiterals(schema: JsonObject): readonly Literal[] | undefined {
  if (Object.hasOwn(schema, "const")) return [toLiteral(schema["const"])];
  if (Array.isArray(schema["enum"])) return schema["enum"].map(toLiteral);
  if (!Array.isArray(schema["anyOf"])) return undefined;
  const all = schema["anyOf"].map((one) => listLiterals(toSchema(one)));
  return all.every((values) => values !== undefined) ? all.flat() : undefined;
}

function toFormatParser(
  schema: JsonObject,
  parsers: Readonly<Record<string, Parser<unknown>>>,
): Parser<unknown> {
  const { format = "none" } = schema;
  const parser = typeof format === "string" ? parsers[format] : undefined;
  if (parser === undefined)
    throw new Error(`The schema's format ${String(format)} is not supported`);
  return parser;
}

function toRange(schema: JsonObject): Range {
  return {
    min: toNumber(schema, "minimum"),
    max: toNumber(schema, "maximum"),
    above: toNumber(schema, "exclusiveMinimum"),
    below: toNumber(schema, "exclusiveMaximum"),
  };
}

function toNumber(schema: JsonObject, key: string): number | undefined {
  const value = schema[key];
  return typeof value === "number" ? value : undefined;
}

function toLiteral(value: unknown): Literal {
  const isLiteral =
    value === null ||
    typeof value === "string" ||
    typeof value === "number" ||
    typeof value === "boolean";
  if (!isLiteral) throw new Error("A literal of a schema is a string, a number, a boolean or null");
  return value;
}

function toSchema(value: unknown): JsonObject {
  if (!isJsonObject(value)) throw new Error("A part of a schema is not a schema");
  return value;
}

/** @throws Error if the schema restricts values in a way that would be ignored */
function allowKeys(schema: JsonObject, known: readonly string[]): void {
  for (const key of Object.keys(schema)) {
    // TypeBox marks its schemas with keys that begin with ~; applications may add keys of their own with x-.
    if (key.startsWith("~") || key.startsWith("x-")) continue;
    if (known.includes(key) || ANNOTATIONS.has(key)) continue;
    throw new Error(`The schema's keyword ${key} is not supported`);
  }
}
