import { LEAF, NODE_MODES, type TreeEnsemble } from "../tree-ensemble.ts";
import { encodeModel } from "./encode-model.ts";
import {
  ELEMENT_TYPES,
  ML_DOMAIN,
  type OnnxAttribute,
  type OnnxModel,
  type OnnxNode,
  type OnnxValue,
} from "./onnx.ts";

export interface EncodeOptions {
  /** Version of the program that created the model, for the header of the file. */
  readonly producerVersion: string;
  /** Describes the model for people. */
  readonly description?: string | undefined;
  /** Names of the features in the order of the columns; kept in the metadata as a JSON array under `feature_names`. */
  readonly featureNames?: readonly string[] | undefined;
  /** Names of the features that may be missing; kept in the same way under `nullable_features`, if there are any. */
  readonly nullableFeatures?: readonly string[] | undefined;
  /** Further metadata, strings by key. */
  readonly metadata?: ReadonlyMap<string, string> | undefined;
}

/** onnxruntime reads IR version 7 since 1.7 (2021), and ai.onnx.ml 3, which double thresholds need, since 1.9. */
export const IR_VERSION = 7;
/** Namespace of the models that Tepal trains. */
const DOMAIN = "tepal";
const OPSETS = [
  { domain: "", version: 13 },
  { domain: ML_DOMAIN, version: 3 },
];

/**
 * Encodes an ensemble as an ONNX file with one operator. Its input is `features`, a tensor of N × features numbers; its
 * outputs are `label` (N) and `probabilities` (N × classes), or `variable` (N × targets). The same ensemble and options
 * give the same bytes.
 *
 * onnxruntime with one thread, or row by row, and the executor return the same bits for the file. `parseTreeEnsemble` returns an equal ensemble, provided
 * that the ensemble is in the form that it returns: leaves have 0 for feature, threshold and children, the nodes of a tree
 * are contiguous, and the numbers of a float ensemble are float32.
 */
export function encodeTreeEnsemble(ensemble: TreeEnsemble, options: EncodeOptions): Uint8Array {
  const outputs = toOutputs(ensemble);
  return encodeModel({
    ...toHeader(options),
    irVersion: IR_VERSION,
    opsets: OPSETS,
    graph: {
      name: "tree_ensemble",
      inputs: [
        {
          name: "features",
          elementType: ELEMENT_TYPES[ensemble.inputType],
          shape: [undefined, ensemble.features],
        },
      ],
      outputs,
      initializers: [],
      nodes: [
        toTreeNode(
          ensemble,
          "features",
          outputs.map(({ name }) => name),
        ),
      ],
    },
  });
}

/** Returns the properties of a file beside its graph. */
export function toHeader({
  producerVersion,
  description = "",
  featureNames,
  nullableFeatures = [],
  metadata = new Map(),
}: EncodeOptions): Omit<OnnxModel, "irVersion" | "opsets" | "graph"> {
  const names =
    featureNames === undefined ? [] : [["feature_names", JSON.stringify(featureNames)] as const];
  const nullable =
    nullableFeatures.length === 0
      ? []
      : [["nullable_features", JSON.stringify(nullableFeatures)] as const];
  return {
    producerName: "tepal",
    producerVersion,
    domain: DOMAIN,
    // `withModelVersion` sets it when the model is stored.
    modelVersion: 0,
    docString: description,
    metadata: new Map([...names, ...nullable, ...metadata]),
    functions: 0,
  };
}

export function toTreeNode(
  ensemble: TreeEnsemble,
  input: string,
  outputs: readonly string[],
): OnnxNode {
  const isClassifier = ensemble.task === "classification";
  return {
    name: "trees",
    opType: isClassifier ? "TreeEnsembleClassifier" : "TreeEnsembleRegressor",
    domain: ML_DOMAIN,
    inputs: [input],
    outputs,
    attributes: toTreeAttributes(ensemble),
  };
}

export function toOutputs(ensemble: TreeEnsemble): OnnxValue[] {
  const shape = [undefined, ensemble.outputs];
  if (ensemble.task === "regression") {
    return [{ name: "variable", elementType: ELEMENT_TYPES.float, shape }];
  }
  const isString = typeof ensemble.classes[0] === "string";
  const labelType = isString ? ELEMENT_TYPES.string : ELEMENT_TYPES.int64;
  return [
    { name: "label", elementType: labelType, shape: [undefined] },
    { name: "probabilities", elementType: ELEMENT_TYPES.float, shape },
  ];
}

/** Returns the attributes of the tree operator of an ensemble. */
export function toTreeAttributes(ensemble: TreeEnsemble): OnnxAttribute[] {
  const count = ensemble.mode.length;
  const treeIds = new Int32Array(count);
  const nodeIds = new Int32Array(count);
  for (const [tree, first] of ensemble.roots.entries()) {
    const end = ensemble.roots[tree + 1] ?? count;
    for (let node = first; node < end; node++) {
      treeIds[node] = tree;
      nodeIds[node] = node - first;
    }
  }
  const idsOf = (children: Int32Array): Int32Array =>
    children.map((child, node) => (isLeaf(node) ? 0 : nodeIds[child]!));
  const isLeaf = (node: number): boolean => ensemble.mode[node] === LEAF;

  const voteNodes = new Int32Array(ensemble.voteOutput.length);
  for (let node = 0; node < count; node++) {
    voteNodes.fill(node, ensemble.voteStart[node], ensemble.voteStart[node + 1]);
  }
  const isClassifier = ensemble.task === "classification";
  const prefix = isClassifier ? "class" : "target";

  const attributes: OnnxAttribute[] = [
    toInts("nodes_treeids", treeIds),
    toInts("nodes_nodeids", nodeIds),
    toInts("nodes_featureids", ensemble.feature),
    toStrings(
      "nodes_modes",
      Array.from(ensemble.mode, (mode) => NODE_MODES[mode]!),
    ),
    toNumbers("nodes_values", ensemble.threshold),
    toInts("nodes_truenodeids", idsOf(ensemble.trueChild)),
    toInts("nodes_falsenodeids", idsOf(ensemble.falseChild)),
    toInts(
      `${prefix}_treeids`,
      voteNodes.map((node) => treeIds[node]!),
    ),
    toInts(
      `${prefix}_nodeids`,
      voteNodes.map((node) => nodeIds[node]!),
    ),
    toInts(`${prefix}_ids`, ensemble.voteOutput),
    toNumbers(`${prefix}_weights`, ensemble.voteWeight),
    toString("post_transform", ensemble.postTransform),
  ];
  if (ensemble.missingTracksTrue.includes(1)) {
    attributes.push(toInts("nodes_missing_value_tracks_true", ensemble.missingTracksTrue));
  }
  if (ensemble.baseValues.length > 0)
    attributes.push(toNumbers("base_values", ensemble.baseValues));
  if (isClassifier) attributes.push(toLabels(ensemble));
  else {
    attributes.push(
      { name: "n_targets", value: { kind: "int", value: ensemble.outputs } },
      toString("aggregate_function", ensemble.aggregate),
    );
  }
  // ONNX requires no order; a sorted list is easier to compare.
  return attributes.toSorted((a, b) => (a.name < b.name ? -1 : 1));

  /** Encodes floats in the old form, which every reader supports; doubles need a tensor. */
  function toNumbers(name: string, values: Float64Array): OnnxAttribute {
    if (ensemble.inputType === "float") return { name, value: { kind: "floats", value: values } };
    const elementType = ELEMENT_TYPES.double;
    const tensor = { name, elementType, dims: [values.length], values };
    return { name: `${name}_as_tensor`, value: { kind: "tensor", value: tensor } };
  }
}

function toLabels({ classes }: TreeEnsemble): OnnxAttribute {
  const strings: string[] = [];
  const numbers: number[] = [];
  for (const label of classes) {
    if (typeof label === "string") strings.push(label);
    else numbers.push(label);
  }
  return strings.length > 0
    ? toStrings("classlabels_strings", strings)
    : toInts("classlabels_int64s", numbers);
}

function toInts(name: string, value: ArrayLike<number>): OnnxAttribute {
  return { name, value: { kind: "ints", value } };
}

function toStrings(name: string, value: readonly string[]): OnnxAttribute {
  return { name, value: { kind: "strings", value } };
}

function toString(name: string, value: string): OnnxAttribute {
  return { name, value: { kind: "string", value } };
}
