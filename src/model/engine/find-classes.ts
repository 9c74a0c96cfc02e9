import type { ClassLabels } from "../model.ts";
import { findAttribute } from "../onnx/find-tree-node.ts";
import type { OnnxGraph, OnnxNode } from "../onnx/onnx.ts";

/** Operators that keep the labels of their first input, maybe in another type or shape. */
const KEEPING: ReadonlySet<string> = new Set([
  "Cast",
  "Flatten",
  "Identity",
  "Reshape",
  "Squeeze",
  "Transpose",
  "Unsqueeze",
]);

/**
 * Finds the classes of a label output: follows the graph back to the operator that makes labels of numbers.
 * @param count number of scores, for a label that is the place of one
 * @returns undefined if the operator is another one
 */
export function findClasses(
  graph: OnnxGraph,
  output: string,
  count: number,
): ClassLabels | undefined {
  const producers = new Map<string, OnnxNode>();
  for (const node of graph.nodes) for (const name of node.outputs) producers.set(name, node);
  const seen = new Set<OnnxNode>();
  let node = producers.get(output);
  while (node !== undefined && KEEPING.has(node.opType) && !seen.has(node)) {
    seen.add(node);
    node = producers.get(node.inputs[0] ?? "");
  }
  return node === undefined ? undefined : readClasses(node, graph, producers, count);
}

function readClasses(
  node: OnnxNode,
  { initializers }: OnnxGraph,
  producers: ReadonlyMap<string, OnnxNode>,
  count: number,
): ClassLabels | undefined {
  switch (node.opType) {
    case "ArgMax":
    case "ArgMin":
    case "TopK":
      return Array.from({ length: count }, (_, i) => i);
    case "ArrayFeatureExtractor":
    case "Gather": {
      const [table = ""] = node.inputs;
      const constant = producers.get(table);
      const value = constant === undefined ? undefined : findAttribute(constant, "value")?.value;
      const tensor =
        value?.kind === "tensor" ? value.value : initializers.find(({ name }) => name === table);
      return tensor?.strings ?? toList(tensor?.values);
    }
    case "LabelEncoder":
      return readList(node, ["values_strings", "values_int64s"]);
    default:
      return readList(node, ["classlabels_strings", "classlabels_int64s", "classlabels_ints"]);
  }
}

/** Returns the first of the attributes that is a list with an element. */
function readList(node: OnnxNode, names: readonly string[]): ClassLabels | undefined {
  for (const name of names) {
    const value = findAttribute(node, name)?.value;
    if (value?.kind === "strings" && value.value.length > 0) return value.value;
    if (value?.kind === "ints" && value.value.length > 0) return toList(value.value);
  }
  return undefined;
}

function toList(values: ArrayLike<number> | undefined): readonly number[] | undefined {
  return values === undefined ? undefined : Array.from(values);
}
