import { encodeModel } from "../../../model/onnx/encode-model.ts";
import {
  ELEMENT_TYPES,
  ML_DOMAIN,
  type OnnxNode,
  type OnnxValue,
} from "../../../model/onnx/onnx.ts";
import { toTreeAttributes } from "../../../model/onnx/write-tree-ensemble.ts";
import type { LinearSums, Link, NativeModel } from "./native.ts";

const IR_VERSION = 7;
const OPSETS = [
  { domain: "", version: 13 },
  { domain: ML_DOMAIN, version: 3 },
];

/**
 * Encodes a model as an ONNX file of standard operators: the sums of the trees, and the operators of the link. Its input is `features`, its
 * outputs are `label` and `probabilities`, or `variable`.
 */
export function encodeNative(model: NativeModel, producerVersion: string): Uint8Array {
  const { sums, link, names, library } = model;
  const isDouble = "inputType" in sums && sums.inputType === "double";
  return encodeModel({
    irVersion: IR_VERSION,
    producerName: "tepal",
    producerVersion,
    domain: "tepal",
    modelVersion: 0,
    docString: `From a ${library} model`,
    opsets: OPSETS,
    metadata: new Map(names === undefined ? [] : [["feature_names", JSON.stringify(names)]]),
    functions: 0,
    graph: {
      name: "native",
      inputs: [
        {
          name: "features",
          elementType: isDouble ? ELEMENT_TYPES.double : ELEMENT_TYPES.float,
          shape: [undefined, sums.features],
        },
      ],
      outputs: toOutputs(link, sums.outputs),
      initializers: [],
      nodes: [toSums(sums), ...toLink(link)],
    },
  });
}

function isClassification(link: Link): boolean {
  return link === "softmax" || link === "sigmoids";
}

function toOutputs(link: Link, outputs: number): OnnxValue[] {
  const shape = [undefined, outputs];
  if (!isClassification(link)) {
    return [{ name: "variable", elementType: ELEMENT_TYPES.float, shape }];
  }
  return [
    { name: "label", elementType: ELEMENT_TYPES.int64, shape: [undefined] },
    { name: "probabilities", elementType: ELEMENT_TYPES.float, shape },
  ];
}

function toNode(
  opType: string,
  inputs: readonly string[],
  output: string,
  attributes: OnnxNode["attributes"] = [],
  domain = "",
): OnnxNode {
  return { name: "", opType, domain, inputs, outputs: [output], attributes };
}

function toSums(sums: NativeModel["sums"]): OnnxNode {
  if ("inputType" in sums) {
    return toNode("TreeEnsembleRegressor", ["features"], "sums", toTreeAttributes(sums), ML_DOMAIN);
  }
  return toNode("LinearRegressor", ["features"], "sums", toLinearAttributes(sums), ML_DOMAIN);
}

function toLinearAttributes({
  outputs,
  coefficients,
  intercepts,
}: LinearSums): OnnxNode["attributes"] {
  return [
    { name: "coefficients", value: { kind: "floats", value: coefficients } },
    { name: "intercepts", value: { kind: "floats", value: intercepts } },
    { name: "targets", value: { kind: "int", value: outputs } },
  ];
}

function toLink(link: Link): OnnxNode[] {
  if (isClassification(link)) {
    const axis = { name: "axis", value: { kind: "int", value: 1 } } as const;
    const keeps = { name: "keepdims", value: { kind: "int", value: 0 } } as const;
    return [
      toNode("ArgMax", ["sums"], "label", [axis, keeps]),
      link === "softmax"
        ? toNode("Softmax", ["sums"], "probabilities", [axis])
        : toNode("Sigmoid", ["sums"], "probabilities"),
    ];
  }
  if (link === "square") {
    return [toNode("Abs", ["sums"], "size"), toNode("Mul", ["sums", "size"], "variable")];
  }
  const operators = {
    sigmoid: "Sigmoid",
    exp: "Exp",
    softplus: "Softplus",
    none: "Identity",
  } as const;
  const operator =
    link === "sigmoid" || link === "exp" || link === "softplus" ? operators[link] : operators.none;
  return [toNode(operator, ["sums"], "variable")];
}
