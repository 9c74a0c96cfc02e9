import { createRandom } from "../../kernel/random.ts";
import { drawBootstrap } from "./bootstrap.ts";
import type { ResolvedForestOptions } from "./options.ts";
import type { GrowingSet, GrowingTarget } from "./growing-set.ts";
import { createRankOrder } from "./rank-order.ts";
import { createGiniCriterion } from "./split-classes.ts";
import { createGroupSplitter } from "./split-groups.ts";
import { createVarianceCriterion } from "./split-values.ts";
import { createBestSplit, type Criterion, toThreshold } from "./split.ts";
import { createTreeBuilder, type GrownTree, type NodeTest } from "./tree-builder.ts";
import { FLOAT32_MAX } from "../../tabular/tabular.ts";

/** Grows the tree with a number: the same number gives the same tree in any order and thread. */
export type TreeGrower = (tree: number) => GrownTree;

/** Numbers per entry of the stack: first row, end, depth, parent (−1: none), and 1 for a true child. */
const ENTRY = 5;

/**
 * A tree of a random forest (Breiman, "Random forests", Machine Learning 45, 2001): grown on a bootstrap sample, each
 * node split on the best of `maxFeatures` features drawn at random. If none of them can split the node,
 * more are drawn until one can or none is left, as in scikit-learn.
 *
 * Missing numbers are tried on both sides of every cut. Categories are split by `createGroupSplitter`, with missing
 * values as one more category. What a node has not seen goes to its larger child: a category, and a missing value of a
 * column that has some elsewhere.
 *
 * The grower owns scratch memory, which every call reuses.
 */
export function createTreeGrower(set: GrowingSet, options: ResolvedForestOptions): TreeGrower {
  const { count, ranks, values, isCategory } = set.columns;
  const { maxDepth, maxFeatures, minSamplesLeaf, seed } = options;
  const features = ranks.length;
  const weights = new Int32Array(count);
  const samples = new Int32Array(count);
  const moved = new Int32Array(count);
  const untried = new Int32Array(features);
  const maxDistinct = values.reduce((most, { length }) => Math.max(most, length), 0);
  const order = createRankOrder(count, maxDistinct);
  const criterion = createCriterion(set.target, weights);
  const maxGroups = values.reduce(
    (most, { length }, f) => (isCategory[f] === true ? Math.max(most, length) : most),
    0,
  );
  const groups = createGroupSplitter(set.target, weights, maxGroups);
  const best = createBestSplit(maxDistinct);
  /** Rank of a missing value of each column; −1 without any. */
  const missingRanks = values.map(({ length }, f) =>
    Number.isNaN(values[f]![length - 1]) ? length - 1 : -1,
  );
  /** By rank: 1 if it goes to the true child of a split of categories. */
  const isMember = new Uint8Array(maxDistinct);

  function growTree(tree: number): GrownTree {
    const random = createRandom(seed, tree);
    const drawn = drawBootstrap(random, weights, samples);
    // Otherwise the tree would depend on the trees that this grower grew before.
    for (let f = 0; f < features; f++) untried[f] = f;
    const builder = createTreeBuilder(features);
    const stack: number[] = [0, drawn, 0, -1, 0];
    // Depth first, true child first: node numbers are in preorder.
    for (let top = 1; top > 0;) {
      const entry = --top * ENTRY;
      const start = stack[entry]!;
      const end = stack[entry + 1]!;
      const depth = stack[entry + 2]!;
      const node = builder.addNode(stack[entry + 3]!, stack[entry + 4] === 1);
      const splittable = criterion.enter(samples, start, end) && depth < maxDepth;
      if (!splittable || !findSplit(random.below, start, end)) {
        criterion.vote(builder.addVote);
        continue;
      }
      const middle = best.setSize > 0 ? partitionSet(start, end) : partition(start, end);
      const isLargerTrue = middle - start > end - middle;
      builder.setSplit(node, toTest(isLargerTrue), best.score - criterion.purity());
      const entries = [middle, end, depth + 1, node, 0, start, middle, depth + 1, node, 1];
      for (const [i, value] of entries.entries()) stack[entry + i] = value;
      top += 2;
    }
    const isOutOfBag = (row: number): boolean => weights[row] === 0;
    return builder.finish(tree, set.columns, isOutOfBag);
  }

  /** Fills `best`. Returns false if no feature can split the node. */
  function findSplit(below: (bound: number) => number, start: number, end: number): boolean {
    best.feature = -1;
    best.score = -Infinity;
    const size = end - start;
    if (size < 2 * minSamplesLeaf) return false;
    for (let tried = 0; tried < features; tried++) {
      if (tried >= maxFeatures && best.feature >= 0) break;
      const drawn = tried + below(features - tried);
      const feature = untried[drawn]!;
      untried[drawn] = untried[tried]!;
      untried[tried] = feature;
      const column = ranks[feature]!;
      if (isConstant(column, start, end)) continue;
      if (isCategory[feature] === true) {
        groups.scan(column, samples, start, end, minSamplesLeaf, feature, best);
        continue;
      }
      order.sort(column, values[feature]!.length, samples, start, end);
      criterion.scan(order, size, minSamplesLeaf, feature, best);
      const hasMissing = order.ranks[size - 1] === missingRanks[feature];
      if (hasMissing) scanMissingFirst(feature, size);
      if (best.feature === feature) best.hasMissing = hasMissing;
    }
    return best.feature >= 0;
  }

  function isConstant(column: Uint16Array | Uint32Array, start: number, end: number): boolean {
    const first = column[samples[start]!];
    for (let i = start + 1; i < end; i++) {
      if (column[samples[i]!] !== first) return false;
    }
    return true;
  }

  /** Tries every cut again, with missing values below all numbers. */
  function scanMissingFirst(feature: number, size: number): void {
    const missingRank = missingRanks[feature]!;
    const before = best.score;
    order.moveLastFirst(size);
    criterion.scan(order, size, minSamplesLeaf, feature, best);
    if (best.score === before) return;
    if (best.lowerRank >= 0) best.isMissingTrue = true;
    else {
      // Only missing values on one side: present ones go to the true child.
      best.lowerRank = missingRank - 1;
      best.upperRank = missingRank;
    }
  }

  /** Describes the best split. */
  function toTest(isLargerTrue: boolean): NodeTest {
    const { feature, lowerRank, upperRank, isMissingTrue, setSize } = best;
    const distinct = values[feature]!;
    const missingRank = missingRanks[feature]!;
    if (setSize > 0) {
      const members = Array.from(best.set.subarray(0, setSize));
      const codes = members.filter((rank) => rank !== missingRank).map((rank) => distinct[rank]!);
      // Without codes, missing values alone: no code is below the threshold.
      return { feature, threshold: -1, codes, isMissingTrue: codes.length < setSize };
    }
    const isCut = upperRank === missingRank;
    const threshold = isCut ? FLOAT32_MAX : toThreshold(distinct[lowerRank]!, distinct[upperRank]!);
    const isUnseen = missingRank >= 0 && !isCut && !best.hasMissing;
    return {
      feature,
      threshold,
      codes: [],
      isMissingTrue: isUnseen ? isLargerTrue : isMissingTrue,
    };
  }

  /** Moves rows of the true child to the front; both parts keep their order. @returns the start of the second part */
  function partition(start: number, end: number): number {
    const column = ranks[best.feature]!;
    const { lowerRank } = best;
    const missingRank = best.isMissingTrue ? missingRanks[best.feature]! : -1;
    let kept = start;
    let away = 0;
    for (let i = start; i < end; i++) {
      const row = samples[i]!;
      const rank = column[row]!;
      if (rank <= lowerRank || rank === missingRank) samples[kept++] = row;
      else moved[away++] = row;
    }
    for (let i = 0; i < away; i++) samples[kept + i] = moved[i]!;
    return kept;
  }

  /** As `partition`, for a split of categories. */
  function partitionSet(start: number, end: number): number {
    const column = ranks[best.feature]!;
    for (let i = 0; i < best.setSize; i++) isMember[best.set[i]!] = 1;
    let kept = start;
    let away = 0;
    for (let i = start; i < end; i++) {
      const row = samples[i]!;
      if (isMember[column[row]!] === 1) samples[kept++] = row;
      else moved[away++] = row;
    }
    for (let i = 0; i < away; i++) samples[kept + i] = moved[i]!;
    for (let i = 0; i < best.setSize; i++) isMember[best.set[i]!] = 0;
    return kept;
  }

  return growTree;
}

function createCriterion(target: GrowingTarget, weights: Int32Array): Criterion {
  return target.task === "classification"
    ? createGiniCriterion(target.labels, target.outputs, weights)
    : createVarianceCriterion(target.values, weights);
}
