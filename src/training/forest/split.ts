import type { RankOrder } from "./rank-order.ts";

/** The best split of a node so far; overwritten by `Criterion.scan`. */
export interface BestSplit {
  /** −1 without a split. */
  feature: number;
  /** Rows of rank ≤ `lowerRank` go to the true child; `upperRank` is the next rank in the node. */
  lowerRank: number;
  upperRank: number;
  /** Purity of the children (see Criterion); −Infinity without a split. */
  score: number;
  /** True if the node has missing values of the feature. */
  hasMissing: boolean;
  /** True if they go to the true child. */
  isMissingTrue: boolean;
  /** In a split of categories, the number of ranks that go to the true child, the first of `set`, ascending. 0 for a split of numbers. */
  setSize: number;
  readonly set: Int32Array;
}

/** @param maxDistinct number of distinct values of the column with most */
export function createBestSplit(maxDistinct: number): BestSplit {
  return {
    feature: -1,
    lowerRank: 0,
    upperRank: 0,
    score: -Infinity,
    hasMissing: false,
    isMissingTrue: false,
    setSize: 0,
    set: new Int32Array(maxDistinct),
  };
}

/**
 * Measures how pure a node is. Purity is weight × (constant − impurity), summed over the parts of a split, so that
 * the most pure split has the least impurity (Breiman, Friedman, Olshen and Stone 1984), and the gain over the
 * parent is what a split adds to its feature's importance.
 */
export interface Criterion {
  /**
   * Loads the rows of a node, which the other methods refer to.
   *
   * @returns false if all rows have the same target: no split is possible
   */
  enter(samples: Int32Array, start: number, end: number): boolean;
  /** Purity of the whole node. */
  purity(): number;
  /**
   * Tries every cut between adjacent ranks and stores in `best` the first that is better than `best`. Each side keeps
   * at least `minSamplesLeaf` rows.
   */
  scan(
    order: RankOrder,
    count: number,
    minSamplesLeaf: number,
    feature: number,
    best: BestSplit,
  ): void;
  /** Calls back with each output of a leaf of this node and its weight, by ascending output. */
  vote(emit: (output: number, weight: number) => void): void;
}

/** Stores the cut after the row at `at` of a node's order in `best`. */
export function keepSplit(
  best: BestSplit,
  feature: number,
  score: number,
  ranks: RankOrder["ranks"],
  at: number,
): void {
  best.feature = feature;
  best.score = score;
  best.lowerRank = ranks[at]!;
  best.upperRank = ranks[at + 1]!;
  best.isMissingTrue = false;
  best.setSize = 0;
}

/**
 * A float32 number t with lower ≤ t < upper: the middle, or `lower` where the middle is not between them (neighbouring
 * float32 numbers, or a missing value above). So `x <= t` sends every training row where training put it.
 */
export function toThreshold(lower: number, upper: number): number {
  const middle = Math.fround(lower / 2 + upper / 2);
  return middle >= lower && middle < upper ? middle : lower;
}
