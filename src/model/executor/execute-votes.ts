import type { TreeEnsemble } from "../tree-ensemble.ts";
import { toDenseWeights } from "./execute-dense.ts";
import type { ForestLayout } from "./execute-layout.ts";
import type { LeafMasks } from "./execute-masks.ts";

/**
 * Adds up the votes of the leaves that one row reached.
 *
 * @param reached leaf of each tree, from index `at` on
 * @param sums is filled with the sum (or least, or greatest weight) of each output's votes; of an output without a vote
 *   it may be anything
 * @param voted is filled with 1 for each output that got a vote, unless every row's answer is the same without
 */
export type VoteCounter = (
  reached: Int32Array,
  at: number,
  sums: Float64Array,
  voted: Uint8Array,
) => void;

/** Adds up the votes of the leaves that masks have left of each tree; see `LeafMasks` and `VoteCounter`. */
export type MaskVoteCounter = (left: Int32Array, sums: Float64Array, voted: Uint8Array) => void;

/** Counts votes as `createVoteCounter` does, with the same bits. */
export function createMaskVoteCounter(
  ensemble: TreeEnsemble,
  layout: ForestLayout,
  { leaves, firstLeaf }: LeafMasks,
): MaskVoteCounter {
  const trees = firstLeaf.length;
  const reached = new Int32Array(trees);
  const dense = toDenseWeights(ensemble, layout);
  if (dense?.stride !== 3) {
    const count = createVoteCounter(ensemble, layout);
    return (left, sums, voted) => {
      for (let tree = 0; tree < trees; tree++) {
        reached[tree] = leaves[firstLeaf[tree]! + Math.clz32(left[tree]!)]!;
      }
      count(reached, 0, sums, voted);
    };
  }
  // Two or three classes: the weights in the order of the leaves, so that no number of a leaf has to be looked up.
  const weights = new Float32Array(leaves.length * 3);
  for (const [at, leaf] of leaves.entries()) {
    weights.set(dense.weights.subarray(leaf * 3, leaf * 3 + 3), at * 3);
  }
  return (left, sums) => {
    let a = 0;
    let b = 0;
    let c = 0;
    for (let tree = 0; tree < trees; tree++) {
      const at = 3 * (firstLeaf[tree]! + Math.clz32(left[tree]!));
      a = Math.fround(a + weights[at]!);
      b = Math.fround(b + weights[at + 1]!);
      c = Math.fround(c + weights[at + 2]!);
    }
    sums[0] = a;
    sums[1] = b;
    sums[2] = c;
  };
}

/**
 * Votes are counted in the order of trees, as onnxruntime does, and for a float ensemble each addition is
 * rounded to float32.
 */
export function createVoteCounter(ensemble: TreeEnsemble, layout: ForestLayout): VoteCounter {
  const dense = toDenseWeights(ensemble, layout);
  if (dense === undefined) return createSparseCounter(ensemble, layout);
  const { weights, stride } = dense;
  const trees = ensemble.roots.length;
  return stride === 1
    ? createTargetCounter(weights, trees)
    : createDenseCounter(weights, stride, trees);
}

/** One output: a single regression target, or two classes of which one gets votes under the number 0. */
function createTargetCounter(weights: Float32Array, trees: number): VoteCounter {
  return (reached, at, sums) => {
    let sum = 0;
    for (let i = at; i < at + trees; i++) {
      sum = Math.fround(sum + weights[reached[i]!]!);
    }
    sums[0] = sum;
  };
}

/** Three outputs at a time: their additions don't wait for each other, which makes it three times as fast as one by one. */
function createDenseCounter(weights: Float32Array, stride: number, trees: number): VoteCounter {
  return (reached, at, sums) => {
    for (let output = 0; output < stride; output += 3) {
      let a = 0;
      let b = 0;
      let c = 0;
      for (let i = at; i < at + trees; i++) {
        const first = reached[i]! * stride + output;
        a = Math.fround(a + weights[first]!);
        b = Math.fround(b + weights[first + 1]!);
        c = Math.fround(c + weights[first + 2]!);
      }
      sums[output] = a;
      // Beyond the last output the stride is padding, and a write outside a typed array does nothing.
      sums[output + 1] = b;
      sums[output + 2] = c;
    }
  };
}

/** Any number of votes a leaf, for any outputs: about four times as slow. */
function createSparseCounter(ensemble: TreeEnsemble, { leaves }: ForestLayout): VoteCounter {
  const { voteOutput, aggregate } = ensemble;
  const isFloat = ensemble.inputType === "float";
  const voteWeight = isFloat ? ensemble.voteWeight.map(Math.fround) : ensemble.voteWeight;
  const start = leaves.map((node) => ensemble.voteStart[node]!);
  const end = leaves.map((node) => ensemble.voteStart[node + 1]!);
  const trees = ensemble.roots.length;
  const combine = toCombine(ensemble);
  // The first weight is added to 0, but is itself the least or greatest.
  const startsAtZero = aggregate === "SUM" || aggregate === "AVERAGE";

  return (reached, at, sums, voted) => {
    sums.fill(0);
    voted.fill(0);
    for (let i = at; i < at + trees; i++) {
      const leaf = reached[i]!;
      const last = end[leaf]!;
      for (let vote = start[leaf]!; vote < last; vote++) {
        const output = voteOutput[vote]!;
        const weight = voteWeight[vote]!;
        const isFirst = !startsAtZero && voted[output] === 0;
        sums[output] = isFirst ? weight : combine(sums[output]!, weight);
        voted[output] = 1;
      }
    }
  };
}

/** A comparison with NaN is false, so the earlier of two weights stays. */
function toCombine(ensemble: TreeEnsemble): (sum: number, weight: number) => number {
  switch (ensemble.aggregate) {
    case "MIN":
      return (sum, weight) => (weight < sum ? weight : sum);
    case "MAX":
      return (sum, weight) => (weight > sum ? weight : sum);
    case "SUM":
    case "AVERAGE":
      return ensemble.inputType === "float"
        ? (sum, weight) => Math.fround(sum + weight)
        : (sum, weight) => sum + weight;
  }
}
