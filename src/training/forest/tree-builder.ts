import type { RankedColumns } from "./ranked-columns.ts";

/** One tree with its own node and vote numbers. Node 0 is the root. */
export interface GrownTree {
  /** Number of the tree in the forest. */
  readonly tree: number;
  /** Per node: the tested feature; −1 for a leaf. */
  readonly feature: Int32Array;
  readonly threshold: Float32Array;
  /** Per node: 1 if a missing value goes to the true child. */
  readonly missingTrue: Uint8Array;
  /** Codes that go to the true child of node n: entries setStart[n] … setStart[n + 1] − 1, ascending. None for a test of numbers. */
  readonly setStart: Int32Array;
  readonly setCodes: Float32Array;
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

/** Test of an inner node. */
export interface NodeTest {
  readonly feature: number;
  /** Numbers up to it go to the true child. */
  readonly threshold: number;
  /** Codes that go to the true child, ascending; empty for a test of numbers. */
  readonly codes: readonly number[];
  readonly isMissingTrue: boolean;
}

/** Collects the nodes of a growing tree. */
export interface TreeBuilder {
  /** @returns the node's number, counting from 0 */
  addNode(parent: number, isTrueChild: boolean): number;
  /** Makes the last added node a branch. Nodes are leaves otherwise. */
  setSplit(node: number, test: NodeTest, gain: number): void;
  /** Adds a vote to the last added node. */
  addVote(output: number, weight: number): void;
  finish(tree: number, columns: RankedColumns, isOutOfBag: (row: number) => boolean): GrownTree;
}

export function createTreeBuilder(features: number): TreeBuilder {
  const feature: number[] = [];
  const threshold: number[] = [];
  const missingTrue: number[] = [];
  const setStart: number[] = [];
  const setCodes: number[] = [];
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
    missingTrue.push(0);
    setStart.push(setCodes.length);
    trueChild.push(0);
    falseChild.push(0);
    voteStart.push(voteOutput.length);
    return node;
  }

  function setSplit(node: number, test: NodeTest, gain: number): void {
    feature[node] = test.feature;
    threshold[node] = test.threshold;
    missingTrue[node] = test.isMissingTrue ? 1 : 0;
    for (const code of test.codes) setCodes.push(code);
    // Rounding may turn a gain of zero into a small negative number.
    gains[test.feature] = gains[test.feature]! + Math.max(0, gain);
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
    setStart.push(setCodes.length);
    const nodes = {
      feature: Int32Array.from(feature),
      threshold: Float32Array.from(threshold),
      missingTrue: Uint8Array.from(missingTrue),
      setStart: Int32Array.from(setStart),
      setCodes: Float32Array.from(setCodes),
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

type TreeNodes = Pick<
  GrownTree,
  "feature" | "threshold" | "missingTrue" | "setStart" | "setCodes" | "trueChild" | "falseChild"
>;

/** Returns the leaf of each selected row; −1 for the others. */
function findLeaves(
  tree: TreeNodes,
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
      const next = isTrue(tree, node, value) ? tree.trueChild : tree.falseChild;
      node = next[node]!;
    }
    leaves[row] = node;
  }
  return leaves;
}

function isTrue(tree: TreeNodes, node: number, value: number): boolean {
  const start = tree.setStart[node]!;
  const end = tree.setStart[node + 1]!;
  if (start === end) {
    return value <= tree.threshold[node]! || (tree.missingTrue[node] === 1 && Number.isNaN(value));
  }
  for (let i = start; i < end; i++) if (tree.setCodes[i] === value) return true;
  return tree.missingTrue[node] === 1 && Number.isNaN(value);
}
