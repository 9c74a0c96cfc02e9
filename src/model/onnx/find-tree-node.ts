import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor, OnnxValue } from "./onnx.ts";
import {
  ELEMENT_TYPES,
  formatElementType,
  formatNode,
  ML_DOMAIN,
  quote,
  toDamaged,
  toUnsupported,
} from "./onnx.ts";

/** The one tree operator of a graph, and the type and width of its input. */
export interface TreeNode {
  readonly node: OnnxNode;
  readonly task: "classification" | "regression";
  readonly inputType: "float" | "double";
  /** Number of columns of the graph's input; undefined when it is dynamic. */
  readonly declaredFeatures: number | undefined;
  /** Nodes between the label of the tree operator (or the targets of a regressor) and the outputs of the graph. */
  readonly afterLabel: readonly OnnxNode[];
  /** Nodes between the scores of a classifier and the outputs of the graph. */
  readonly afterScores: readonly OnnxNode[];
}

const TREE_OPS = {
  TreeEnsembleClassifier: "classification",
  TreeEnsembleRegressor: "regression",
} as const;

/** Maximum number of nodes in a row between the tree operator and an input or output of the graph. */
const MAX_CHAIN = 16;
/** Maximum number of graph outputs: a classifier has two, and a few more may be copies of them. */
const MAX_OUTPUTS = 16;

const EXPORT_TREES_ALONE =
  "Tepal runs one tree ensemble: export the trees without the steps around them.";

/**
 * Finds the one tree operator of a graph by following its edges from the outputs to the input.
 *
 * The path must have one TreeEnsembleClassifier or TreeEnsembleRegressor, and otherwise only nodes that change no number:
 * Identity, ZipMap and multiplication by 1 after the scores (as LightGBM exports it), and Cast. A Cast before the tree
 * operator must be to the type that the values already have. Nodes and constants that no output needs are ignored.
 *
 * @throws TepalError MODEL_UNSUPPORTED when the graph is not such a path, with a list of its operators; MODEL_DAMAGED when
 *   its edges are inconsistent
 */
export function findTreeNode(model: OnnxModel): TreeNode {
  const { graph } = model;
  if (model.functions > 0) {
    const message = `Expected no functions, got ${model.functions}.`;
    throw toUnsupported("file", message, EXPORT_TREES_ALONE);
  }
  if (graph.outputs.length === 0)
    throw toDamaged("graph", "Expected at least one output, got none.");
  if (graph.outputs.length > MAX_OUTPUTS) {
    const message = `Expected at most ${MAX_OUTPUTS} outputs, got ${graph.outputs.length}.`;
    throw toUnsupported("graph", message, EXPORT_TREES_ALONE);
  }

  const producers = toProducers(graph.nodes);
  const ones = toOnes(graph.initializers);
  const ends = graph.outputs.map((output) => walkBack(output.name));
  const node = ends[0]?.node;
  if (node === undefined || ends.some((end) => end.node !== node)) throw toOtherGraph(graph.nodes);
  const task = toTask(node);
  if (task === undefined) throw toOtherGraph(graph.nodes);
  checkVersion(model, node);

  const outputCount = task === "classification" ? 2 : 1;
  if (node.outputs.length > outputCount) {
    const message = `Expected at most ${outputCount} outputs, got ${node.outputs.length}.`;
    throw toDamaged(formatNode(node), message);
  }
  if (node.inputs.length !== 1) {
    throw toDamaged(formatNode(node), `Expected 1 input, got ${node.inputs.length}.`);
  }
  const afterLabel = ends.filter((end) => end.output === 0).flatMap((end) => end.passed);
  const afterScores = ends.filter((end) => end.output === 1).flatMap((end) => end.passed);

  const before = walkBack(node.inputs[0]!);
  if (before.node !== undefined) throw toOtherGraph(graph.nodes);
  const input = toSingleInput(model, before.name);
  checkNodesBefore(before.passed, input);
  return { node, task, ...toInputShape(input), afterLabel, afterScores };

  /** Follows an edge back to an input of the graph, or to a node that may change numbers. */
  function walkBack(start: string): End {
    const passed: OnnxNode[] = [];
    let name = start;
    for (;;) {
      const producer = producers.get(name);
      if (producer === undefined) return { name, node: undefined, output: 0, passed };
      const source = toForwardedInput(producer, ones);
      if (source === undefined) {
        return { name, node: producer, output: producer.outputs.indexOf(name), passed };
      }
      passed.push(producer);
      if (passed.length > MAX_CHAIN) {
        throw toUnsupported(
          "graph",
          `Expected at most ${MAX_CHAIN} nodes in a row that change no number, got a longer chain or a cycle at ${formatNode(producer)}.`,
          EXPORT_TREES_ALONE,
        );
      }
      name = source;
    }
  }
}

interface End {
  readonly name: string;
  /** Undefined for an input of the graph, a constant, and a name without a producer. */
  readonly node: OnnxNode | undefined;
  /** Index of the output of the node. */
  readonly output: number;
  readonly passed: readonly OnnxNode[];
}

/** Returns the attribute with a name, if the node has one. */
export function findAttribute(node: OnnxNode, name: string): OnnxAttribute | undefined {
  return node.attributes.find((attribute) => attribute.name === name);
}

function toProducers(nodes: readonly OnnxNode[]): Map<string, OnnxNode> {
  const producers = new Map<string, OnnxNode>();
  for (const node of nodes) {
    for (const output of node.outputs) {
      if (output === "") continue;
      if (producers.has(output)) throw toTwoProducers(output);
      producers.set(output, node);
    }
  }
  return producers;
}

/** Returns the input that a node forwards unchanged; undefined when it may change numbers. */
function toForwardedInput(node: OnnxNode, ones: ReadonlySet<string>): string | undefined {
  const [first, second] = node.inputs;
  if (node.outputs.length !== 1 || first === undefined) return undefined;
  if (node.domain === ML_DOMAIN) return node.opType === "ZipMap" ? first : undefined;
  if (!isDefaultDomain(node.domain)) return undefined;
  if (node.opType === "Identity" || node.opType === "Cast") return first;
  if (node.opType !== "Mul" || second === undefined) return undefined;
  if (ones.has(second)) return first;
  return ones.has(first) ? second : undefined;
}

/** Returns the names of the constants that hold a single float number, 1. */
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

/** Checks the version of ai.onnx.ml: versions 1 to 4 define the two supported operators, version 5 deprecates them. */
function checkVersion(model: OnnxModel, node: OnnxNode): void {
  const version = model.opsets.find((opset) => opset.domain === ML_DOMAIN)?.version;
  if (version === undefined)
    throw toDamaged("opset_import", `Expected a version of ${ML_DOMAIN}, got none.`);
  if (version >= 1 && version <= 4) return;
  throw toUnsupported(
    formatNode(node),
    `Expected ${ML_DOMAIN} version 1 to 4, got version ${version}.`,
    `Export the model with ${ML_DOMAIN} version 3.`,
  );
}

function toSingleInput(model: OnnxModel, name: string): OnnxValue {
  const constants = new Set(model.graph.initializers.map((tensor) => tensor.name));
  // Old files list constants among the inputs.
  const inputs = model.graph.inputs.filter((input) => !constants.has(input.name));
  if (constants.has(name)) {
    const message = `Expected an input of the graph as the input of the trees, got the constant "${quote(name)}".`;
    throw toUnsupported("graph", message, EXPORT_TREES_ALONE);
  }
  const input = inputs.find((candidate) => candidate.name === name);
  if (input === undefined) throw toMissingProducer(name);
  if (inputs.length > 1) {
    throw toUnsupported(
      "graph",
      `Expected 1 input, got ${inputs.length}.`,
      "Export the model with one float input that has a column for each feature.",
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
      `input "${quote(input.name)}"`,
      `Expected a tensor of float or double, got ${formatElementType(elementType)}.`,
      EXPORT_TREES_ALONE,
    );
  }
  if (shape !== undefined && shape.length !== 2) {
    throw toUnsupported(
      `input "${quote(input.name)}"`,
      `Expected 2 dimensions, rows and features, got ${shape.length}.`,
      EXPORT_TREES_ALONE,
    );
  }
  // Some exporters write a dynamic size as 0 or a negative number.
  const width = shape?.[1];
  return { inputType, declaredFeatures: width === undefined || width <= 0 ? undefined : width };
}

function checkNodesBefore(nodes: readonly OnnxNode[], input: OnnxValue): void {
  for (const node of nodes) {
    if (node.opType === "Identity") continue;
    const to = node.opType === "Cast" ? toCastType(node) : undefined;
    if (to === input.elementType) continue;
    throw toUnsupported(
      formatNode(node),
      "Expected no operator before the trees that changes their input.",
      EXPORT_TREES_ALONE,
    );
  }
}

/** Returns the element type that a Cast node converts to. */
export function toCastType(node: OnnxNode): number {
  const value = findAttribute(node, "to")?.value;
  if (value?.kind !== "int")
    throw toDamaged(formatNode(node), 'Expected the integer attribute "to".');
  return value.value;
}

function toOtherGraph(nodes: readonly OnnxNode[]): Error {
  const byOperator = [...Map.groupBy(nodes.slice(0, 1000), ({ opType }) => opType).values()];
  const operators = byOperator.slice(0, 12).flatMap((group) => group.slice(0, 1).map(formatNode));
  if (byOperator.length > operators.length) operators.push("…");
  return toUnsupported(
    "graph",
    `Expected one TreeEnsembleClassifier or TreeEnsembleRegressor, got the operators ${operators.join(", ") || "(none)"}.`,
    EXPORT_TREES_ALONE,
  );
}

function toTwoProducers(name: string): Error {
  return toDamaged("graph", `Expected one node with the output "${quote(name)}", got two.`);
}

function toMissingProducer(name: string): Error {
  return toDamaged("graph", `Expected a node or input that produces "${quote(name)}", got none.`);
}
