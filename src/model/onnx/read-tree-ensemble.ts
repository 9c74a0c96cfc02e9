import type { ClassLabels } from "../model.ts";
import type { Aggregate, PostTransform, TreeEnsemble } from "../tree-ensemble.ts";
import { decodeModel } from "./decode-model.ts";
import { checkOutputNodes } from "./check-output-nodes.ts";
import { findTreeNode } from "./find-tree-node.ts";
import { quote, toDamaged, toUnsupported } from "./onnx.ts";
import { readNodes } from "./read-nodes.ts";
import { readVotes } from "./read-votes.ts";
import { createTreeAttributes, type TreeAttributes } from "./tree-attributes.ts";

/** Columns and outputs beyond these are refused: buffers are made for them before any row arrives. */
const MAX_FEATURES = 1 << 20;
const MAX_OUTPUTS = 1 << 16;

/**
 * Reads a tree ensemble from the bytes of an ONNX file. The result shares no memory with `bytes`.
 *
 * Details in which onnxruntime fixes what ONNX leaves open are resolved here, so that the result means the same for
 * everyone: votes of inner nodes don't count, and with one regression target a leaf has exactly one vote.
 *
 * @throws TepalError MODEL_DAMAGED or MODEL_UNSUPPORTED (see `onnx.ts`)
 */
export function parseTreeEnsemble(bytes: Uint8Array): TreeEnsemble {
  const found = findTreeNode(decodeModel(bytes));
  const attributes = createTreeAttributes(found.node, found.inputType);
  const { task, inputType } = found;
  const classes = task === "classification" ? toClasses(attributes) : [];
  const outputs = task === "classification" ? classes.length : toTargets(attributes);
  checkOutputNodes(found, classes);

  const nodes = readNodes(attributes);
  const features = found.declaredFeatures ?? nodes.maxFeature + 1;
  if (nodes.maxFeature >= features) {
    throw toDamaged(`a node tests feature ${nodes.maxFeature}, but the input has ${features}`);
  }
  if (features > MAX_FEATURES) {
    throw toUnsupported(
      `The model has ${features} features, more than ${MAX_FEATURES}`,
      "Tepal cannot run it yet.",
    );
  }
  const { voteStart, voteOutput, voteWeight } = readVotes(attributes, nodes, task, outputs);
  const baseValues = attributes.numbers("base_values");
  if (task === "classification" && outputs === 2) {
    checkTwoClasses(voteOutput, baseValues, classes);
  } else if (baseValues.length !== 0 && baseValues.length !== outputs) {
    throw toDamaged(`base_values has ${baseValues.length} values for ${outputs} outputs`);
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
      "The classifier names its classes twice, by strings and by numbers",
      "Export it with one kind of class labels.",
    );
  }
  const classes = strings.length > 0 ? strings : numbers;
  if (classes.length === 0) throw toDamaged("the classifier names no classes");
  if (classes.length === 1 || classes.length > MAX_OUTPUTS) {
    throw toUnsupported(
      `The classifier has ${classes.length} classes; 2 to ${MAX_OUTPUTS} can be served`,
      "Tepal cannot run it yet.",
    );
  }
  if (new Set<number | string>(classes).size < classes.length) {
    throw toUnsupported(
      "Two classes have the same label",
      "Export the model with a label of its own for each class.",
    );
  }
  if (numbers.some((label) => Number.isNaN(label))) {
    throw toUnsupported(
      "A class label is beyond ±2⁵³, which JSON cannot hold",
      "Export the model with smaller class labels or with strings.",
    );
  }
  if (strings.some((label) => label.includes("�"))) {
    throw toUnsupported("A class label is not UTF-8", "Export the model with other class labels.");
  }
  return classes;
}

function toTargets(attributes: TreeAttributes): number {
  const targets = attributes.int("n_targets") ?? 0;
  if (!(targets >= 1)) throw toDamaged("n_targets is absent or below 1");
  if (targets > MAX_OUTPUTS) {
    throw toUnsupported(
      `The regressor has ${targets} targets, more than ${MAX_OUTPUTS}`,
      "Tepal cannot run it yet.",
    );
  }
  return targets;
}

/**
 * Two classes are a special case in onnxruntime. Exports vote for one class only; when both have votes, the label
 * is 1 wherever the second class's score is above 0 and otherwise 0, whatever the class labels are.
 */
function checkTwoClasses(
  voteOutput: Int32Array,
  baseValues: Float64Array,
  classes: ClassLabels,
): void {
  const advice =
    "Export the model with votes for one class, as Tepal runs single tree ensembles only.";
  if (baseValues.length > 2) {
    throw toDamaged(`base_values has ${baseValues.length} values for 2 classes`);
  }
  if (baseValues.length === 2) {
    throw toUnsupported("The classifier has two classes and two base_values", advice);
  }
  if (voteOutput.length === 0) throw toUnsupported("No leaf votes for a class", advice);
  const bothVoted = voteOutput.includes(0) && voteOutput.includes(1);
  if (!bothVoted) return;
  if (baseValues.length === 1) {
    throw toUnsupported(
      "The classifier has two classes with votes for both, and one of base_values",
      advice,
    );
  }
  const [first, second] = classes;
  if (typeof first === "number" && (first !== 0 || second !== 1)) {
    throw toUnsupported(
      "The classifier has votes for both of two classes, whose labels are not 0 and 1",
      advice,
    );
  }
}

function toPostTransform(attributes: TreeAttributes): PostTransform {
  const name = attributes.string("post_transform") ?? "NONE";
  if (name === "NONE" || name === "SOFTMAX" || name === "LOGISTIC") return name;
  throw toUnsupported(
    `The model's post_transform is "${quote(name)}"; NONE, SOFTMAX and LOGISTIC can be served`,
    "Tepal cannot run it yet.",
  );
}

function toAggregate(attributes: TreeAttributes): Aggregate {
  const name = attributes.string("aggregate_function") ?? "SUM";
  if (name === "SUM" || name === "AVERAGE" || name === "MIN" || name === "MAX") return name;
  throw toUnsupported(
    `The model's aggregate_function is "${quote(name)}"; SUM, AVERAGE, MIN and MAX can be served`,
    "Tepal cannot run it yet.",
  );
}
