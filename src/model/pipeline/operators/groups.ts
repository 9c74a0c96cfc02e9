import { checkNotRows, ROWS, toAxis, toWidth, type Value } from "../graph-values.ts";
import {
  attribute,
  type Compile,
  constantInput,
  expectType,
  input,
  intAttribute,
  type NodeContext,
  reject,
} from "../pipeline-builder.ts";
import type { Reduction, SlotArray } from "../pipeline.ts";
import { readAxes } from "./shapes.ts";
import { toGroups } from "./to-groups.ts";

/** Reductions that integers have without rounding. */
const WHOLE: ReadonlySet<Reduction> = new Set<Reduction>([
  "ReduceL1",
  "ReduceMax",
  "ReduceMin",
  "ReduceProd",
  "ReduceSum",
  "ReduceSumSquare",
]);

/** @param inputSince the opset in which axes became an input */
function toReduceRule(operation: Reduction, inputSince: number): Compile {
  return (context) => {
    const value = input(context, 0);
    const isWhole = WHOLE.has(operation);
    expectType(
      context,
      value,
      isWhole ? ["float", "double", "int64", "int32"] : ["float", "double"],
    );
    const { shape, type } = value;
    const given = readAxes(context, inputSince);
    if (
      (given === undefined || given.length === 0) &&
      intAttribute(context, "noop_with_empty_axes", 0) === 1
    ) {
      return [value];
    }
    const listed = given === undefined || given.length === 0 ? shape.map((_, axis) => axis) : given;
    const axes = listed.map((axis) => toAxis(axis, shape.length, context.at));
    for (const axis of axes) checkNotRows(shape, axis, context.at);
    const groups = toGroups(shape, axes);
    if (groups.size === 0) reject(context.at, "Expected at least one number to reduce.");
    const keeps = intAttribute(context, "keepdims", 1) === 1;
    const result = shape.flatMap((size, axis) =>
      axes.includes(axis) ? (keeps ? [1] : []) : [size],
    );
    return context.builder.emit(context.at, [value], [{ type, shape: result }], ([out = 0]) => ({
      kind: "reduce",
      operation,
      out,
      in: value.slot,
      groups,
    }));
  };
}

/** Before opset 13 the default axis is 1, and the axes after it count as one. */
function toSoftmaxRule(isLog: boolean): Compile {
  return (context) => {
    const value = input(context, 0);
    expectType(context, value, ["float", "double"]);
    const { shape, type } = value;
    const isOld = context.version < 13;
    const axis = toAxis(intAttribute(context, "axis", isOld ? 1 : -1), shape.length, context.at);
    const axes = isOld ? shape.flatMap((_, i) => (i >= axis ? [i] : [])) : [axis];
    for (const each of axes) checkNotRows(shape, each, context.at);
    return context.builder.emit(context.at, [value], [{ type, shape }], ([out = 0]) => ({
      kind: "softmax",
      isLog,
      out,
      in: value.slot,
      groups: toGroups(shape, axes),
    }));
  };
}

function toArgRule(isMax: boolean): Compile {
  return (context) => {
    const value = input(context, 0);
    expectType(context, value, ["float", "double", "int64", "int32"]);
    const { shape } = value;
    const axis = toAxis(intAttribute(context, "axis", 0), shape.length, context.at);
    checkNotRows(shape, axis, context.at);
    const keeps = intAttribute(context, "keepdims", 1) === 1;
    const result = shape.flatMap((size, i) => (i === axis ? (keeps ? [1] : []) : [size]));
    const groups = toGroups(shape, [axis]);
    const size = groups.size;
    if (size === 0) reject(context.at, "Expected at least one number.");
    const labels = Array.from({ length: Math.min(size, 1 << 16) }, (_, i) => i);
    return context.builder.emit(
      context.at,
      [value],
      [{ type: "int64", shape: result, labels }],
      ([out = 0]) => ({
        kind: "arg",
        isMax,
        selectLast: intAttribute(context, "select_last_index", 0) === 1,
        out,
        in: value.slot,
        groups,
      }),
    );
  };
}

const compileTopK: Compile = (context) => {
  const value = input(context, 0);
  expectType(context, value, ["float", "double", "int64", "int32"]);
  const { shape, type } = value;
  const count = constantInput(context, 1)?.[0] ?? 1;
  const axis = toAxis(intAttribute(context, "axis", -1), shape.length, context.at);
  if (axis !== shape.length - 1) reject(context.at, "Expected the last axis.");
  checkNotRows(shape, axis, context.at);
  const groups = toGroups(shape, [axis]);
  if (!(count >= 1 && count <= groups.size)) {
    reject(context.at, `Expected a count from 1 to ${groups.size}, got ${count}.`);
  }
  const result = shape.with(axis, count);
  const outputs = [
    { type, shape: result },
    { type: "int64" as const, shape: result },
  ];
  return context.builder.emit(context.at, [value], outputs, ([values = null, places = null]) => ({
    kind: "top",
    isLargest: intAttribute(context, "largest", 1) === 1,
    count,
    values,
    places,
    in: value.slot,
    groups,
  }));
};

/** The product of rows with a constant matrix. */
const compileMatMul: Compile = (context) => {
  const value = input(context, 0);
  const matrix = input(context, 1);
  const weights = constantInput(context, 1);
  const [inner = 0, columns = 1] = matrix.shape;
  if (weights === undefined || matrix.shape.length > 2 || matrix.shape.length === 0) {
    reject(context.at, "Expected a constant matrix as input 2.");
  }
  return emitProduct(context, value, {
    weights,
    inner,
    columns,
    isVector: matrix.shape.length === 1,
  });
};

const compileGemm: Compile = (context) => {
  const value = input(context, 0);
  const matrix = input(context, 1);
  const weights = constantInput(context, 1);
  const bias = constantInput(context, 2);
  if (weights === undefined || matrix.shape.length !== 2 || value.shape.length !== 2) {
    reject(context.at, "Expected rows and a constant matrix.");
  }
  if (intAttribute(context, "transA", 0) === 1) reject(context.at, "Expected transA = 0.");
  const [height = 0, width = 0] = matrix.shape;
  const isTransposed = intAttribute(context, "transB", 0) === 1;
  const [inner, columns] = isTransposed ? [width, height] : [height, width];
  const turned = isTransposed
    ? weights.map((_, i) => weights[(i % columns) * inner + Math.floor(i / columns)]!)
    : weights;
  if (bias !== undefined && bias.length !== 1 && bias.length !== columns) {
    reject(context.at, `Expected a bias of 1 or ${columns} numbers, got ${bias.length}.`);
  }
  return emitProduct(context, value, { weights: turned, inner, columns, isVector: false }, bias);
};

function emitProduct(
  context: NodeContext,
  value: Value,
  {
    weights,
    inner,
    columns,
    isVector,
  }: {
    readonly weights: SlotArray;
    readonly inner: number;
    readonly columns: number;
    readonly isVector: boolean;
  },
  bias?: SlotArray,
): ReturnType<Compile> {
  expectType(context, value, ["float", "double"]);
  expectType(context, input(context, 1), [value.type]);
  const { shape, type } = value;
  const axis = shape.length - 1;
  if (shape[axis] !== inner || shape[axis] === ROWS || shape.length < 2) {
    reject(context.at, `Expected rows of ${inner} numbers, got the width ${shape[axis] ?? 0}.`);
  }
  const result = isVector ? shape.slice(0, axis) : shape.with(axis, columns);
  return context.builder.emit(context.at, [value], [{ type, shape: result }], ([out = 0]) => ({
    kind: "product",
    out,
    in: value.slot,
    weights,
    rows: toWidth(shape) / inner,
    inner,
    columns,
    bias: bias ?? null,
    alpha: attribute(context, "alpha", "float")?.value ?? 1,
    beta: attribute(context, "beta", "float")?.value ?? 1,
  }));
}

export const GROUP_RULES: Readonly<Record<string, Compile>> = {
  ReduceL1: toReduceRule("ReduceL1", 18),
  ReduceL2: toReduceRule("ReduceL2", 18),
  ReduceLogSum: toReduceRule("ReduceLogSum", 18),
  ReduceLogSumExp: toReduceRule("ReduceLogSumExp", 18),
  ReduceMax: toReduceRule("ReduceMax", 18),
  ReduceMean: toReduceRule("ReduceMean", 18),
  ReduceMin: toReduceRule("ReduceMin", 18),
  ReduceProd: toReduceRule("ReduceProd", 18),
  ReduceSum: toReduceRule("ReduceSum", 13),
  ReduceSumSquare: toReduceRule("ReduceSumSquare", 18),
  Softmax: toSoftmaxRule(false),
  LogSoftmax: toSoftmaxRule(true),
  ArgMax: toArgRule(true),
  ArgMin: toArgRule(false),
  TopK: compileTopK,
  MatMul: compileMatMul,
  Gemm: compileGemm,
};
