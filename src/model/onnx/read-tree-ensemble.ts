import type { ClassLabels } from "../model.ts";
import type { Aggregate, PostTransform, TreeEnsemble } from "../tree-ensemble.ts";
import { decodeModel } from "./decode-model.ts";
import { checkOutputNodes } from "./check-output-nodes.ts";
import { findTreeNode, type TreeNode } from "./find-tree-node.ts";
import { quote, toDamaged, toUnsupported } from "./onnx.ts";
import { readNodes } from "./read-nodes.ts";
import { readVotes } from "./read-votes.ts";
import { createTreeAttributes, type TreeAttributes } from "./tree-attributes.ts";

/** Maximum numbers of columns and outputs: buffers of these sizes are allocated before any row arrives. */
const MAX_FEATURES = 1 << 20;
const MAX_OUTPUTS = 1 << 16;

/**
 * Reads a tree ensemble from the bytes of an ONNX file. The result shares no memory with `bytes`.
 *
 * Where the ONNX specification is incomplete, the reader follows onnxruntime: votes of inner nodes do not count, and with
 * one regression target a leaf has exactly one vote.
 *
 * @throws TepalError MODEL_DAMAGED or MODEL_UNSUPPORTED (see `onnx.ts`)
 */
export function parseTreeEnsemble(bytes: Uint8Array): TreeEnsemble {
  const found = findTreeNode(decodeModel(bytes));
  const ensemble = readTreeEnsemble(found);
  checkOutputNodes(found, ensemble.classes);
  return ensemble;
}

/**
 * Reads the ensemble of one tree operator.
 *
 * @throws TepalError MODEL_DAMAGED or MODEL_UNSUPPORTED
 */
export function readTreeEnsemble({
  node,
  task,
  inputType,
  declaredFeatures,
}: Pick<TreeNode, "node" | "task" | "inputType" | "declaredFeatures">): TreeEnsemble {
  const attributes = createTreeAttributes(node, inputType);
  const classes = task === "classification" ? toClasses(attributes) : [];
  const outputs = task === "classification" ? classes.length : toTargets(attributes);

  const nodes = readNodes(attributes);
  const features = declaredFeatures ?? nodes.maxFeature + 1;
  if (nodes.maxFeature >= features) {
    throw toDamaged(
      attributes.locate("nodes_featureids"),
      `Expected integers below ${features}, the number of input columns, got ${nodes.maxFeature}.`,
    );
  }
  if (features > MAX_FEATURES) {
    throw toUnsupported(
      "graph",
      `Expected at most ${MAX_FEATURES} features, got ${features}.`,
      "Export the model with fewer features.",
    );
  }
  const { voteStart, voteOutput, voteWeight } = readVotes(attributes, nodes, task, outputs);
  const baseValues = attributes.numbers("base_values");
  if (task === "classification" && outputs === 2) {
    checkTwoClasses(attributes, voteOutput, baseValues, classes);
  } else if (baseValues.length !== 0 && baseValues.length !== outputs) {
    throw toDamaged(
      attributes.locate("base_values"),
      `Expected no values or one per output, ${outputs}, got ${baseValues.length}.`,
    );
  }

  return {
    task,
    inputType,
    features,
    outputs,
    classes,
    roots: nodes.roots,
    mode: nodes.mode,
    feature: nodes.feature,
    threshold: nodes.threshold,
    trueChild: nodes.trueChild,
    falseChild: nodes.falseChild,
    missingTracksTrue: nodes.missingTracksTrue,
    voteStart,
    voteOutput,
    voteWeight,
    baseValues,
    postTransform: toPostTransform(attributes),
    aggregate: task === "classification" ? "SUM" : toAggregate(attributes),
  };
}

function toClasses(attributes: TreeAttributes): ClassLabels {
  const strings = attributes.strings("classlabels_strings");
  const numbers = Array.from(attributes.ints("classlabels_int64s"));
  if (strings.length > 0 && numbers.length > 0) {
    throw toUnsupported(
      attributes.locate("classlabels_strings"),
      "Expected class labels either here or in classlabels_int64s, got both.",
      "Export the model with one kind of class labels.",
    );
  }
  const classes = strings.length > 0 ? strings : numbers;
  const name = strings.length > 0 ? "classlabels_strings" : "classlabels_int64s";
  const at = attributes.locate(name);
  if (classes.length === 0) throw toDamaged(at, "Expected class labels, got none.");
  if (classes.length === 1 || classes.length > MAX_OUTPUTS) {
    throw toUnsupported(
      at,
      `Expected 2 to ${MAX_OUTPUTS} classes, got ${classes.length}.`,
      "Train the model with more than one class.",
    );
  }
  if (new Set<number | string>(classes).size < classes.length) {
    throw toUnsupported(
      at,
      "Expected unique class labels, got the same label twice.",
      "Export the model with a different label for each class.",
    );
  }
  if (numbers.some((label) => Number.isNaN(label))) {
    throw toUnsupported(
      at,
      "Expected class labels from -2⁵³ to 2⁵³, which JSON can represent, got a larger number.",
      "Export the model with smaller class labels or with strings.",
    );
  }
  if (strings.some((label) => label.includes("�"))) {
    const message = "Expected class labels in UTF-8, got other bytes.";
    throw toUnsupported(at, message, "Export the model with other class labels.");
  }
  return classes;
}

function toTargets(attributes: TreeAttributes): number {
  const targets = attributes.int("n_targets") ?? 0;
  const at = attributes.locate("n_targets");
  if (!(targets >= 1)) throw toDamaged(at, `Expected an integer ≥ 1, got ${targets}.`);
  if (targets > MAX_OUTPUTS) {
    throw toUnsupported(
      at,
      `Expected at most ${MAX_OUTPUTS} targets, got ${targets}.`,
      "Export the model with fewer targets.",
    );
  }
  return targets;
}

/**
 * Checks the votes and base values of two classes, a special case in onnxruntime. Converters export votes for one class
 * only; when both have votes, the label is 1 where the score of the second class is above 0 and 0 otherwise, independent
 * of the class labels.
 */
function checkTwoClasses(
  attributes: TreeAttributes,
  voteOutput: Int32Array,
  baseValues: Float64Array,
  classes: ClassLabels,
): void {
  const atBase = attributes.locate("base_values");
  const atVotes = attributes.locate("class_ids");
  if (baseValues.length > 2) {
    throw toDamaged(atBase, `Expected at most 2 values for two classes, got ${baseValues.length}.`);
  }
  if (baseValues.length === 2)
    throw toUnsupportedVotes(atBase, "Expected at most 1 value for two classes, got 2.");
  if (voteOutput.length === 0)
    throw toUnsupportedVotes(atVotes, "Expected votes of the leaves, got none.");
  const bothVoted = voteOutput.includes(0) && voteOutput.includes(1);
  if (!bothVoted) return;
  if (baseValues.length === 1) {
    throw toUnsupportedVotes(
      atBase,
      "Expected no values where leaves vote for both of two classes, got 1.",
    );
  }
  const [first, second] = classes;
  if (typeof first === "number" && (first !== 0 || second !== 1)) {
    const message = `Expected the class labels 0 and 1 where leaves vote for both of two classes, got ${first} and ${second}.`;
    throw toUnsupportedVotes(attributes.locate("classlabels_int64s"), message);
  }
}

function toUnsupportedVotes(at: string, message: string): Error {
  return toUnsupported(at, message, "Export the model with votes for one class.");
}

function toPostTransform(attributes: TreeAttributes): PostTransform {
  const name = attributes.string("post_transform") ?? "NONE";
  if (name === "NONE" || name === "SOFTMAX" || name === "LOGISTIC") return name;
  throw toUnsupported(
    attributes.locate("post_transform"),
    `Expected one of: NONE, SOFTMAX, LOGISTIC, got "${quote(name)}".`,
    "Export the model with one of these.",
  );
}

function toAggregate(attributes: TreeAttributes): Aggregate {
  const name = attributes.string("aggregate_function") ?? "SUM";
  if (name === "SUM" || name === "AVERAGE" || name === "MIN" || name === "MAX") return name;
  throw toUnsupported(
    attributes.locate("aggregate_function"),
    `Expected one of: SUM, AVERAGE, MIN, MAX, got "${quote(name)}".`,
    "Export the model with one of these.",
  );
}
