import { TepalError } from "../../kernel/errors.ts";
import type { ClassLabels } from "../model.ts";
import { findAttribute } from "../onnx/find-tree-node.ts";
import {
  formatNode,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
  quote,
  toDamaged,
  toUnsupported,
} from "../onnx/onnx.ts";
import { ROWS, toWidth, UNSUPPORTED_ADVICE, type Value } from "./graph-values.ts";
import { toTensorType } from "./operators/numbers.ts";
import { findRule, VERSIONS } from "./operators/rules.ts";
import { PipelineBuilder, reject } from "./pipeline-builder.ts";
import type { CompiledPipeline, PipelineInput, SlotArray } from "./pipeline.ts";

/** Columns of all inputs together: buffers of this size are allocated before any row arrives. */
const MAX_FEATURES = 1 << 20;

/**
 * Compiles a graph to a pipeline.
 *
 * @throws TepalError MODEL_UNSUPPORTED for an operator, a version or a shape that has no rule, with its node; MODEL_DAMAGED for a graph
 *   that violates the ONNX specification
 */
export function compilePipeline(model: OnnxModel): CompiledPipeline {
  const { builder, inputs, values } = compileValues(model);
  const outputs = toOutputs(builder, model.graph.outputs, values);
  const { steps, slots } = builder;
  return { ...outputs, ...toInputs(builder, inputs), steps, slots };
}

interface CompiledValues {
  readonly builder: PipelineBuilder;
  readonly inputs: readonly Omit<PipelineInput, "categories" | "codes">[];
  /** Tensors by name: inputs, constants and those that an output needs. */
  readonly values: ReadonlyMap<string, Value>;
}

/** Compiles all nodes that an output needs. @throws TepalError as `compilePipeline` */
export function compileValues(model: OnnxModel): CompiledValues {
  const { graph } = model;
  const builder = new PipelineBuilder();
  const values = new Map<string, Value>();
  if (model.functions > 0) reject("file", `Expected no functions, got ${model.functions}.`);
  for (const tensor of graph.initializers) {
    values.set(tensor.name, toConstant(builder, tensor, tensor.name));
  }
  const inputs = declareInputs(builder, graph.inputs, values);
  const versions = toVersions(model);
  for (const node of orderNodes(model)) compileNode(builder, node, versions, values);
  return { builder, inputs, values };
}

/**
 * Compiles the nodes that have a rule, and leaves out the others with all that depend on them: for a graph that another engine computes,
 * whose inputs and encoders have the same properties.
 *
 * @throws TepalError MODEL_UNSUPPORTED for inputs that are no rows of a fixed number of columns; MODEL_DAMAGED as `compilePipeline`
 */
export function compileKnownNodes(
  model: OnnxModel,
): Pick<CompiledPipeline, "inputs" | "features" | "steps"> {
  const { graph } = model;
  const builder = new PipelineBuilder();
  const values = new Map<string, Value>();
  const constants = new Set(graph.initializers.map(({ name }) => name));
  for (const tensor of graph.initializers) {
    skipUnsupported(() => values.set(tensor.name, toConstant(builder, tensor, tensor.name)));
  }
  const inputs = declareInputs(
    builder,
    graph.inputs.filter(({ name }) => !constants.has(name)),
    values,
  );
  const versions = toVersions(model);
  for (const node of orderNodes(model)) {
    if (node.inputs.some((name) => name !== "" && !values.has(name))) continue;
    skipUnsupported(() => compileNode(builder, node, versions, values));
  }
  return { ...toInputs(builder, inputs), steps: builder.steps };
}

function skipUnsupported(action: () => void): void {
  try {
    action();
  } catch (error) {
    if (!(error instanceof TepalError) || error.code !== "MODEL_UNSUPPORTED") throw error;
  }
}

function toVersions({ opsets }: OnnxModel): ReadonlyMap<string, number> {
  return new Map(opsets.map(({ domain, version }) => [toDomain(domain), version]));
}

/** The default domain has two names. */
function toDomain(domain: string): string {
  return domain === "ai.onnx" ? "" : domain;
}

function toConstant(builder: PipelineBuilder, tensor: OnnxTensor, name: string): Value {
  const at = `constant "${quote(name)}"`;
  const type = toTensorType(tensor.elementType, at);
  const numbers = tensor.values ?? tensor.strings?.map((text) => builder.intern(text));
  if (numbers === undefined)
    reject(at, "Expected the values inside the file, got a reference to another file.");
  const shape = tensor.dims;
  if (shape.some((size) => !(size >= 0)) || toWidth(shape) !== numbers.length) {
    throw toDamaged(at, `Expected values for its shape, got ${numbers.length}.`);
  }
  const constant: SlotArray =
    type === "float" ? Float32Array.from(numbers) : Float64Array.from(numbers);
  return builder.declare(at, type, shape, constant);
}

/** The inputs of the graph without the constants, which old files list among them. */
function declareInputs(
  builder: PipelineBuilder,
  inputs: readonly OnnxValue[],
  values: Map<string, Value>,
): Omit<PipelineInput, "categories" | "codes">[] {
  let features = 0;
  return inputs
    .filter(({ name }) => !values.has(name))
    .map(({ name, elementType, shape }) => {
      const at = `input "${quote(name)}"`;
      const type = toTensorType(elementType, at);
      const columns = shape?.length === 1 ? 1 : shape?.[1];
      if (
        shape === undefined ||
        shape.length > 2 ||
        shape.length === 0 ||
        columns === undefined ||
        !(columns > 0)
      ) {
        reject(at, "Expected rows and a fixed number of columns.");
      }
      const firstFeature = features;
      features += columns;
      if (features > MAX_FEATURES)
        reject(at, `Expected at most ${MAX_FEATURES} features, got more.`);
      const dims = shape.length === 1 ? [ROWS] : [ROWS, columns];
      const value = builder.declare(at, type, dims);
      const numbered = Int32Array.from({ length: columns }, (_, i) => firstFeature + i);
      const isString = type === "string";
      if (isString) for (const feature of numbered) builder.categories.set(feature, new Set());
      values.set(name, isString ? { ...value, features: numbered } : value);
      return { name, type, width: columns, slot: value.slot, firstFeature };
    });
}

function toInputs(
  builder: PipelineBuilder,
  inputs: readonly Omit<PipelineInput, "categories" | "codes">[],
): Pick<CompiledPipeline, "inputs" | "features"> {
  const features = inputs.reduce((sum, { width }) => sum + width, 0);
  if (features === 0) throw toDamaged("graph", "Expected an input, got none.");
  return {
    features,
    inputs: inputs.map((input) => {
      if (input.type !== "string") return { ...input, categories: null, codes: null };
      const categories = Array.from({ length: input.width }, (_, i) => [
        ...(builder.categories.get(input.firstFeature + i) ?? []),
      ]);
      const codes = categories.map((list) =>
        Float64Array.from(list, (text) => builder.intern(text)),
      );
      return { ...input, categories, codes };
    }),
  };
}

/** The nodes that an output needs, each after those that it needs. */
function orderNodes({ graph }: OnnxModel): readonly OnnxNode[] {
  const producers = new Map<string, OnnxNode>();
  for (const node of graph.nodes) {
    for (const output of node.outputs) {
      if (output === "") continue;
      if (producers.has(output)) {
        throw toDamaged("graph", `Expected one node with the output "${quote(output)}", got two.`);
      }
      producers.set(output, node);
    }
  }
  const ordered: OnnxNode[] = [];
  const state = new Map<OnnxNode, "open" | "done">();
  const stack = graph.outputs.flatMap(({ name }) => producers.get(name) ?? []).toReversed();
  for (let node = stack.at(-1); node !== undefined; node = stack.at(-1)) {
    if (state.get(node) === "done") {
      stack.pop();
      continue;
    }
    const needed = node.inputs.flatMap((name) => producers.get(name) ?? []);
    const open = needed.filter((each) => state.get(each) !== "done");
    if (open.length === 0) {
      state.set(node, "done");
      ordered.push(node);
      stack.pop();
      continue;
    }
    if (state.get(node) === "open") throw toDamaged(formatNode(node), "Expected no cycle.");
    state.set(node, "open");
    stack.push(...open);
  }
  return ordered;
}

function compileNode(
  builder: PipelineBuilder,
  node: OnnxNode,
  versions: ReadonlyMap<string, number>,
  values: Map<string, Value>,
): void {
  const at = formatNode(node);
  const domain = toDomain(node.domain);
  if (domain === "" && node.opType === "Constant") {
    values.set(node.outputs[0] ?? "", readConstant(builder, node));
    return;
  }
  const compile = findRule(domain, node.opType);
  if (compile === undefined) {
    const name = domain === "" ? node.opType : `${domain}.${node.opType}`;
    reject(at, `Expected an operator that Tepal computes, got ${quote(name)}.`);
  }
  const version = checkVersion(at, domain, versions.get(domain));
  const inputs = node.inputs.map((name) => {
    if (name === "") return undefined;
    const value = values.get(name);
    if (value !== undefined) return value;
    throw toDamaged("graph", `Expected a node or input that produces "${quote(name)}", got none.`);
  });
  const results = compile({ builder, node, at, inputs, version });
  for (const [i, name] of node.outputs.entries()) {
    const value = results[i];
    if (value !== undefined && name !== "") values.set(name, value);
  }
}

function checkVersion(at: string, domain: string, version: number | undefined): number {
  const [first, last] = VERSIONS.get(domain) ?? [1, 1];
  const name = domain === "" ? "ai.onnx" : domain;
  if (version === undefined)
    throw toDamaged("opset_import", `Expected a version of ${name}, got none.`);
  if (version >= first && version <= last) return version;
  throw toUnsupported(
    at,
    `Expected ${name} version ${first} to ${last}, got version ${version}.`,
    "Export the model with a version in this range.",
  );
}

function readConstant(builder: PipelineBuilder, node: OnnxNode): Value {
  const at = formatNode(node);
  const tensor = findAttribute(node, "value")?.value;
  if (tensor?.kind === "tensor") return toConstant(builder, tensor.value, node.outputs[0] ?? "");
  const float = findAttribute(node, "value_float")?.value;
  if (float?.kind === "float")
    return builder.declare(at, "float", [], Float32Array.of(float.value));
  const int = findAttribute(node, "value_int")?.value;
  if (int?.kind === "int") return builder.declare(at, "int64", [], Float64Array.of(int.value));
  const floats = findAttribute(node, "value_floats")?.value;
  if (floats?.kind === "floats") {
    return builder.declare(at, "float", [floats.value.length], Float32Array.from(floats.value));
  }
  const ints = findAttribute(node, "value_ints")?.value;
  if (ints?.kind === "ints") {
    return builder.declare(at, "int64", [ints.value.length], Float64Array.from(ints.value));
  }
  return reject(at, "Expected a tensor or numbers as its value.");
}

type Outputs = Pick<
  CompiledPipeline,
  "task" | "outputs" | "classes" | "label" | "labelValues" | "scores"
>;

/** Finds the label and the scores among the outputs of the graph. */
function toOutputs(
  builder: PipelineBuilder,
  outputs: readonly OnnxValue[],
  values: ReadonlyMap<string, Value>,
): Outputs {
  const found = outputs.map(({ name }) => {
    const value = values.get(name);
    if (value === undefined) {
      throw toDamaged(
        "graph",
        `Expected a node or input that produces "${quote(name)}", got none.`,
      );
    }
    if (!value.shape.includes(ROWS))
      reject(`output "${quote(name)}"`, "Expected a value that depends on the row.");
    return value;
  });
  const label = found.find(
    (value) => value.labels !== undefined && toWidth(value.shape) === 1 && !isReal(value),
  );
  const scores = found.find((value) => value !== label && isReal(value));
  if (label === undefined || scores === undefined || toWidth(scores.shape) < 2) {
    return toTargets(scores, found.length);
  }
  const classes = toClasses(label, scores);
  const isString = label.type === "string";
  return {
    task: "classification",
    outputs: classes.length,
    classes,
    label: label.slot,
    labelValues: classes.map((name) =>
      typeof name === "string" && isString ? builder.intern(name) : Number(name),
    ),
    scores: scores.slot,
  };
}

function isReal({ type }: Value): boolean {
  return type === "float" || type === "double";
}

/** A graph without a label, or whose scores are no classes, is a regression. */
function toTargets(scores: Value | undefined, outputs: number): Outputs {
  if (scores === undefined) {
    reject(
      "graph",
      `Expected a number or the probabilities of classes among the outputs, got ${outputs} others. Export the model with its probabilities.`,
    );
  }
  const { slot, shape } = scores;
  return {
    task: "regression",
    outputs: toWidth(shape),
    classes: [],
    label: null,
    labelValues: [],
    scores: slot,
  };
}

/** The classes in the order of the scores. */
function toClasses(label: Value, scores: Value): ClassLabels {
  const width = toWidth(scores.shape);
  const known = label.labels ?? [];
  const classes = scores.labels?.length === width ? scores.labels : known;
  const isSame =
    classes.length === width &&
    new Set(classes.map(String)).size === width &&
    known.every((name) => classes.map(String).includes(String(name)));
  if (!isSame) {
    throw toUnsupported(
      "graph",
      `Expected a class for each of ${width} scores, got ${known.length}.`,
      UNSUPPORTED_ADVICE,
    );
  }
  return classes;
}
