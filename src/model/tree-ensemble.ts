import type { ClassLabels, Task } from "./model.ts";

/** Comparisons of a row's value with the threshold of an inner node; true leads to the true child. */
export const NODE_MODES = [
  "BRANCH_LEQ",
  "BRANCH_LT",
  "BRANCH_GTE",
  "BRANCH_GT",
  "BRANCH_EQ",
  "BRANCH_NEQ",
  "LEAF",
] as const;
export type NodeMode = (typeof NODE_MODES)[number];

/** Index of LEAF in NODE_MODES. */
export const LEAF = 6;

export type PostTransform = "NONE" | "SOFTMAX" | "LOGISTIC";
export type Aggregate = "SUM" | "AVERAGE" | "MIN" | "MAX";

/**
 * A valid tree ensemble. The ONNX reader and the trainer create it, the ONNX writer encodes it and the executor compiles
 * it. It has the semantics of TreeEnsembleClassifier and TreeEnsembleRegressor (ai.onnx.ml 3), with node ids resolved to
 * indexes.
 *
 * Invariants that each creator guarantees and the executor relies on:
 * - The nodes of a tree are contiguous, the root first; `roots` ascend.
 * - Children are indexes of nodes of the same tree; each path from a root ends at a leaf (no cycles). A node may be the
 *   child of several nodes.
 * - Every `feature` is below `features`, every `voteOutput` below `outputs`; class labels are unique.
 * - Leaves have 0 for feature, threshold and children.
 * - With one regression target, each leaf has exactly one vote.
 *
 * Two classes follow the rule of onnxruntime, which is not argmax: all votes are for output 0, and their sum is the score
 * of class 1. The label is class 1 where the sum is above 0.5, or above 0 if any weight is negative.
 */
export interface TreeEnsemble {
  readonly task: Task;
  /** Type of the graph's input and of comparisons: "float" rounds rows and thresholds to float32. */
  readonly inputType: "float" | "double";
  readonly features: number;
  readonly outputs: number;
  /** Empty for regression. */
  readonly classes: ClassLabels;
  /** Index of the first node of each tree, in the order in which leaf weights are added. */
  readonly roots: Int32Array;
  /** Per node: index into NODE_MODES. */
  readonly mode: Uint8Array;
  /** Per node; 0 for a leaf. */
  readonly feature: Int32Array;
  /** Per node; for a float ensemble each is a float32 number. */
  readonly threshold: Float64Array;
  readonly trueChild: Int32Array;
  readonly falseChild: Int32Array;
  /** Per node: 1 when a missing value (NaN) takes the true branch. */
  readonly missingTracksTrue: Uint8Array;
  /** Start of each node's votes: those of leaf `n` are entries `voteStart[n] … voteStart[n + 1] − 1` of the arrays below. */
  readonly voteStart: Int32Array;
  /** Index of the class or target of each vote. */
  readonly voteOutput: Int32Array;
  readonly voteWeight: Float64Array;
  /** Numbers added to the sums; empty, or one per output (one for two classes: see the ONNX reader). */
  readonly baseValues: Float64Array;
  readonly postTransform: PostTransform;
  /** SUM for classifiers. */
  readonly aggregate: Aggregate;
}
