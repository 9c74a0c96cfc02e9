import { quote } from "../../onnx/onnx.ts";
import { toWidth, type Value } from "../graph-values.ts";
import {
  attribute,
  type Compile,
  expectType,
  floatsAttribute,
  input,
  intAttribute,
  type NodeContext,
  reject,
} from "../pipeline-builder.ts";
import type { TensorType } from "../pipeline.ts";

/** Expands a list of one number, or of one for each column, to one for each number of a row. */
function expand(
  { at }: NodeContext,
  values: ArrayLike<number>,
  value: Value,
  fallback: number,
): Float64Array {
  const width = toWidth(value.shape);
  const columns = value.shape.at(-1) ?? 1;
  if (values.length !== 0 && values.length !== 1 && values.length !== columns) {
    reject(at, `Expected 1 value or ${columns}, one for each column, got ${values.length}.`);
  }
  return Float64Array.from({ length: width }, (_, i) =>
    values.length === 0 ? fallback : values[values.length === 1 ? 0 : i % columns]!,
  );
}

const compileScaler: Compile = (context) => {
  const value = input(context, 0);
  expectType(context, value, ["float", "double", "int64", "int32"]);
  const offsets = floatsAttribute(context, "offset");
  const scales = floatsAttribute(context, "scale");
  if (offsets.length !== scales.length || scales.length === 0) {
    reject(
      context.at,
      `Expected as many offsets as scales, got ${offsets.length} and ${scales.length}.`,
    );
  }
  const offset = expand(context, offsets, value, 0);
  const scale = expand(context, scales, value, 1);
  return context.builder.emit(
    context.at,
    [value],
    [{ type: "float", shape: value.shape }],
    ([out = 0]) => ({
      kind: "scale",
      // Rows of double are scaled in double, then rounded.
      isDouble: value.type === "double",
      out,
      in: value.slot,
      offset,
      scale,
    }),
  );
};

const compileImputer: Compile = (context) => {
  const value = input(context, 0);
  expectType(context, value, ["float", "int64"]);
  const isFloat = value.type === "float";
  const given = isFloat
    ? floatsAttribute(context, "imputed_value_floats")
    : Float64Array.from(attribute(context, "imputed_value_int64s", "ints")?.value ?? []);
  if (given.length === 0) reject(context.at, "Expected values to impute, got none.");
  const replaced = isFloat
    ? (attribute(context, "replaced_value_float", "float")?.value ?? 0)
    : intAttribute(context, "replaced_value_int64", 0);
  const values = expand(context, given, value, 0);
  const { type, shape } = value;
  return context.builder.emit(context.at, [value], [{ type, shape }], ([out = 0]) => ({
    kind: "impute",
    out,
    in: value.slot,
    replaced,
    values,
  }));
};

const compileNormalizer: Compile = (context) => {
  const value = input(context, 0);
  expectType(context, value, ["float", "double", "int64", "int32"]);
  const norm = attribute(context, "norm", "string")?.value ?? "MAX";
  if (norm !== "MAX" && norm !== "L1" && norm !== "L2") {
    reject(context.at, `Expected the norm MAX, L1 or L2, got "${quote(norm)}".`);
  }
  if (value.shape.length !== 2 || value.shape[0] === 1)
    reject(context.at, "Expected rows and columns.");
  return context.builder.emit(
    context.at,
    [value],
    [{ type: "float", shape: value.shape }],
    ([out = 0]) => ({
      kind: "normalize",
      norm,
      out,
      in: value.slot,
    }),
  );
};

const compileBinarizer: Compile = (context) => {
  const value = input(context, 0);
  expectType(context, value, ["float"]);
  const threshold = attribute(context, "threshold", "float")?.value ?? 0;
  const { shape } = value;
  return context.builder.emit(context.at, [value], [{ type: "float", shape }], ([out = 0]) => ({
    kind: "binarize",
    out,
    in: value.slot,
    threshold,
  }));
};

/** Records the strings that an encoder distinguishes, for the features that it reads. */
function addCategories(
  { builder }: NodeContext,
  { features }: Value,
  strings: readonly string[],
): void {
  for (const feature of new Set(features)) {
    const known = builder.categories.get(feature);
    for (const text of strings) known?.add(text);
  }
}

const compileOneHotEncoder: Compile = (context) => {
  const { builder, at } = context;
  const value = input(context, 0);
  const strings = attribute(context, "cats_strings", "strings")?.value ?? [];
  const numbers = Array.from(attribute(context, "cats_int64s", "ints")?.value ?? []);
  const isString = value.type === "string";
  if (isString === (strings.length === 0)) {
    reject(at, `Expected categories of the type of the input, ${value.type}.`);
  }
  if (numbers.some(Number.isNaN)) reject(at, "Expected categories from -2⁵³ to 2⁵³.");
  if (intAttribute(context, "zeros", 1) !== 1) {
    reject(
      at,
      'Expected zeros = 1: a row with an unknown category cannot be computed otherwise. Export with handle_unknown="ignore".',
    );
  }
  if (isString) addCategories(context, value, strings);
  const keys = Float64Array.from(isString ? strings.map((text) => builder.intern(text)) : numbers);
  const shape = [...value.shape, keys.length];
  return builder.emit(at, [value], [{ type: "float", shape }], ([out = 0]) => ({
    kind: "oneHot",
    out,
    in: value.slot,
    keys,
    truncates: value.type === "float" || value.type === "double",
  }));
};

type Side = "string" | "int64" | "float";

/** Reads a list of a label encoder: strings, integers or floats. */
function readList(
  context: NodeContext,
  prefix: string,
): { readonly side: Side; readonly items: readonly (string | number)[] } | undefined {
  const strings = attribute(context, `${prefix}_strings`, "strings")?.value;
  if (strings !== undefined) return { side: "string", items: strings };
  const integers = attribute(context, `${prefix}_int64s`, "ints")?.value;
  if (integers !== undefined) return { side: "int64", items: Array.from(integers) };
  const floats = attribute(context, `${prefix}_floats`, "floats")?.value;
  if (floats !== undefined) return { side: "float", items: Array.from(floats) };
  const tensor = attribute(context, `${prefix}_tensor`, "tensor")?.value;
  if (tensor?.strings !== undefined && tensor.strings.length > 0)
    return { side: "string", items: tensor.strings };
  if (tensor?.values === undefined) return undefined;
  return { side: tensor.elementType === 7 ? "int64" : "float", items: Array.from(tensor.values) };
}

function readDefault(context: NodeContext, side: Side): string | number {
  const tensor = attribute(context, "default_tensor", "tensor")?.value;
  if (side === "string") {
    return (
      tensor?.strings?.[0] ?? attribute(context, "default_string", "string")?.value ?? "_Unused"
    );
  }
  if (tensor?.values?.[0] !== undefined) return tensor.values[0];
  return side === "int64"
    ? intAttribute(context, "default_int64", -1)
    : (attribute(context, "default_float", "float")?.value ?? -0);
}

const compileLabelEncoder: Compile = (context) => {
  const value = input(context, 0);
  if (context.version < 2) return encodeClasses(context, value);
  const keys = readList(context, "keys");
  const values = readList(context, "values");
  if (keys === undefined || values === undefined || keys.items.length !== values.items.length) {
    reject(context.at, "Expected as many values as keys.");
  }
  return emitEncode(context, value, keys.items, values.items, values.side, context.version >= 4);
};

/** Version 1: strings become their place in a list, or places become strings. */
function encodeClasses(context: NodeContext, value: Value): readonly Value[] {
  const classes = attribute(context, "classes_strings", "strings")?.value ?? [];
  const places = classes.map((_, i) => i);
  return value.type === "string"
    ? emitEncode(context, value, classes, places, "int64", false)
    : emitEncode(context, value, places, classes, "string", false);
}

const compileCategoryMapper: Compile = (context) => {
  const value = input(context, 0);
  const strings = attribute(context, "cats_strings", "strings")?.value ?? [];
  const integers = Array.from(attribute(context, "cats_int64s", "ints")?.value ?? []);
  return value.type === "string"
    ? emitEncode(context, value, strings, integers, "int64", false)
    : emitEncode(context, value, integers, strings, "string", false);
};

function emitEncode(
  context: NodeContext,
  value: Value,
  keys: readonly (string | number)[],
  values: readonly (string | number)[],
  side: Side,
  matchesNaN: boolean,
): readonly Value[] {
  const { builder, at } = context;
  const isString = value.type === "string";
  if (keys.some((key) => (typeof key === "string") !== isString)) {
    reject(at, `Expected keys of the type of the input, ${value.type}.`);
  }
  const fallback = readDefault(context, side);
  const integers = [...(side === "int64" ? values : []), ...(value.type === "int64" ? keys : [])];
  if (integers.some(Number.isNaN)) reject(at, "Expected integers from -2⁵³ to 2⁵³.");
  if (isString) addCategories(context, value, keys.map(String));
  const toCode = (each: string | number): number =>
    typeof each === "string" ? builder.intern(each) : each;
  const type: TensorType = side;
  const labels = [...new Set([...values, fallback])];
  const isText = side === "string";
  return builder.emit(
    at,
    [value],
    [{ type, shape: value.shape, labels: isText ? labels.map(String) : labels.map(Number) }],
    ([out = 0]) => ({
      kind: "encode",
      out,
      in: value.slot,
      keys: Float64Array.from(keys, toCode),
      values: Float64Array.from(values, toCode),
      fallback: toCode(fallback),
      matchesNaN,
    }),
  );
}

export const ENCODER_RULES: Readonly<Record<string, Compile>> = {
  Scaler: compileScaler,
  Imputer: compileImputer,
  Normalizer: compileNormalizer,
  Binarizer: compileBinarizer,
  OneHotEncoder: compileOneHotEncoder,
  LabelEncoder: compileLabelEncoder,
  CategoryMapper: compileCategoryMapper,
};
