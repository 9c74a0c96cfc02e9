import type { RankedColumns } from "./ranked-columns.ts";

/** One tree with its own node and vote numbers. Node 0 is the root. */
export interface GrownTree {
  /** Number of the tree in the forest. */
  readonly tree: number;
  /** Per node: the tested feature; −1 for a leaf. */
  readonly feature: Int32Array;
  readonly threshold: Float32Array;
  readonly trueChild: Int32Array;
  readonly falseChild: Int32Array;
  /** Votes of leaf n: entries voteStart[n] … voteStart[n + 1] − 1. */
  readonly voteStart: Int32Array;
  readonly voteOutput: Int32Array;
  /** Share of a class in the leaf, or the leaf's (centered) mean. */
  readonly voteWeight: Float64Array;
  /** Per feature: total purity gain of its splits. */
  readonly gains: Float64Array;
  /** Per training row: its leaf; −1 for a row that the tree was grown on. */
  readonly outOfBagLeaf: Int32Array;
}

/** Collects the nodes of a growing tree. */
export interface TreeBuilder {
  /** @returns the node's number, counting from 0 */
  addNode(parent: number, isTrueChild: boolean): number;
  /** Makes a node a branch. Nodes are leaves otherwise. */
  setSplit(node: number, feature: number, threshold: number, gain: number): void;
  /** Adds a vote to the last added node. */
  addVote(output: number, weight: number): void;
  finish(tree: number, columns: RankedColumns, isOutOfBag: (row: number) => boolean): GrownTree;
}

export function createTreeBuilder(features: number): TreeBuilder {
  const feature: number[] = [];
  const threshold: number[] = [];
  const trueChild: number[] = [];
  const falseChild: number[] = [];
  const voteStart: number[] = [];
  const voteOutput: number[] = [];
  const voteWeight: number[] = [];
  const gains = new Float64Array(features);

  function addNode(parent: number, isTrueChild: boolean): number {
    const node = feature.length;
    if (parent >= 0) (isTrueChild ? trueChild : falseChild)[parent] = node;
    feature.push(-1);
    threshold.push(0);
    trueChild.push(0);
    falseChild.push(0);
    voteStart.push(voteOutput.length);
    return node;
  }

  function setSplit(node: number, splitFeature: number, value: number, gain: number): void {
    feature[node] = splitFeature;
    threshold[node] = value;
    // Rounding may turn a gain of zero into a small negative number.
    gains[splitFeature] = gains[splitFeature]! + Math.max(0, gain);
  }

  function addVote(output: number, weight: number): void {
    voteOutput.push(output);
    voteWeight.push(weight);
  }

  function finish(
    tree: number,
    columns: RankedColumns,
    isOutOfBag: (row: number) => boolean,
  ): GrownTree {
    const nodes = {
      feature: Int32Array.from(feature),
      threshold: Float32Array.from(threshold),
      trueChild: Int32Array.from(trueChild),
      falseChild: Int32Array.from(falseChild),
    };
    voteStart.push(voteOutput.length);
    return {
      tree,
      ...nodes,
      voteStart: Int32Array.from(voteStart),
      voteOutput: Int32Array.from(voteOutput),
      voteWeight: Float64Array.from(voteWeight),
      gains,
      outOfBagLeaf: findLeaves(nodes, columns, isOutOfBag),
    };
  }

  return { addNode, setSplit, addVote, finish };
}

/** Returns the leaf of each selected row; −1 for the others. */
function findLeaves(
  tree: Pick<GrownTree, "feature" | "threshold" | "trueChild" | "falseChild">,
  columns: RankedColumns,
  wanted: (row: number) => boolean,
): Int32Array {
  const leaves = new Int32Array(columns.count).fill(-1);
  for (let row = 0; row < columns.count; row++) {
    if (!wanted(row)) continue;
    let node = 0;
    for (;;) {
      const feature = tree.feature[node]!;
      if (feature < 0) break;
      const rank = columns.ranks[feature]![row]!;
      const value = columns.values[feature]![rank]!;
      const next = value <= tree.threshold[node]! ? tree.trueChild : tree.falseChild;
      node = next[node]!;
    }
    leaves[row] = node;
  }
  return leaves;
}
