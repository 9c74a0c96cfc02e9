import type { ClassLabels, Task } from "./model.ts";

/** How an inner node compares a row's value with its threshold: true goes to the true child. */
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
 * A tree ensemble, checked: what the ONNX reader and the trainer make, the ONNX writer stores and the
 * executor compiles. It means what ONNX's TreeEnsembleClassifier and TreeEnsembleRegressor (ai.onnx.ml 3)
 * mean, with node ids already resolved to indexes.
 *
 * Invariants, which every maker guarantees and the executor relies on:
 * - The nodes of a tree stand together, its root first; `roots` ascend.
 * - Children are indexes of nodes of the same tree; following them from a root ends at a leaf (no cycles). A
 *   node may be the child of several nodes.
 * - Every `feature` is below `features`, every `voteOutput` below `outputs`; class labels are unique.
 * - Leaves have 0 for feature, threshold and children.
 * - With one regression target, each leaf has exactly one vote.
 *
 * Two classes follow onnxruntime's rule, which is not argmax: votes stand under output 0 only, and their sum is
 * class 1's score. The label is class 1 where the sum is above 0.5, or above 0 if any weight is negative.
 */
export interface TreeEnsemble {
  readonly task: Task;
  /** Type of the graph's input and so of comparisons: "float" rounds rows and thresholds to float32. */
  readonly inputType: "float" | "double";
  readonly features: number;
  readonly outputs: number;
  /** Empty for regression. */
  readonly classes: ClassLabels;
  /** Index of each tree's first node, in tree order (leaf weights are added in this order). */
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
  /** Votes of leaf `n`: entries `voteStart[n] … voteStart[n + 1] − 1` of the two arrays below. */
  readonly voteStart: Int32Array;
  /** Class or target that the vote counts for. */
  readonly voteOutput: Int32Array;
  readonly voteWeight: Float64Array;
  /** Added to the sums; empty, or one per output (one for two classes: see the ONNX reader). */
  readonly baseValues: Float64Array;
  readonly postTransform: PostTransform;
  /** SUM for classifiers. */
  readonly aggregate: Aggregate;
}
