import { createRandom } from "../../kernel/random.ts";
import { drawBootstrap } from "./bootstrap.ts";
import type { ResolvedForestOptions } from "./options.ts";
import { createRankOrder } from "./rank-order.ts";
import type { RankedColumns } from "./ranked-columns.ts";
import { createGiniCriterion } from "./split-classes.ts";
import { createVarianceCriterion } from "./split-values.ts";
import { type BestSplit, type Criterion, toThreshold } from "./split.ts";
import { createTreeBuilder, type GrownTree } from "./tree-builder.ts";

/** The target in the form that splits need. */
export type GrowingTarget =
  | {
      readonly task: "classification";
      readonly labels: Int32Array;
      /** Number of classes. */
      readonly outputs: number;
    }
  | {
      readonly task: "regression";
      /** Centered near 0. */
      readonly values: Float64Array;
    };

/** All inputs of a thread. Can be posted to a worker, which then shares the memory. */
export interface GrowingSet {
  readonly columns: RankedColumns;
  readonly target: GrowingTarget;
}

/** Grows the tree with a number: the same number gives the same tree in any order and thread. */
export type TreeGrower = (tree: number) => GrownTree;

/** Numbers per entry of the stack: first row, end, depth, parent (−1: none), and 1 for a true child. */
const ENTRY = 5;

/**
 * A tree of a random forest (Breiman, "Random forests", Machine Learning 45, 2001): grown on a bootstrap sample, each
 * node split on the best of `maxFeatures` features drawn at random. If none of them can split the node,
 * more are drawn until one can or none is left, as in scikit-learn.
 *
 * The grower owns scratch memory, which every call reuses.
 */
export function createTreeGrower(set: GrowingSet, options: ResolvedForestOptions): TreeGrower {
  const { count, ranks, values } = set.columns;
  const { maxDepth, maxFeatures, minSamplesLeaf, seed } = options;
  const features = ranks.length;
  const weights = new Int32Array(count);
  const samples = new Int32Array(count);
  const moved = new Int32Array(count);
  const untried = new Int32Array(features);
  const order = createRankOrder(count, Math.max(...values.map((distinct) => distinct.length)));
  const criterion = createCriterion(set.target, weights);
  const best: BestSplit = { feature: -1, lowerRank: 0, upperRank: 0, score: -Infinity };

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
      const { feature, lowerRank, upperRank } = best;
      const distinct = values[feature]!;
      const threshold = toThreshold(distinct[lowerRank]!, distinct[upperRank]!);
      builder.setSplit(node, feature, threshold, best.score - criterion.purity());
      const middle = partition(ranks[feature]!, lowerRank, start, end);
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
      order.sort(column, values[feature]!.length, samples, start, end);
      criterion.scan(order, size, minSamplesLeaf, feature, best);
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

  /** Moves rows of rank ≤ `lowerRank` to the front; both parts keep their order. @returns the start of the second part */
  function partition(
    column: Uint16Array | Uint32Array,
    lowerRank: number,
    start: number,
    end: number,
  ): number {
    let kept = start;
    let away = 0;
    for (let i = start; i < end; i++) {
      const row = samples[i]!;
      if (column[row]! <= lowerRank) samples[kept++] = row;
      else moved[away++] = row;
    }
    for (let i = 0; i < away; i++) samples[kept + i] = moved[i]!;
    return kept;
  }

  return growTree;
}

function createCriterion(target: GrowingTarget, weights: Int32Array): Criterion {
  return target.task === "classification"
    ? createGiniCriterion(target.labels, target.outputs, weights)
    : createVarianceCriterion(target.values, weights);
}
