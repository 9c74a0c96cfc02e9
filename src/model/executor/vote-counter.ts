import type { Aggregate, TreeEnsemble } from "../tree-ensemble.ts";
import { toDenseWeights, type DenseWeights } from "./dense-weights.ts";
import type { ForestLayout } from "./forest-layout.ts";
import type { LeafMaskTables } from "./leaf-masks.ts";

/**
 * Adds up the votes of the leaves that one row reached.
 *
 * @param reached leaf of each tree, from index `at` on
 * @param sums receives the sum (or the minimum, or the maximum) of the votes for each output; any number for an output
 *   without a vote
 * @param voted receives 1 for each output with a vote; unchanged where predictions do not depend on it
 */
export type VoteCounter = (
  reached: Int32Array,
  at: number,
  sums: Float64Array,
  voted: Uint8Array,
) => void;

/** Adds up the votes of the leaves that masks found in each tree; see `LeafMasks` and `VoteCounter`. */
export type MaskVoteCounter = (
  remaining: Int32Array,
  sums: Float64Array,
  voted: Uint8Array,
) => void;

/** The votes of an ensemble's leaves, in the form that its counter reads; can be sent to another thread. */
export type VoteTables =
  | {
      /** Up to three outputs: the weights of the leaves in the order of the masks, three for each. */
      readonly kind: "masked";
      readonly weights: Float32Array;
    }
  | ({ readonly kind: "dense" } & DenseWeights)
  | {
      readonly kind: "sparse";
      readonly voteOutput: Int32Array;
      readonly voteWeight: Float64Array;
      /** By leaf number: its first vote, and the first vote after it. */
      readonly start: Int32Array;
      readonly end: Int32Array;
      readonly aggregate: Aggregate;
      readonly isFloat: boolean;
    };

/** Creates the tables of an ensemble. @param masks undefined if rows walk down the trees */
export function toVoteTables(
  ensemble: TreeEnsemble,
  layout: ForestLayout,
  masks: LeafMaskTables | undefined,
): VoteTables {
  const dense = toDenseWeights(ensemble, layout);
  if (dense === undefined) return toSparseVotes(ensemble, layout);
  if (masks === undefined || dense.stride !== 3) return { kind: "dense", ...dense };
  // Two or three classes: the weights are sorted like the leaves of the masks, which saves the lookup of leaf numbers.
  const { leaves } = masks;
  const weights = new Float32Array(leaves.length * 3);
  for (const [at, leaf] of leaves.entries()) {
    weights.set(dense.weights.subarray(leaf * 3, leaf * 3 + 3), at * 3);
  }
  return { kind: "masked", weights };
}

function toSparseVotes(ensemble: TreeEnsemble, { leaves }: ForestLayout): VoteTables {
  const { voteStart, voteOutput, voteWeight, aggregate } = ensemble;
  const isFloat = ensemble.inputType === "float";
  return {
    kind: "sparse",
    voteOutput,
    voteWeight: isFloat ? voteWeight.map(Math.fround) : voteWeight,
    start: leaves.map((node) => voteStart[node]!),
    end: leaves.map((node) => voteStart[node + 1]!),
    aggregate,
    isFloat,
  };
}

/** Creates a counter that returns the same bits as that of `createVoteCounter`. */
export function createMaskVoteCounter(
  tables: VoteTables,
  { leaves, firstLeaf, trees }: LeafMaskTables,
): MaskVoteCounter {
  if (tables.kind !== "masked") {
    const reached = new Int32Array(trees);
    const count = createVoteCounter(tables, trees);
    return (remaining, sums, voted) => {
      for (let tree = 0; tree < trees; tree++) {
        reached[tree] = leaves[firstLeaf[tree]! + Math.clz32(remaining[tree]!)]!;
      }
      count(reached, 0, sums, voted);
    };
  }
  const { weights } = tables;
  return (remaining, sums) => {
    let a = 0;
    let b = 0;
    let c = 0;
    for (let tree = 0; tree < trees; tree++) {
      const at = 3 * (firstLeaf[tree]! + Math.clz32(remaining[tree]!));
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
 * Creates a counter that adds votes in the order of the trees, as onnxruntime does, and rounds each addition to float32
 * for a float ensemble.
 */
export function createVoteCounter(
  tables: Exclude<VoteTables, { readonly kind: "masked" }>,
  trees: number,
): VoteCounter {
  if (tables.kind === "sparse") return createSparseCounter(tables, trees);
  const { weights, stride } = tables;
  return stride === 1
    ? createTargetCounter(weights, trees)
    : createDenseCounter(weights, stride, trees);
}

/** Creates a counter for one output: a single regression target, or two classes with votes for output 0. */
function createTargetCounter(weights: Float32Array, trees: number): VoteCounter {
  return (reached, at, sums) => {
    let sum = 0;
    for (let i = at; i < at + trees; i++) {
      sum = Math.fround(sum + weights[reached[i]!]!);
    }
    sums[0] = sum;
  };
}

/**
 * Creates a counter that handles three outputs at a time: their additions are independent, which makes it three times as
 * fast as one output at a time.
 */
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
      // The stride is padded, and a write beyond the end of a typed array has no effect.
      sums[output + 1] = b;
      sums[output + 2] = c;
    }
  };
}

/** Creates a counter for any number of votes per leaf and any outputs; about four times as slow. */
function createSparseCounter(
  tables: Extract<VoteTables, { readonly kind: "sparse" }>,
  trees: number,
): VoteCounter {
  const { voteOutput, voteWeight, start, end, aggregate } = tables;
  const combine = toCombine(tables);
  // Sums start at 0; a minimum or maximum starts at the first weight.
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

/** Returns the function that combines votes. A comparison with NaN is false, so the earlier of two weights is kept. */
function toCombine({
  aggregate,
  isFloat,
}: Extract<VoteTables, { readonly kind: "sparse" }>): (sum: number, weight: number) => number {
  switch (aggregate) {
    case "MIN":
      return (sum, weight) => (weight < sum ? weight : sum);
    case "MAX":
      return (sum, weight) => (weight > sum ? weight : sum);
    case "SUM":
    case "AVERAGE":
      return isFloat ? (sum, weight) => Math.fround(sum + weight) : (sum, weight) => sum + weight;
  }
}
