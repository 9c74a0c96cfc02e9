import { LEAF, type TreeEnsemble } from "../tree-ensemble.ts";
import type { ForestLayout } from "./forest-layout.ts";

/** A table of votes: each leaf has a weight for every output, 0 where it has no vote. */
export interface DenseWeights {
  /** The weight of leaf l for output k is at l × stride + k. */
  readonly weights: Float32Array;
  /** 1 for one output; otherwise the number of outputs, rounded up to a multiple of three. */
  readonly stride: number;
}

/** Up to this stride a table is faster than lists of votes, even when each leaf has only one vote. */
const SMALL_STRIDE = 12;

/**
 * Creates the table. Returns undefined when predictions of the ensemble need more than sums of its entries, and when most
 * entries would be 0. To add the 0 of an absent vote changes no bit of a sum that started at 0.
 */
export function toDenseWeights(
  ensemble: TreeEnsemble,
  { leaves }: ForestLayout,
): DenseWeights | undefined {
  const { voteStart, voteOutput, voteWeight, aggregate } = ensemble;
  if (ensemble.inputType !== "float" || aggregate === "MIN" || aggregate === "MAX")
    return undefined;
  if (!isVotedRedundant(ensemble)) return undefined;

  const width = voteOutput.reduce((most, output) => Math.max(most, output), 0) + 1;
  const stride = width === 1 ? 1 : Math.ceil(width / 3) * 3;
  if (stride > SMALL_STRIDE && stride * leaves.length > 2 * voteOutput.length) return undefined;
  const weights = new Float32Array(leaves.length * stride);
  const lastVoter = new Int32Array(width).fill(-1);
  for (const [leaf, node] of leaves.entries()) {
    const end = voteStart[node + 1]!;
    for (let vote = voteStart[node]!; vote < end; vote++) {
      const output = voteOutput[vote]!;
      // Two votes of a leaf for one output are rounded one after the other.
      if (lastVoter[output] === leaf) return undefined;
      lastVoter[output] = leaf;
      weights[leaf * stride + output] = voteWeight[vote]!;
    }
  }
  return { weights, stride };
}

/**
 * Returns true if predictions are the same when each output that any leaf votes for is treated as voted for in every row.
 * An output without a vote differs in three ways: it cannot be the label, it gets no base value, and with two classes its
 * scores are computed differently.
 */
function isVotedRedundant(ensemble: TreeEnsemble): boolean {
  const { task, outputs, voteWeight, baseValues } = ensemble;
  if (getsVotesInEveryRow(ensemble)) return true;
  const hasBase = baseValues.length > 0;
  if (task === "regression") return !hasBase;
  if (outputs === 2) return false;
  // A base value replaces a vote. But −0 stays −0 without a vote, and becomes 0 after a vote of 0.
  if (hasBase) return !baseValues.some((value) => Object.is(value, -0));
  // A sum of 0 cannot be the greatest if another class gets a positive vote.
  return everyLeafVotes(ensemble) && voteWeight.every((weight) => weight > 0);
}

/** Returns true if each output with votes has a tree whose leaves all vote for it. */
function getsVotesInEveryRow(ensemble: TreeEnsemble): boolean {
  const { roots, mode, voteStart, voteOutput } = ensemble;
  const isSafe = new Uint8Array(ensemble.outputs);
  const voters = new Int32Array(ensemble.outputs);
  const lastVoter = new Int32Array(ensemble.outputs);
  for (const [tree, root] of roots.entries()) {
    const end = roots[tree + 1] ?? mode.length;
    const firstVote = voteStart[root]!;
    const lastVote = voteStart[end]!;
    let leaves = 0;
    // Only the counters of this tree's outputs are cleared: to clear all of them for each tree would take quadratic time.
    for (let vote = firstVote; vote < lastVote; vote++) {
      voters[voteOutput[vote]!] = 0;
      lastVoter[voteOutput[vote]!] = -1;
    }
    for (let node = root; node < end; node++) {
      if (mode[node] !== LEAF) continue;
      leaves++;
      const nodeEnd = voteStart[node + 1]!;
      for (let vote = voteStart[node]!; vote < nodeEnd; vote++) {
        const output = voteOutput[vote]!;
        if (lastVoter[output] === node) continue;
        lastVoter[output] = node;
        voters[output]! += 1;
      }
    }
    for (let vote = firstVote; vote < lastVote; vote++) {
      const output = voteOutput[vote]!;
      if (voters[output] === leaves) isSafe[output] = 1;
    }
  }
  return voteOutput.every((output) => isSafe[output] === 1);
}

function everyLeafVotes({ mode, voteStart }: TreeEnsemble): boolean {
  return mode.every(
    (nodeMode, node) => nodeMode !== LEAF || voteStart[node + 1]! > voteStart[node]!,
  );
}
