import { ELEMENT_TYPES, formatElementType } from "../../onnx/onnx.ts";
import {
  broadcastShapes,
  checkNotRows,
  ROWS,
  toAxis,
  toBroadcastIndex,
  toWidth,
  type Value,
} from "../graph-values.ts";
import {
  attribute,
  type Compile,
  constantInput,
  input,
  intAttribute,
  type NodeContext,
  reject,
  sizesInput,
} from "../pipeline-builder.ts";
import {
  TENSOR_TYPES,
  type BinaryOperation,
  type TensorType,
  type UnaryOperation,
} from "../pipeline.ts";

import { toGroups } from "./to-groups.ts";

const REALS: readonly TensorType[] = ["float", "double"];
const NUMBERS: readonly TensorType[] = ["float", "double", "int64", "int32"];

/** Returns the tensor type of an ONNX element type. @throws TepalError MODEL_UNSUPPORTED */
export function toTensorType(elementType: number, at: string): TensorType {
  const type = TENSOR_TYPES.find((name) => ELEMENT_TYPES[name] === elementType);
  return (
    type ??
    reject(at, `Expected one of ${TENSOR_TYPES.join(", ")}, got ${formatElementType(elementType)}.`)
  );
}

function emitBinary(
  context: NodeContext,
  operation: BinaryOperation,
  a: Value,
  b: Value,
  type: TensorType,
): Value {
  if (a.type !== b.type)
    reject(context.at, `Expected inputs of one type, got ${a.type} and ${b.type}.`);
  const shape = broadcastShapes([a.shape, b.shape], context.at);
  const isInteger = !REALS.includes(a.type);
  const [result] = context.builder.emit(context.at, [a, b], [{ type, shape }], ([out = 0]) => ({
    kind: "binary",
    operation,
    isInteger,
    out,
    a: a.slot,
    b: b.slot,
    indexA: toBroadcastIndex(a.shape, shape),
    indexB: toBroadcastIndex(b.shape, shape),
  }));
  return result ?? a;
}

function toBinaryRule(
  operation: BinaryOperation,
  types: readonly TensorType[],
  isTest: boolean,
): Compile {
  return (context) => {
    const a = input(context, 0);
    const b = input(context, 1);
    checkType(context, a, types);
    return [emitBinary(context, operation, a, b, isTest ? "bool" : a.type)];
  };
}

/** Operators of any number of inputs, from the left. */
function toVariadicRule(operation: BinaryOperation): Compile {
  return (context) => {
    let result = input(context, 0);
    checkType(context, result, NUMBERS);
    for (const [i] of context.inputs.entries()) {
      if (i > 0) result = emitBinary(context, operation, result, input(context, i), result.type);
    }
    return [result];
  };
}

/** The mean of its inputs: their sum, divided by their number. */
const compileMean: Compile = (context) => {
  const [total] = toVariadicRule("Add")(context);
  if (total === undefined) reject(context.at, "Expected an input, got none.");
  const count = Float32Array.of(context.inputs.length);
  const divisor = context.builder.declare(
    context.at,
    total.type,
    [1],
    total.type === "float" ? count : Float64Array.from(count),
  );
  return [emitBinary(context, "Div", total, divisor, total.type)];
};

const compileMod: Compile = (context) => {
  const a = input(context, 0);
  const isReal = REALS.includes(a.type);
  if (isReal !== (intAttribute(context, "fmod", 0) === 1)) {
    reject(context.at, "Expected integers without fmod, or other numbers with it.");
  }
  return [emitBinary(context, "Mod", a, input(context, 1), a.type)];
};

function checkType({ at }: NodeContext, value: Value, types: readonly TensorType[]): void {
  if (!types.includes(value.type)) reject(at, `Expected ${types.join(", ")}, got ${value.type}.`);
}

function toUnaryRule(
  operation: UnaryOperation,
  types: readonly TensorType[],
  result?: TensorType,
): Compile {
  return (context) => {
    const value = input(context, 0);
    checkType(context, value, types);
    const { type, shape } = value;
    return context.builder.emit(
      context.at,
      [value],
      [{ type: result ?? type, shape }],
      ([out = 0]) => ({
        kind: "unary",
        operation,
        type,
        out,
        in: value.slot,
      }),
    );
  };
}

const compileClip: Compile = (context) => {
  const value = input(context, 0);
  checkType(context, value, NUMBERS);
  const read = (name: string, place: number, fallback: number): number =>
    (context.version >= 11
      ? constantInput(context, place)?.[0]
      : attribute(context, name, "float")?.value) ?? fallback;
  const min = read("min", 1, Number.NEGATIVE_INFINITY);
  const max = read("max", 2, Number.POSITIVE_INFINITY);
  const { type, shape } = value;
  return context.builder.emit(context.at, [value], [{ type, shape }], ([out = 0]) => ({
    kind: "clip",
    out,
    in: value.slot,
    min,
    max,
  }));
};

const compileWhere: Compile = (context) => {
  const condition = input(context, 0);
  checkType(context, condition, ["bool"]);
  return [emitWhere(context, condition, input(context, 1), input(context, 2))];
};

function emitWhere(context: NodeContext, condition: Value, a: Value, b: Value): Value {
  if (a.type !== b.type)
    reject(context.at, `Expected inputs of one type, got ${a.type} and ${b.type}.`);
  const shape = broadcastShapes([condition.shape, a.shape, b.shape], context.at);
  const values = [condition, a, b];
  const [result] = context.builder.emit(
    context.at,
    values,
    [{ type: a.type, shape }],
    ([out = 0]) => ({
      kind: "where",
      out,
      condition: condition.slot,
      a: a.slot,
      b: b.slot,
      indexCondition: toBroadcastIndex(condition.shape, shape),
      indexA: toBroadcastIndex(a.shape, shape),
      indexB: toBroadcastIndex(b.shape, shape),
    }),
  );
  return result ?? a;
}

const compileCast: Compile = (context) => {
  const value = input(context, 0);
  const to = toTensorType(intAttribute(context, "to", 0), context.at);
  if (to === value.type) return [value];
  if (to === "string" || value.type === "string") return castLabels(context, value, to);
  const { type, shape, labels } = value;
  const kept = to === "bool" ? undefined : labels;
  return context.builder.emit(
    context.at,
    [value],
    [{ type: to, shape, labels: kept }],
    ([out = 0]) => ({
      kind: "cast",
      out,
      in: value.slot,
      from: type,
      to,
    }),
  );
};

/** Casts strings to numbers or back where the values are known: those of class labels. */
function castLabels(context: NodeContext, value: Value, to: TensorType): readonly Value[] {
  const { labels, shape } = value;
  if (labels === undefined) {
    reject(
      context.at,
      `Expected numbers, or the labels of classes, for a conversion from ${value.type} to ${to}.`,
    );
  }
  const { builder } = context;
  const keys = Float64Array.from<string | number>(labels, (label) =>
    typeof label === "string" ? builder.intern(label) : label,
  );
  const isString = to === "string";
  const results = labels.map((label) =>
    isString ? String(label) : parseLabel(context, String(label)),
  );
  const values = Float64Array.from(results, (each) =>
    typeof each === "string" ? builder.intern(each) : each,
  );
  return builder.emit(
    context.at,
    [value],
    [{ type: to, shape, labels: isString ? results.map(String) : results.map(Number) }],
    ([out = 0]) => ({
      kind: "encode",
      out,
      in: value.slot,
      keys,
      values,
      fallback: Number.NaN,
      matchesNaN: false,
    }),
  );
}

function parseLabel({ at }: NodeContext, label: string): number {
  if (!/^-?\d+(?:\.\d+)?$/.test(label)) reject(at, "Expected labels that are numbers.");
  return Number(label);
}

/** The number of rows is not known when the graph is compiled: NaN. */
const compileShape: Compile = (context) => {
  const { shape } = input(context, 0);
  const sizes = Float64Array.from(shape, (size) => (size === ROWS ? Number.NaN : size));
  const value = context.builder.declare(context.at, "int64", [shape.length], sizes);
  return [{ ...value, isShape: shape.includes(ROWS) }];
};

const compileConstantOfShape: Compile = (context) => {
  const shape = sizesInput(context, 0) ?? [];
  const tensor = attribute(context, "value", "tensor")?.value;
  const type = tensor === undefined ? "float" : toTensorType(tensor.elementType, context.at);
  const value = tensor?.values?.[0] ?? 0;
  const width = toWidth(shape);
  if (!(width <= 1 << 20)) reject(context.at, "Expected at most 2²⁰ numbers.");
  const numbers = type === "float" ? new Float32Array(width) : new Float64Array(width);
  const constant = context.builder.declare(
    context.at,
    type,
    shape.filter((size) => size !== ROWS),
    numbers.fill(value),
  );
  if (!shape.includes(ROWS)) return [constant];
  return context.builder.emit(context.at, [constant], [{ type, shape }], ([out = 0]) => ({
    kind: "gather",
    out,
    sources: [constant.slot],
    from: new Int32Array(width),
    index: Int32Array.from({ length: width }, (_, i) => i),
  }));
};

/** Divides by the norm along an axis; a norm of 0 gives 0. */
const compileLpNormalization: Compile = (context) => {
  const value = input(context, 0);
  checkType(context, value, REALS);
  const { shape, type } = value;
  const axis = toAxis(intAttribute(context, "axis", -1), shape.length, context.at);
  checkNotRows(shape, axis, context.at);
  const operation = intAttribute(context, "p", 2) === 1 ? "ReduceL1" : "ReduceL2";
  const { builder, at } = context;
  const [norm] = builder.emit(at, [value], [{ type, shape: shape.with(axis, 1) }], ([out = 0]) => ({
    kind: "reduce",
    operation,
    out,
    in: value.slot,
    groups: toGroups(shape, [axis]),
  }));
  const number = (each: number): Value =>
    builder.declare(
      at,
      type,
      [1],
      type === "float" ? Float32Array.of(each) : Float64Array.of(each),
    );
  if (norm === undefined) reject(at, "Expected an output.");
  const zero = number(0);
  const isZero = emitBinary(context, "Equal", norm, zero, "bool");
  const divisor = emitWhere(context, isZero, number(1), norm);
  return [emitBinary(context, "Div", value, divisor, type)];
};

const ANY: readonly TensorType[] = [...NUMBERS, "bool", "string"];

export const NUMBER_RULES: Readonly<Record<string, Compile>> = {
  Add: toBinaryRule("Add", NUMBERS, false),
  Sub: toBinaryRule("Sub", NUMBERS, false),
  Mul: toBinaryRule("Mul", NUMBERS, false),
  Div: toBinaryRule("Div", NUMBERS, false),
  Pow: toBinaryRule("Pow", REALS, false),
  Mod: compileMod,
  Sum: toVariadicRule("Add"),
  Mean: compileMean,
  Max: toVariadicRule("Max"),
  Min: toVariadicRule("Min"),
  Less: toBinaryRule("Less", NUMBERS, true),
  LessOrEqual: toBinaryRule("LessOrEqual", NUMBERS, true),
  Greater: toBinaryRule("Greater", NUMBERS, true),
  GreaterOrEqual: toBinaryRule("GreaterOrEqual", NUMBERS, true),
  Equal: toBinaryRule("Equal", ANY, true),
  And: toBinaryRule("And", ["bool"], true),
  Or: toBinaryRule("Or", ["bool"], true),
  Xor: toBinaryRule("Xor", ["bool"], true),
  Abs: toUnaryRule("Abs", NUMBERS),
  Ceil: toUnaryRule("Ceil", REALS),
  Exp: toUnaryRule("Exp", REALS),
  Floor: toUnaryRule("Floor", REALS),
  IsNaN: toUnaryRule("IsNaN", REALS, "bool"),
  Log: toUnaryRule("Log", REALS),
  Neg: toUnaryRule("Neg", NUMBERS),
  Not: toUnaryRule("Not", ["bool"]),
  Reciprocal: toUnaryRule("Reciprocal", REALS),
  Relu: toUnaryRule("Relu", NUMBERS),
  Round: toUnaryRule("Round", REALS),
  Sigmoid: toUnaryRule("Sigmoid", REALS),
  Sign: toUnaryRule("Sign", NUMBERS),
  Softplus: toUnaryRule("Softplus", REALS),
  Sqrt: toUnaryRule("Sqrt", REALS),
  Tanh: toUnaryRule("Tanh", REALS),
  Clip: compileClip,
  Where: compileWhere,
  Cast: compileCast,
  LpNormalization: compileLpNormalization,
  Shape: compileShape,
  ConstantOfShape: compileConstantOfShape,
};
