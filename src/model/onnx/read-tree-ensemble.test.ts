import { describe, expect, it } from "vitest";
import {
  editGraph,
  editNode,
  setAttribute,
  setInts,
  toModel,
} from "../../../test/support/onnx-edits.ts";
import { TepalError } from "../../kernel/errors.ts";
import { createForestExecutor } from "../executor/forest-executor.ts";
import { LEAF, type TreeEnsemble } from "../tree-ensemble.ts";
import { encodeModel } from "./encode-model.ts";
import type { OnnxAttributeValue, OnnxModel, OnnxNode } from "./onnx.ts";
import { parseTreeEnsemble } from "./read-tree-ensemble.ts";

/** One tree: node 0 tests x1 <= 0.5, its children are two leaves. */
const classifier: TreeEnsemble = {
  task: "classification",
  inputType: "float",
  features: 2,
  outputs: 3,
  classes: ["a", "b", "c"],
  roots: Int32Array.of(0),
  mode: Uint8Array.of(0, LEAF, LEAF),
  feature: Int32Array.of(1, 0, 0),
  threshold: Float64Array.of(0.5, 0, 0),
  trueChild: Int32Array.of(1, 0, 0),
  falseChild: Int32Array.of(2, 0, 0),
  missingTracksTrue: Uint8Array.of(0, 0, 0),
  voteStart: Int32Array.of(0, 0, 1, 3),
  voteOutput: Int32Array.of(0, 1, 2),
  voteWeight: Float64Array.of(1, 0.25, 0.75),
  baseValues: new Float64Array(),
  postTransform: "NONE",
  aggregate: "SUM",
};
const twoClasses: TreeEnsemble = {
  ...classifier,
  outputs: 2,
  classes: [10, 20],
  voteStart: Int32Array.of(0, 0, 1, 2),
  voteOutput: Int32Array.of(0, 0),
  voteWeight: Float64Array.of(0.25, 0.75),
};
const regressor: TreeEnsemble = {
  ...classifier,
  task: "regression",
  outputs: 1,
  classes: [],
  voteStart: Int32Array.of(0, 0, 1, 2),
  voteOutput: Int32Array.of(0, 0),
  voteWeight: Float64Array.of(-3, 4),
};
const double: TreeEnsemble = { ...classifier, inputType: "double" };

const model = toModel(classifier);
const parse = (changed: OnnxModel): TreeEnsemble => parseTreeEnsemble(encodeModel(changed));

function toError(run: () => unknown): TepalError {
  try {
    run();
  } catch (thrown) {
    if (thrown instanceof TepalError) return thrown;
    throw thrown;
  }
  throw new Error("Expected an error, got none.");
}

const text = (value: string): OnnxAttributeValue => ({ kind: "string", value });
const floats = (value: readonly number[]): OnnxAttributeValue => ({ kind: "floats", value });

/** Inserts a node between a value and the output of the graph with the same name. */
function append(to: OnnxModel, output: string, node: Partial<OnnxNode>): OnnxModel {
  const renamed = editNode(to, ({ outputs }) => ({
    outputs: outputs.map((name) => (name === output ? `raw_${name}` : name)),
  }));
  return editGraph(renamed, ({ nodes }) => ({
    nodes: [
      ...nodes,
      {
        name: "after",
        opType: "Identity",
        domain: "",
        inputs: [`raw_${output}`],
        outputs: [output],
        attributes: [],
        ...node,
      },
    ],
  }));
}

const cast = (to: number): Partial<OnnxNode> => ({
  opType: "Cast",
  attributes: [{ name: "to", value: { kind: "int", value: to } }],
});
const zipMap = (labels: readonly string[]): Partial<OnnxNode> => ({
  opType: "ZipMap",
  domain: "ai.onnx.ml",
  attributes: [{ name: "classlabels_strings", value: { kind: "strings", value: labels } }],
});
const identityBefore = (node: Partial<OnnxNode>): OnnxModel =>
  editGraph(
    editNode(model, () => ({ inputs: ["x"] })),
    ({ nodes }) => ({
      nodes: [
        ...nodes,
        {
          name: "before",
          opType: "Identity",
          domain: "",
          inputs: ["features"],
          outputs: ["x"],
          attributes: [],
          ...node,
        },
      ],
    }),
  );

describe("parseTreeEnsemble reads", () => {
  const same: [title: string, changed: OnnxModel][] = [
    ["Identity after the scores", append(model, "probabilities", {})],
    ["Identity after the label", append(model, "label", {})],
    ["Cast of the scores to double", append(model, "probabilities", cast(11))],
    ["ZipMap", append(model, "probabilities", zipMap(["a", "b", "c"]))],
    ["Identity before the trees", identityBefore({})],
    ["Cast from float to float before the trees", identityBefore(cast(1))],
    [
      "a node that no output needs",
      editGraph(model, ({ nodes }) => ({
        nodes: [
          ...nodes,
          { name: "", opType: "Exp", domain: "", inputs: ["?"], outputs: ["y"], attributes: [] },
        ],
      })),
    ],
    [
      "a graph without an output for the label",
      editGraph(model, ({ outputs }) => ({ outputs: outputs.slice(1) })),
    ],
    ["ai.onnx.ml version 1", { ...model, opsets: [{ domain: "ai.onnx.ml", version: 1 }] }],
    [
      "a model without nodes_missing_value_tracks_true",
      setAttribute(model, "nodes_missing_value_tracks_true", undefined),
    ],
    [
      "node ids in any order",
      ["nodes_nodeids", "nodes_truenodeids", "nodes_falsenodeids", "class_nodeids"].reduce(
        (changed, name) => {
          const ids = { nodes_nodeids: [7, 3, 5], nodes_truenodeids: [3, 0, 0] }[name];
          const rest = { nodes_falsenodeids: [5, 0, 0], class_nodeids: [3, 5, 5] }[name];
          return setInts(changed, name, ids ?? rest ?? []);
        },
        model,
      ),
    ],
    ["votes of an inner node, which do not count", withInnerVote(model)],
    [
      "a model with nodes_hitrates",
      setAttribute(model, "nodes_hitrates", { kind: "floats", value: [1, 1, 1] }),
    ],
  ];
  it.each(same)("%s", (_title, changed) => expect(parse(changed)).toEqual(classifier));

  it("a dynamic number of columns as one more than the highest feature", () => {
    const free = editGraph(model, ({ inputs }) => ({
      inputs: inputs.map((input) => ({ ...input, shape: [undefined, undefined] })),
    }));
    expect(parse(free).features).toBe(2);
    const leafFeature = setInts(free, "nodes_featureids", [1, 4, 0]);
    expect(parse(leafFeature).features).toBe(5);
  });

  it("packed numbers, as newer writers may encode them", () => {
    // nodes_truenodeids, field 8 of AttributeProto, as one length-delimited field.
    const bytes = encodeModel(model);
    const unpacked = [0x40, 1, 0x40, 0, 0x40, 0];
    const at = bytes.findIndex((_, i) => unpacked.every((byte, k) => bytes[i + k] === byte));
    expect(at).toBeGreaterThan(0);
    const packed = bytes.slice();
    // Length 3 and the three numbers, then an unknown field of one byte to keep the length.
    packed.set([0x42, 2, 1, 0, 0x40, 0], at);
    expect(parseTreeEnsemble(packed)).toEqual(classifier);
  });

  it("the first vote of a leaf for a single target, or its weight from nodes_values", () => {
    let changed = toModel(regressor);
    for (const [name, ids] of Object.entries({
      target_treeids: [0, 0, 0],
      target_nodeids: [1, 1, 0],
      target_ids: [0, 0, 0],
    })) {
      changed = setInts(changed, name, ids);
    }
    changed = setAttribute(changed, "target_weights", { kind: "floats", value: [5, 6, 7] });
    changed = setAttribute(changed, "nodes_values", { kind: "floats", value: [0.5, 1, 2] });
    const ensemble = parse(changed);
    expect(ensemble.voteWeight).toEqual(Float64Array.of(5, 2));
    expect(ensemble.voteStart).toEqual(Int32Array.of(0, 0, 1, 2));
  });
});

describe("parseTreeEnsemble rejects with MODEL_UNSUPPORTED", () => {
  const other = (opType: string, domain = ""): OnnxModel =>
    editNode(model, () => ({ opType, domain }));
  const cases: [title: string, changed: OnnxModel, message: RegExp][] = [
    [
      "another graph, with its operators listed",
      other("MatMul"),
      /got the operators MatMul "trees"\./,
    ],
    ["TreeEnsemble of version 5", other("TreeEnsemble", "ai.onnx.ml"), /TreeEnsemble/],
    ["a tree operator of another domain", other("TreeEnsembleClassifier", "com.x"), /Classifier/],
    [
      "ai.onnx.ml version 5",
      { ...model, opsets: [{ domain: "ai.onnx.ml", version: 5 }] },
      /TreeEnsembleClassifier "trees": Expected ai\.onnx\.ml version 1 to 4, got version 5/,
    ],
    [
      "PROBIT",
      setAttribute(model, "post_transform", text("PROBIT")),
      /"trees", post_transform: .*got "PROBIT"/,
    ],
    ["SOFTMAX_ZERO", setAttribute(model, "post_transform", text("SOFTMAX_ZERO")), /SOFTMAX_ZERO/],
    [
      "node modes of set membership",
      setAttribute(model, "nodes_modes", {
        kind: "strings",
        value: ["BRANCH_MEMBER", "LEAF", "LEAF"],
      }),
      /nodes_modes\[0\]: .*got "BRANCH_MEMBER"/,
    ],
    ["unknown attributes", setInts(model, "nodes_colours", [1]), /nodes_colours/],
    [
      "a Softmax after the scores",
      append(model, "probabilities", { opType: "Softmax" }),
      /Softmax/,
    ],
    [
      "scores cast to int64",
      append(model, "probabilities", cast(7)),
      /Cast "after": .*scores to float or double, got int64/,
    ],
    [
      "labels cast to float",
      append(model, "label", cast(1)),
      /Cast "after": .*labels to string, got float/,
    ],
    ["ZipMap with other names", append(model, "probabilities", zipMap(["a", "c", "b"])), /ZipMap/],
    [
      "a Cast to double before the trees",
      identityBefore(cast(11)),
      /Cast "before": Expected no operator before the trees/,
    ],
    [
      "a Scaler before the trees",
      identityBefore({ opType: "Scaler", domain: "ai.onnx.ml" }),
      /Scaler/,
    ],
    [
      "several inputs",
      editGraph(model, ({ inputs }) => ({
        inputs: [...inputs, { name: "y", elementType: 1, shape: undefined }],
      })),
      /Expected 1 input, got 2/,
    ],
    [
      "inputs of int64",
      editGraph(model, ({ inputs }) => ({
        inputs: inputs.map((input) => ({ ...input, elementType: 7 })),
      })),
      /input "features": Expected a tensor of float or double, got int64/,
    ],
    [
      "two base values with two classes",
      withBase(twoClasses, [1, 2]),
      /base_values: Expected at most 1 value/,
    ],
    [
      "votes for both of two classes that are not 0 and 1",
      toModel({ ...twoClasses, voteOutput: Int32Array.of(0, 1) }),
      /labels 0 and 1 .*got 10 and 20/,
    ],
    [
      "a double tensor for float input",
      setAttribute(setAttribute(model, "nodes_values", undefined), "nodes_values_as_tensor", {
        kind: "tensor",
        value: { name: "", elementType: 11, dims: [3], values: [0.5, 0, 0] },
      }),
      /tensor of type float, as the input, got double/,
    ],
    [
      "one class",
      setAttribute(model, "classlabels_strings", { kind: "strings", value: ["a"] }),
      /Expected 2 to 65536 classes, got 1/,
    ],
    [
      "nodes of a tree that are not contiguous",
      setInts(model, "nodes_treeids", [0, 1, 0]),
      /nodes of each tree in a row/,
    ],
    [
      "two classes with the same name",
      setAttribute(model, "classlabels_strings", { kind: "strings", value: ["a", "b", "a"] }),
      /unique class labels/,
    ],
    [
      "labels that are not UTF-8",
      setAttribute(model, "classlabels_strings", { kind: "strings", value: ["a", "b", "\ufffd"] }),
      /UTF-8/,
    ],
    ["two classes and a vote of an inner node", withInnerVote(toModel(twoClasses)), /inner node/],
    ["too many features", tooManyFeatures(), /features/],
    [
      "too many targets",
      setAttribute(toModel(regressor), "n_targets", { kind: "int", value: 2 ** 40 }),
      /targets/,
    ],
    ["a cycle of identities", circle(), /chain or a cycle/],
  ];
  it.each(cases)("%s", (_title, changed, message) => {
    const error = toError(() => parse(changed));
    expect(error.message).toMatch(message);
    expect(error.code).toBe("MODEL_UNSUPPORTED");
  });
});

describe("parseTreeEnsemble rejects with MODEL_DAMAGED", () => {
  const cases: [title: string, changed: OnnxModel, message: RegExp][] = [
    ["a cycle", setInts(model, "nodes_falsenodeids", [0, 0, 0]), /without cycles/],
    ["an unreachable node", setInts(model, "nodes_falsenodeids", [1, 0, 0]), /reachable/],
    [
      "a child that does not exist",
      setInts(model, "nodes_truenodeids", [9, 0, 0]),
      /truenodeids\[0\]: .*got 9/,
    ],
    [
      "a negative child",
      setInts(model, "nodes_truenodeids", [-1, 0, 0]),
      /truenodeids\[0\]: .*got -1/,
    ],
    [
      "a child of another tree",
      setInts(setInts(model, "nodes_treeids", [0, 0, 1]), "nodes_nodeids", [0, 1, 2]),
      /falsenodeids\[0\]: .*tree 0, got 2/,
    ],
    ["two nodes with the same id", setInts(model, "nodes_nodeids", [0, 1, 1]), /got 1 twice/],
    ["a negative feature", setInts(model, "nodes_featureids", [-1, 0, 0]), /feature/],
    [
      "a feature beyond the input",
      setInts(model, "nodes_featureids", [2, 0, 0]),
      /nodes_featureids: Expected integers below 2.*got 2/,
    ],
    [
      "lists of different lengths",
      setInts(model, "nodes_featureids", [1, 0]),
      /nodes_featureids: Expected 3 values, got 2/,
    ],
    [
      "too few values",
      setAttribute(model, "nodes_values", floats([0])),
      /nodes_values: Expected 3 values, got 1/,
    ],
    [
      "too few weights",
      setAttribute(model, "class_weights", floats([0])),
      /class_weights: Expected 3 values, got 1/,
    ],
    ["a class out of range", setInts(model, "class_ids", [0, 1, 3]), /class_ids\[2\]/],
    ["a negative class", setInts(model, "class_ids", [0, 1, -1]), /class_ids\[2\]/],
    [
      "a vote of a node that does not exist",
      setInts(model, "class_nodeids", [1, 2, 3]),
      /class_nodeids\[2\]/,
    ],
    [
      "a number of base values other than that of classes",
      withBase(classifier, [1, 2]),
      /base_values: .*got 2/,
    ],
    [
      "no classes",
      setAttribute(model, "classlabels_strings", undefined),
      /Expected class labels, got none/,
    ],
    ["no nodes", setInts(model, "nodes_treeids", []), /at least one node/],
    [
      "an attribute of the wrong kind",
      setInts(model, "nodes_values", [1, 2, 3]),
      /Expected an attribute of type floats, got ints/,
    ],
    [
      "an attribute twice",
      editNode(model, ({ attributes }) => ({ attributes: [...attributes, ...attributes] })),
      /twice/,
    ],
    [
      "a tensor with another number of values than its shape",
      setAttribute(toModel(double), "nodes_values_as_tensor", {
        kind: "tensor",
        value: { name: "", elementType: 11, dims: [4], values: [0.5, 0, 0] },
      }),
      /Expected 4 values for its shape, got 3/,
    ],
    ["no graph output", editGraph(model, () => ({ outputs: [] })), /at least one output/],
    [
      "an input without a producer",
      editNode(model, () => ({ inputs: ["y"] })),
      /produces "y", got none/,
    ],
    ["no version of ai.onnx.ml", { ...model, opsets: [] }, /Expected a version of ai\.onnx\.ml/],
    [
      "a value with two producers",
      editGraph(model, ({ nodes }) => ({ nodes: [...nodes, ...nodes] })),
      /Expected one node with the output "label", got two/,
    ],
  ];
  it.each(cases)("%s", (_title, changed, message) => {
    const error = toError(() => parse(changed));
    expect(error.message).toMatch(message);
    expect(error.code).toBe("MODEL_DAMAGED");
  });

  const valid = encodeModel(model);
  const bytes: [title: string, bytes: Uint8Array][] = [
    ["no bytes", new Uint8Array()],
    ["plain text", new TextEncoder().encode("This is not a model.\n")],
    ["a length beyond the end", Uint8Array.of(0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x0a)],
    ["a graph that is a number", Uint8Array.of(0x38, 0x01)],
    ["a varint without an end", new Uint8Array(40).fill(0xff)],
    ["nested groups", new Uint8Array(100_000).fill(0x0b)],
    ["two graphs", Uint8Array.of(...valid, ...valid)],
    // The version as four fixed bytes, which would be valid as a varint with another value.
    ["a number of another wire type", Uint8Array.of(0x0d, 0x07, 0x08, 0x80, 0x01, ...valid)],
  ];
  it.each(bytes)("%s", (_title, damaged) => {
    expect(toError(() => parseTreeEnsemble(damaged)).code).toBe("MODEL_DAMAGED");
  });
});

describe("parseTreeEnsemble runs in time and memory linear in the size of the file", () => {
  it("for a million empty nodes", () => {
    const nodes = new Uint8Array(2_000_000);
    for (let i = 0; i < nodes.length; i += 2) nodes[i] = 0x0a;
    const length = nodes.length;
    const head = [0x3a, (length & 0x7f) | 0x80, ((length >> 7) & 0x7f) | 0x80, length >> 14];
    const bytes = new Uint8Array(head.length + nodes.length);
    bytes.set(head);
    bytes.set(nodes, head.length);
    expect(toError(() => parseTreeEnsemble(bytes)).code).toBe("MODEL_UNSUPPORTED");
  });

  it("for one chain of 100,000 nodes", () => {
    const tests = 100_000;
    const nodes = 2 * tests + 1;
    const isTest = (i: number): boolean => i < 2 * tests && i % 2 === 0;
    const chain: TreeEnsemble = {
      ...regressor,
      mode: Uint8Array.from({ length: nodes }, (_, i) => (isTest(i) ? 0 : LEAF)),
      feature: new Int32Array(nodes),
      threshold: Float64Array.from({ length: nodes }, (_, i) => (isTest(i) ? -i : 0)),
      trueChild: Int32Array.from({ length: nodes }, (_, i) => (isTest(i) ? i + 2 : 0)),
      falseChild: Int32Array.from({ length: nodes }, (_, i) => (isTest(i) ? i + 1 : 0)),
      missingTracksTrue: new Uint8Array(nodes),
      voteStart: Int32Array.from(
        { length: nodes + 1 },
        (_, i) => Math.min(i >> 1, tests) + (i > 2 * tests ? 1 : 0),
      ),
      voteOutput: new Int32Array(tests + 1),
      voteWeight: Float64Array.from({ length: tests + 1 }, (_, i) => i),
    };
    const ensemble = parse(toModel(chain));
    expect(ensemble).toEqual(chain);
    const scores = new Float32Array(1);
    createForestExecutor(ensemble).run(Float64Array.of(-1e9, 0), 1, scores, new Int32Array(1));
    expect(scores[0]).toBe(tests);
  });
});

function withBase(ensemble: TreeEnsemble, values: readonly number[]): OnnxModel {
  return setAttribute(toModel(ensemble), "base_values", { kind: "floats", value: values });
}

function withInnerVote(to: OnnxModel): OnnxModel {
  return editNode(to, ({ attributes }) => ({
    attributes: attributes.map(({ name, value }) => {
      const isVote = name.startsWith("class_");
      if (isVote && value.kind === "ints") {
        return { name, value: { kind: "ints", value: [0, ...Array.from(value.value)] } };
      }
      if (isVote && value.kind === "floats")
        return { name, value: floats([9, ...Array.from(value.value)]) };
      return { name, value };
    }),
  }));
}

function tooManyFeatures(): OnnxModel {
  return editGraph(model, ({ inputs }) => ({
    inputs: inputs.map((input) => ({ ...input, shape: [undefined, 2 ** 40] })),
  }));
}

function circle(): OnnxModel {
  return append(model, "probabilities", { inputs: ["probabilities"] });
}
