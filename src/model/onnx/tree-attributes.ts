import type { OnnxAttributeValue, OnnxNode } from "./onnx.ts";
import {
  ELEMENT_TYPES,
  formatElementType,
  formatNode,
  quote,
  toDamaged,
  toUnsupported,
} from "./onnx.ts";

/** Typed access to the attributes of one tree operator. */
export interface TreeAttributes {
  /** True if the operator computes with float32 numbers. */
  readonly isFloat: boolean;
  /** Returns the location of an attribute for a message: `TreeEnsembleClassifier "trees", nodes_modes`. */
  locate(name: string): string;
  /** Empty when the attribute is absent. */
  ints(name: string): ArrayLike<number>;
  strings(name: string): readonly string[];
  int(name: string): number | undefined;
  string(name: string): string | undefined;
  /**
   * Returns the numbers of `name`, or of the tensor `name_as_tensor`. The tensor must have the element type of the
   * operator's input, as onnxruntime requires. The caller owns the array; it is empty when both attributes are absent.
   */
  numbers(name: string): Float64Array;
  /** Returns the numbers of a tensor of the operator's type; undefined when it is absent. */
  tensor(name: string): Float64Array | undefined;
  /** Returns the numbers of a tensor of uint8; empty when it is absent. */
  bytes(name: string): ArrayLike<number>;
}

/** The attributes that both tree operators have. */
const COMMON = [
  "base_values",
  "base_values_as_tensor",
  "nodes_falsenodeids",
  "nodes_featureids",
  "nodes_hitrates",
  "nodes_hitrates_as_tensor",
  "nodes_missing_value_tracks_true",
  "nodes_modes",
  "nodes_nodeids",
  "nodes_treeids",
  "nodes_truenodeids",
  "nodes_values",
  "nodes_values_as_tensor",
  "post_transform",
];

const KNOWN: Readonly<Record<string, ReadonlySet<string>>> = {
  TreeEnsembleClassifier: new Set([
    ...COMMON,
    "class_ids",
    "class_nodeids",
    "class_treeids",
    "class_weights",
    "class_weights_as_tensor",
    "classlabels_int64s",
    "classlabels_strings",
  ]),
  TreeEnsembleRegressor: new Set([
    ...COMMON,
    "aggregate_function",
    "n_targets",
    "target_ids",
    "target_nodeids",
    "target_treeids",
    "target_weights",
    "target_weights_as_tensor",
  ]),
  TreeEnsemble: new Set([
    "aggregate_function",
    "leaf_targetids",
    "leaf_weights",
    "membership_values",
    "n_targets",
    "nodes_falseleafs",
    "nodes_falsenodeids",
    "nodes_featureids",
    "nodes_hitrates",
    "nodes_missing_value_tracks_true",
    "nodes_modes",
    "nodes_splits",
    "nodes_trueleafs",
    "nodes_truenodeids",
    "post_transform",
    "tree_roots",
  ]),
};

/**
 * Creates access to the attributes of a tree operator.
 *
 * @throws TepalError MODEL_UNSUPPORTED for an attribute that is not in the ONNX specification, MODEL_DAMAGED for a
 *   repeated one
 */
export function createTreeAttributes(
  node: OnnxNode,
  inputType: "float" | "double",
): TreeAttributes {
  const values = new Map<string, OnnxAttributeValue>();
  for (const { name, value } of node.attributes) {
    if (KNOWN[node.opType]?.has(name) !== true) {
      throw toUnsupported(
        formatNode(node),
        `Expected only attributes of the ONNX specification, got "${quote(name)}".`,
        "Export the model with standard operators.",
      );
    }
    if (values.has(name))
      throw toDamaged(locate(name), "Expected the attribute once, got it twice.");
    values.set(name, value);
  }

  function locate(name: string): string {
    return `${formatNode(node)}, ${name}`;
  }

  function get<K extends OnnxAttributeValue["kind"]>(
    name: string,
    kind: K,
  ): Extract<OnnxAttributeValue, { kind: K }> | undefined {
    const value = values.get(name);
    if (value === undefined) return undefined;
    if (!isKind(value, kind))
      throw toDamaged(locate(name), `Expected an attribute of type ${kind}, got ${value.kind}.`);
    return value;
  }

  function readTensor(name: string, type: "float" | "double" | "uint8"): Float64Array | undefined {
    const tensor = get(name, "tensor")?.value;
    if (tensor === undefined) return undefined;
    const at = locate(name);
    if (tensor.elementType !== ELEMENT_TYPES[type]) {
      const expected = type === "uint8" ? type : `${type}, as the input`;
      throw toUnsupported(
        at,
        `Expected a tensor of type ${expected}, got ${formatElementType(tensor.elementType)}.`,
        "Export the model with one type for its input and its numbers.",
      );
    }
    if (tensor.values === undefined) {
      throw toUnsupported(
        at,
        "Expected the values inside the file, got a reference to another file.",
        "Export the model as one file.",
      );
    }
    const count = tensor.dims.reduce((product, size) => product * size, 1);
    if (tensor.values.length !== count) {
      throw toDamaged(at, `Expected ${count} values for its shape, got ${tensor.values.length}.`);
    }
    return Float64Array.from(tensor.values);
  }

  function numbers(name: string): Float64Array {
    const plain = get(name, "floats")?.value ?? [];
    const tensor = readTensor(`${name}_as_tensor`, inputType);
    if (plain.length > 0 && tensor !== undefined && tensor.length > 0) {
      const at = locate(`${name}_as_tensor`);
      throw toDamaged(at, `Expected values either here or in ${name}, got both.`);
    }
    return plain.length > 0 || tensor === undefined ? Float64Array.from(plain) : tensor;
  }

  return {
    isFloat: inputType === "float",
    locate,
    ints: (name) => get(name, "ints")?.value ?? [],
    strings: (name) => get(name, "strings")?.value ?? [],
    int: (name) => get(name, "int")?.value,
    string: (name) => get(name, "string")?.value,
    numbers,
    tensor: (name) => readTensor(name, inputType),
    bytes: (name) => readTensor(name, "uint8") ?? [],
  };
}

function isKind<K extends OnnxAttributeValue["kind"]>(
  value: OnnxAttributeValue,
  kind: K,
): value is Extract<OnnxAttributeValue, { kind: K }> {
  return value.kind === kind;
}
