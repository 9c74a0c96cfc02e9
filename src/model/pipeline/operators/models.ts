import { compileForest } from "../../executor/compile-forest.ts";
import type { ClassLabels } from "../../model.ts";
import { quote, toDamaged } from "../../onnx/onnx.ts";
import { readTreeEnsemble } from "../../onnx/read-tree-ensemble.ts";
import { parseTreeEnsemble5 } from "../../onnx/read-tree-ensemble-5.ts";
import type { TreeEnsemble } from "../../tree-ensemble.ts";
import { ROWS, toWidth, type Value } from "../graph-values.ts";
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
import type { Kernel, PostTransform } from "../pipeline.ts";
import { castToFloat } from "./shapes.ts";

/** Reads the class labels of a linear or support-vector classifier. */
function readLabels(context: NodeContext, integers: string): ClassLabels {
  const strings = attribute(context, "classlabels_strings", "strings")?.value ?? [];
  const numbers = Array.from(attribute(context, integers, "ints")?.value ?? []);
  const labels = strings.length > 0 ? strings : numbers;
  if (labels.length < 2)
    reject(context.at, `Expected at least 2 class labels, got ${labels.length}.`);
  if (new Set<string | number>(labels).size < labels.length || numbers.some(Number.isNaN)) {
    reject(context.at, "Expected unique class labels, integers from -2⁵³ to 2⁵³ or strings.");
  }
  return labels;
}

function toLabelNumbers({ builder }: NodeContext, labels: ClassLabels): Float64Array {
  return Float64Array.from<string | number>(labels, (label) =>
    typeof label === "string" ? builder.intern(label) : label,
  );
}

function toLabelType(labels: ClassLabels): "string" | "int64" {
  return typeof labels[0] === "string" ? "string" : "int64";
}

function readPost(context: NodeContext): PostTransform {
  const name = attribute(context, "post_transform", "string")?.value ?? "NONE";
  if (name === "NONE" || name === "LOGISTIC" || name === "SOFTMAX" || name === "SOFTMAX_ZERO")
    return name;
  return reject(
    context.at,
    `Expected NONE, LOGISTIC, SOFTMAX or SOFTMAX_ZERO, got "${quote(name)}".`,
  );
}

/** Returns the number of columns of a tensor of rows. */
function expectRows(context: NodeContext, value: Value): number {
  const [rows, columns] = value.shape;
  if (value.shape.length === 2 && rows === ROWS && columns !== undefined) return columns;
  return reject(context.at, "Expected rows and columns as the input.");
}

const compileLinearClassifier: Compile = (context) => {
  const value = castToFloat(context, input(context, 0));
  const inner = expectRows(context, value);
  const labels = readLabels(context, "classlabels_ints");
  const coefficients = floatsAttribute(context, "coefficients");
  const intercepts = floatsAttribute(context, "intercepts");
  const isPair = intercepts.length === 1 && labels.length === 2;
  if (
    (!isPair && intercepts.length !== labels.length) ||
    coefficients.length !== intercepts.length * inner
  ) {
    const message = `Expected an intercept and ${inner} coefficients for each class, got ${intercepts.length} and ${coefficients.length}.`;
    throw toDamaged(context.at, message);
  }
  const numbers = toLabelNumbers(context, labels);
  const post = readPost(context);
  return context.builder.emit(
    context.at,
    [value],
    [
      { type: toLabelType(labels), shape: [ROWS], labels },
      { type: "float", shape: [ROWS, labels.length] },
    ],
    ([label = 0, scores = 0]) => ({
      kind: "linear",
      in: value.slot,
      label,
      scores,
      coefficients,
      intercepts,
      inner,
      post,
      labels: numbers,
    }),
  );
};

const compileLinearRegressor: Compile = (context) => {
  const value = input(context, 0);
  expectType(context, value, ["float"]);
  const inner = expectRows(context, value);
  const targets = intAttribute(context, "targets", 1);
  const coefficients = floatsAttribute(context, "coefficients");
  const given = floatsAttribute(context, "intercepts");
  if (!(targets >= 1 && targets <= 1 << 16))
    reject(context.at, `Expected 1 to 65536 targets, got ${targets}.`);
  if (coefficients.length !== targets * inner || (given.length !== 0 && given.length !== targets)) {
    throw toDamaged(
      context.at,
      `Expected ${targets * inner} coefficients, got ${coefficients.length}.`,
    );
  }
  const post = readPost(context);
  return context.builder.emit(
    context.at,
    [value],
    [{ type: "float", shape: [ROWS, targets] }],
    ([scores = 0]) => ({
      kind: "linear",
      in: value.slot,
      label: null,
      scores,
      coefficients,
      intercepts: given.length === 0 ? new Float32Array(targets) : given,
      inner,
      post: targets === 1 ? "NONE" : post,
      labels: null,
    }),
  );
};

function readKernel(context: NodeContext): {
  readonly kernel: Kernel;
  readonly gamma: number;
  readonly offset: number;
  readonly degree: number;
} {
  const kernel = attribute(context, "kernel_type", "string")?.value ?? "LINEAR";
  if (kernel !== "LINEAR" && kernel !== "POLY" && kernel !== "RBF" && kernel !== "SIGMOID") {
    reject(context.at, `Expected the kernel LINEAR, POLY, RBF or SIGMOID, got "${quote(kernel)}".`);
  }
  const [gamma = 0, offset = 0, degree = 0] = floatsAttribute(context, "kernel_params");
  return { kernel, gamma, offset, degree };
}

function checkCount(context: NodeContext, name: string, actual: number, expected: number): void {
  if (actual !== expected)
    throw toDamaged(`${context.at}, ${name}`, `Expected ${expected} values, got ${actual}.`);
}

const compileSvmClassifier: Compile = (context) => {
  const value = castToFloat(context, input(context, 0));
  const inner = expectRows(context, value);
  const labels = readLabels(context, "classlabels_ints");
  const classes = labels.length;
  const counts = Int32Array.from(attribute(context, "vectors_per_class", "ints")?.value ?? []);
  if (counts.length === 0) reject(context.at, "Expected support vectors, got a linear model.");
  checkCount(context, "vectors_per_class", counts.length, classes);
  const size = counts.reduce((sum, each) => sum + each, 0);
  const vectors = floatsAttribute(context, "support_vectors");
  const coefficients = floatsAttribute(context, "coefficients");
  const rho = floatsAttribute(context, "rho");
  const pairs = (classes * (classes - 1)) / 2;
  if (counts.some((each) => each < 0) || size === 0)
    reject(context.at, "Expected support vectors, got none.");
  checkCount(context, "support_vectors", vectors.length, size * inner);
  checkCount(context, "coefficients", coefficients.length, size * (classes - 1));
  checkCount(context, "rho", rho.length, pairs);
  const probabilityA = floatsAttribute(context, "prob_a");
  const probabilityB = floatsAttribute(context, "prob_b");
  const hasProbabilities = probabilityA.length > 0;
  if (hasProbabilities) {
    checkCount(context, "prob_a", probabilityA.length, pairs);
    checkCount(context, "prob_b", probabilityB.length, pairs);
  }
  const numbers = toLabelNumbers(context, labels);
  const post = readPost(context);
  if (post !== "NONE" && (hasProbabilities || classes === 2)) {
    reject(context.at, `Expected no post-transform for probabilities or two classes, got ${post}.`);
  }
  const kernel = readKernel(context);
  const width = hasProbabilities || classes === 2 ? classes : pairs;
  return context.builder.emit(
    context.at,
    [value],
    [
      { type: toLabelType(labels), shape: [ROWS], labels },
      { type: "float", shape: [ROWS, width] },
    ],
    ([label = 0, scores = 0]) => ({
      kind: "support",
      in: value.slot,
      label,
      scores,
      ...kernel,
      vectors,
      inner,
      coefficients,
      rho,
      isOneClass: false,
      counts,
      probabilityA: hasProbabilities ? probabilityA : null,
      probabilityB: hasProbabilities ? probabilityB : null,
      post,
      labels: numbers,
    }),
  );
};

const compileSvmRegressor: Compile = (context) => {
  const value = input(context, 0);
  expectType(context, value, ["float"]);
  const inner = expectRows(context, value);
  const size = intAttribute(context, "n_supports", 0);
  const vectors = floatsAttribute(context, "support_vectors");
  const coefficients = floatsAttribute(context, "coefficients");
  const rho = floatsAttribute(context, "rho");
  if (size < 1) reject(context.at, "Expected support vectors, got none.");
  checkCount(context, "support_vectors", vectors.length, size * inner);
  checkCount(context, "coefficients", coefficients.length, size);
  checkCount(context, "rho", rho.length, 1);
  if (readPost(context) !== "NONE") reject(context.at, "Expected no post-transform.");
  const kernel = readKernel(context);
  const isOneClass = intAttribute(context, "one_class", 0) === 1;
  return context.builder.emit(
    context.at,
    [value],
    [{ type: "float", shape: [ROWS, 1] }],
    ([scores = 0]) => ({
      kind: "support",
      in: value.slot,
      label: null,
      scores,
      ...kernel,
      vectors,
      inner,
      coefficients,
      rho,
      isOneClass,
      counts: new Int32Array(0),
      probabilityA: null,
      probabilityB: null,
      post: "NONE",
      labels: null,
    }),
  );
};

/** Rows of float or integers are compared as float32, rows of double as such. */
function toTreeInput(context: NodeContext): {
  readonly value: Value;
  readonly inputType: "float" | "double";
  readonly columns: number;
} {
  const given = input(context, 0);
  const value = given.type === "double" ? given : castToFloat(context, given);
  return {
    value,
    inputType: given.type === "double" ? "double" : "float",
    columns: expectRows(context, value),
  };
}

function emitTrees(context: NodeContext, value: Value, ensemble: TreeEnsemble): readonly Value[] {
  const forest = compileForest(ensemble);
  const { classes } = ensemble;
  const labels = ensemble.task === "classification" ? toLabelNumbers(context, classes) : null;
  const scores = { type: "float", shape: [ROWS, ensemble.outputs] } as const;
  const label = { type: toLabelType(classes), shape: [ROWS], labels: classes };
  const outputs = labels === null ? [scores] : [label, scores];
  return context.builder.emit(context.at, [value], outputs, (slots) => ({
    kind: "trees",
    in: value.slot,
    label: labels === null ? null : (slots[0] ?? null),
    scores: slots.at(-1) ?? null,
    forest,
    labels,
  }));
}

function toTreeRule(task: TreeEnsemble["task"]): Compile {
  return (context) => {
    if (context.version > 4)
      reject(context.at, `Expected ai.onnx.ml version 1 to 4, got version ${context.version}.`);
    const { value, inputType, columns } = toTreeInput(context);
    if (task === "regression") expectType(context, input(context, 0), ["float", "double"]);
    const ensemble = readTreeEnsemble({
      node: context.node,
      task,
      inputType,
      declaredFeatures: columns,
    });
    return emitTrees(context, value, ensemble);
  };
}

const compileTreeEnsemble: Compile = (context) => {
  const { value, inputType, columns } = toTreeInput(context);
  expectType(context, input(context, 0), ["float", "double"]);
  return emitTrees(context, value, parseTreeEnsemble5(context.node, inputType, columns));
};

/** Names the columns of scores; the names must be those of the classes, which the compiler checks. */
const compileZipMap: Compile = (context) => {
  const value = input(context, 0);
  const strings = attribute(context, "classlabels_strings", "strings")?.value ?? [];
  const numbers = Array.from(attribute(context, "classlabels_int64s", "ints")?.value ?? []);
  const labels: ClassLabels = strings.length > 0 ? strings : numbers;
  if (labels.length !== toWidth(value.shape)) {
    reject(
      context.at,
      `Expected a name for each of ${toWidth(value.shape)} columns, got ${labels.length}.`,
    );
  }
  return [{ ...value, labels }];
};

export const MODEL_RULES: Readonly<Record<string, Compile>> = {
  LinearClassifier: compileLinearClassifier,
  LinearRegressor: compileLinearRegressor,
  SVMClassifier: compileSvmClassifier,
  SVMRegressor: compileSvmRegressor,
  TreeEnsembleClassifier: toTreeRule("classification"),
  TreeEnsembleRegressor: toTreeRule("regression"),
  TreeEnsemble: compileTreeEnsemble,
  ZipMap: compileZipMap,
};
