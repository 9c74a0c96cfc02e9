import type { TreeEnsemble } from "../../src/model/tree-ensemble.ts";
import { decodeModel } from "../../src/model/onnx/decode-model.ts";
import type {
  OnnxAttributeValue,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
} from "../../src/model/onnx/onnx.ts";
import { encodeTreeEnsemble } from "../../src/model/onnx/write-tree-ensemble.ts";

/** Returns the ONNX model of an ensemble, as the base of edited copies. */
export function toModel(ensemble: TreeEnsemble): OnnxModel {
  return decodeModel(encodeTreeEnsemble(ensemble, { producerVersion: "0" }));
}

export function editGraph(
  model: OnnxModel,
  edit: (graph: OnnxGraph) => Partial<OnnxGraph>,
): OnnxModel {
  return { ...model, graph: { ...model.graph, ...edit(model.graph) } };
}

/** Changes the tree node, which is the first node that `encodeTreeEnsemble` writes. */
export function editNode(model: OnnxModel, edit: (node: OnnxNode) => Partial<OnnxNode>): OnnxModel {
  return editGraph(model, ({ nodes }) => ({
    nodes: nodes.map((node, i) => (i === 0 ? { ...node, ...edit(node) } : node)),
  }));
}

/** Sets, adds or (with undefined) removes an attribute of the tree node. */
export function setAttribute(
  model: OnnxModel,
  name: string,
  value: OnnxAttributeValue | undefined,
): OnnxModel {
  return editNode(model, ({ attributes }) => ({
    attributes: [
      ...attributes.filter((attribute) => attribute.name !== name),
      ...(value === undefined ? [] : [{ name, value }]),
    ],
  }));
}

export function setInts(model: OnnxModel, name: string, value: readonly number[]): OnnxModel {
  return setAttribute(model, name, { kind: "ints", value });
}
