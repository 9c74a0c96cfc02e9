import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from "./onnx.ts";
import { ELEMENT_TYPES, ML_DOMAIN, quote, toDamaged, toUnsupported } from "./onnx.ts";

/** The one operator that a graph consists of, and what its input is. */
export interface TreeNode {
  readonly node: OnnxNode;
  readonly task: "classification" | "regression";
  readonly inputType: "float" | "double";
  /** Number of columns that the graph's input declares; undefined when it leaves them free. */
  readonly declaredFeatures: number | undefined;
  /** Nodes between the tree operator's label (or a regressor's targets) and the graph's outputs. */
  readonly afterLabel: readonly OnnxNode[];
  /** Nodes between a classifier's scores and the graph's outputs. */
  readonly afterScores: readonly OnnxNode[];
}

const TREE_OPS = {
  TreeEnsembleClassifier: "classification",
  TreeEnsembleRegressor: "regression",
} as const;

/** Nodes that may follow each other between the tree operator and an input or output of the graph. */
const MAX_CHAIN = 16;
/** A classifier has two outputs; a few more may be copies of them. */
const MAX_OUTPUTS = 16;

const SINGLE_TREES =
  "Tepal runs a single tree ensemble: export the trees without the steps around them.";

/**
 * Follows the edges of a graph from its outputs to its input.
 *
 * Between them there must be one TreeEnsembleClassifier or TreeEnsembleRegressor and otherwise only nodes that change no
 * number: Identity, ZipMap and multiplication by 1 behind the scores (LightGBM's exports have that), and Cast (behind the tree operator; before it only to the type that
 * the values have anyway). Nodes and constants that no output needs don't matter.
 *
 * @throws TepalError MODEL_UNSUPPORTED when the graph is something else, with the operators that it has;
 *   MODEL_DAMAGED when its edges are not those of a graph
 */
export function findTreeNode(model: OnnxModel): TreeNode {
  const { graph } = model;
  if (model.functions > 0) {
    throw toUnsupported("The ONNX file defines functions of its own", SINGLE_TREES);
  }
  if (graph.outputs.length === 0) throw toDamaged("its graph has no output");
  if (graph.outputs.length > MAX_OUTPUTS) {
    throw toUnsupported(`The ONNX graph has ${graph.outputs.length} outputs`, SINGLE_TREES);
  }

  const producers = toProducers(graph.nodes);
  const ones = toOnes(graph.initializers);
  const ends = graph.outputs.map((output) => walkBack(output.name));
  const node = ends[0]?.node;
  if (node === undefined || ends.some((end) => end.node !== node)) throw toForeign(graph.nodes);
  const task = toTask(node);
  if (task === undefined) throw toForeign(graph.nodes);
  checkVersion(model, node);

  const outputCount = task === "classification" ? 2 : 1;
  if (node.outputs.length > outputCount) {
    throw toDamaged(`${node.opType} has ${node.outputs.length} outputs`);
  }
  if (node.inputs.length !== 1) throw toDamaged(`${node.opType} has ${node.inputs.length} inputs`);
  const afterLabel = ends.filter((end) => end.output === 0).flatMap((end) => end.passed);
  const afterScores = ends.filter((end) => end.output === 1).flatMap((end) => end.passed);

  const before = walkBack(node.inputs[0] ?? "");
  if (before.node !== undefined) throw toForeign(graph.nodes);
  const input = toSingleInput(model, before.name);
  checkNodesBefore(before.passed, input);
  return { node, task, ...toInputShape(input), afterLabel, afterScores };

  /** From an edge to the graph's border or to a node that may compute something. */
  function walkBack(start: string): End {
    const passed: OnnxNode[] = [];
    let name = start;
    for (;;) {
      const producer = producers.get(name);
      if (producer === undefined) return { name, node: undefined, output: 0, passed };
      const source = toPassedOn(producer, ones);
      if (source === undefined) {
        return { name, node: producer, output: producer.outputs.indexOf(name), passed };
      }
      passed.push(producer);
      if (passed.length > MAX_CHAIN) {
        throw toUnsupported(
          `The ONNX graph has a chain or a cycle of more than ${MAX_CHAIN} nodes that compute nothing`,
          SINGLE_TREES,
        );
      }
      name = source;
    }
  }
}

interface End {
  readonly name: string;
  /** Undefined at an input of the graph, a constant, or nowhere. */
  readonly node: OnnxNode | undefined;
  /** Which of the node's outputs. */
  readonly output: number;
  readonly passed: readonly OnnxNode[];
}

/** The attribute of that name. */
export function findAttribute(node: OnnxNode, name: string): OnnxAttribute | undefined {
  return node.attributes.find((attribute) => attribute.name === name);
}

function toProducers(nodes: readonly OnnxNode[]): Map<string, OnnxNode> {
  const producers = new Map<string, OnnxNode>();
  for (const node of nodes) {
    for (const output of node.outputs) {
      if (output === "") continue;
      if (producers.has(output)) throw toDamaged(`two nodes make the value "${quote(output)}"`);
      producers.set(output, node);
    }
  }
  return producers;
}

/** The value that a node hands on as it is, or undefined when it computes something. */
function toPassedOn(node: OnnxNode, ones: ReadonlySet<string>): string | undefined {
  const [first, second] = node.inputs;
  if (node.outputs.length !== 1 || first === undefined) return undefined;
  if (node.domain === ML_DOMAIN) return node.opType === "ZipMap" ? first : undefined;
  if (!isDefaultDomain(node.domain)) return undefined;
  if (node.opType === "Identity" || node.opType === "Cast") return first;
  if (node.opType !== "Mul" || second === undefined) return undefined;
  if (ones.has(second)) return first;
  return ones.has(first) ? second : undefined;
}

/** Names of the constants that are one float number, 1. */
function toOnes(initializers: readonly OnnxTensor[]): ReadonlySet<string> {
  const ones = new Set<string>();
  for (const { name, elementType, dims, values } of initializers) {
    const isSingle = dims.every((size) => size === 1) && dims.length <= 2 && values?.length === 1;
    if (isSingle && elementType === ELEMENT_TYPES.float && values[0] === 1) ones.add(name);
  }
  return ones;
}

function isDefaultDomain(domain: string): boolean {
  return domain === "" || domain === "ai.onnx";
}

function toTask(node: OnnxNode): TreeNode["task"] | undefined {
  if (node.domain !== ML_DOMAIN) return undefined;
  if (node.opType === "TreeEnsembleClassifier") return TREE_OPS.TreeEnsembleClassifier;
  if (node.opType === "TreeEnsembleRegressor") return TREE_OPS.TreeEnsembleRegressor;
  return undefined;
}

/** Versions 1 to 4 mean the two operators that we know; version 5 deprecates them. */
function checkVersion(model: OnnxModel, node: OnnxNode): void {
  const version = model.opsets.find((opset) => opset.domain === ML_DOMAIN)?.version;
  if (version === undefined) throw toDamaged(`it imports no version of ${ML_DOMAIN}`);
  if (version >= 1 && version <= 4) return;
  throw toUnsupported(
    `The ONNX file uses ${node.opType} of ${ML_DOMAIN} version ${version}`,
    `Export it with ${ML_DOMAIN} version 3, as Tepal runs single tree ensembles only.`,
  );
}

function toSingleInput(model: OnnxModel, name: string): OnnxValue {
  const constants = new Set(model.graph.initializers.map((tensor) => tensor.name));
  // Old files list the constants among the inputs.
  const inputs = model.graph.inputs.filter((input) => !constants.has(input.name));
  if (constants.has(name)) throw toUnsupported("The ONNX graph predicts a constant", SINGLE_TREES);
  const input = inputs.find((candidate) => candidate.name === name);
  if (input === undefined) throw toDamaged(`nothing makes the value "${quote(name)}"`);
  if (inputs.length > 1) {
    throw toUnsupported(
      `The ONNX graph has ${inputs.length} inputs`,
      "Export it with one input of type float that has a column for each feature, as Tepal runs single tree ensembles only.",
    );
  }
  return input;
}

function toInputShape(input: OnnxValue): Pick<TreeNode, "inputType" | "declaredFeatures"> {
  const { elementType, shape } = input;
  const inputType =
    elementType === ELEMENT_TYPES.float
      ? "float"
      : elementType === ELEMENT_TYPES.double
        ? "double"
        : undefined;
  if (inputType === undefined) {
    throw toUnsupported(
      `The ONNX graph's input "${quote(input.name)}" is no tensor of float or double numbers (element type ${elementType})`,
      SINGLE_TREES,
    );
  }
  if (shape !== undefined && shape.length !== 2) {
    throw toUnsupported(
      `The ONNX graph's input "${quote(input.name)}" has ${shape.length} dimensions where 2 are expected, rows and features`,
      SINGLE_TREES,
    );
  }
  // A size of 0 or below is how some exporters write a free one.
  const width = shape?.[1];
  return { inputType, declaredFeatures: width === undefined || width <= 0 ? undefined : width };
}

function checkNodesBefore(nodes: readonly OnnxNode[], input: OnnxValue): void {
  for (const node of nodes) {
    if (node.opType === "Identity") continue;
    const to = node.opType === "Cast" ? toCastType(node) : undefined;
    if (to === input.elementType) continue;
    throw toUnsupported(
      `The ONNX graph changes its input with ${node.opType} before the trees`,
      SINGLE_TREES,
    );
  }
}

/** The element type that a Cast node makes. */
export function toCastType(node: OnnxNode): number {
  const value = findAttribute(node, "to")?.value;
  if (value?.kind !== "int") throw toDamaged("a Cast node does not say to which type");
  return value.value;
}

function toForeign(nodes: readonly OnnxNode[]): Error {
  const ops = [...new Set(nodes.slice(0, 1000).map((node) => quote(node.opType)))];
  const listed = ops.slice(0, 12).join(", ") + (ops.length > 12 ? ", …" : "");
  return toUnsupported(
    `The ONNX graph is not one tree ensemble; its operators are: ${listed === "" ? "none" : listed}`,
    SINGLE_TREES,
  );
}
