import type { OnnxAttributeValue, OnnxNode } from "./onnx.ts";
import { ELEMENT_TYPES, quote, toDamaged, toUnsupported } from "./onnx.ts";

/** Typed access to the attributes of one tree operator. */
export interface TreeAttributes {
  /** Empty when the attribute is absent. */
  ints(name: string): ArrayLike<number>;
  strings(name: string): readonly string[];
  int(name: string): number | undefined;
  string(name: string): string | undefined;
  /**
   * The numbers of `name`, or of `name_as_tensor` in its place. A tensor's element type must be that of the
   * operator's input, as onnxruntime demands. The caller owns the array; it is empty when neither is there.
   */
  numbers(name: string): Float64Array;
}

/** Attributes of both tree operators. */
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
};

/** @throws TepalError MODEL_UNSUPPORTED for an attribute that is not in the standard, MODEL_DAMAGED for a repeated one */
export function createTreeAttributes(
  node: OnnxNode,
  inputType: "float" | "double",
): TreeAttributes {
  const values = new Map<string, OnnxAttributeValue>();
  for (const { name, value } of node.attributes) {
    if (KNOWN[node.opType]?.has(name) !== true) {
      throw toUnsupported(
        `${node.opType} has the attribute "${quote(name)}", which ONNX does not know`,
        "Export the model with standard operators, as Tepal runs single tree ensembles only.",
      );
    }
    if (values.has(name)) throw toDamaged(`${node.opType} has the attribute ${name} twice`);
    values.set(name, value);
  }

  function get<K extends OnnxAttributeValue["kind"]>(
    name: string,
    kind: K,
  ): Extract<OnnxAttributeValue, { kind: K }> | undefined {
    const value = values.get(name);
    if (value === undefined) return undefined;
    if (!isKind(value, kind)) throw toDamaged(`the attribute ${name} does not hold ${kind}`);
    return value;
  }

  function numbers(name: string): Float64Array {
    const plain = get(name, "floats")?.value ?? [];
    const tensor = get(`${name}_as_tensor`, "tensor")?.value;
    if (tensor === undefined) return Float64Array.from(plain);
    if (tensor.values === undefined || tensor.elementType !== ELEMENT_TYPES[inputType]) {
      throw toUnsupported(
        `The tensor ${name}_as_tensor is not of type ${inputType}, as the input is, or not inside the file`,
        "Export the model with one type of numbers in one file, as Tepal runs single tree ensembles only.",
      );
    }
    const count = tensor.dims.reduce((product, size) => product * size, 1);
    if (tensor.values.length !== count) {
      throw toDamaged(`the tensor ${name}_as_tensor has not as many numbers as its shape says`);
    }
    if (plain.length > 0 && tensor.values.length > 0) {
      throw toDamaged(`it has both ${name} and ${name}_as_tensor`);
    }
    return Float64Array.from(plain.length > 0 ? plain : tensor.values);
  }

  return {
    ints: (name) => get(name, "ints")?.value ?? [],
    strings: (name) => get(name, "strings")?.value ?? [],
    int: (name) => get(name, "int")?.value,
    string: (name) => get(name, "string")?.value,
    numbers,
  };
}

function isKind<K extends OnnxAttributeValue["kind"]>(
  value: OnnxAttributeValue,
  kind: K,
): value is Extract<OnnxAttributeValue, { kind: K }> {
  return value.kind === kind;
}
