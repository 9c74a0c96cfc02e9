import type { RankOrder } from "./rank-order.ts";

/** The best split of a node so far; overwritten by `Criterion.scan`. */
export interface BestSplit {
  /** −1: none. */
  feature: number;
  /** Rows of rank ≤ `lowerRank` go to the true child; `upperRank` is the next rank in the node. */
  lowerRank: number;
  upperRank: number;
  /** The children's purity (see Criterion); −Infinity for none. */
  score: number;
}

/**
 * Measures how pure a node is. Purity is weight × (constant − impurity), summed over the parts of a split, so that
 * the most pure split has the least impurity (Breiman, Friedman, Olshen and Stone 1984), and the gain over the
 * parent is what a split adds to its feature's importance.
 */
export interface Criterion {
  /**
   * Takes the rows of a node in; the other methods speak of this node.
   *
   * @returns false when all rows have the same target: there is nothing to split
   */
  enter(samples: Int32Array, start: number, end: number): boolean;
  /** Purity of the node as a whole. */
  purity(): number;
  /**
   * Tries every cut between neighbouring ranks and keeps in `best` the first that is better than `best.score`.
   * Each side keeps at least `minSamplesLeaf` rows.
   */
  scan(
    order: RankOrder,
    count: number,
    minSamplesLeaf: number,
    feature: number,
    best: BestSplit,
  ): void;
  /** Calls back with each output that a leaf of this node votes for, and its weight, by ascending output. */
  vote(emit: (output: number, weight: number) => void): void;
}

/** Puts the cut behind the row at `at` of a node's order into `best`. */
export function keepSplit(
  best: BestSplit,
  feature: number,
  score: number,
  ranks: RankOrder["ranks"],
  at: number,
): void {
  best.feature = feature;
  best.score = score;
  best.lowerRank = ranks[at] as number;
  best.upperRank = ranks[at + 1] as number;
}

/**
 * A float32 number t with lower ≤ t < upper: the middle, or `lower` where the middle is not between them (neighbouring
 * float32 numbers, or a missing value above). So `x <= t` sends every training row where training put it.
 */
export function toThreshold(lower: number, upper: number): number {
  const middle = Math.fround(lower / 2 + upper / 2);
  return middle >= lower && middle < upper ? middle : lower;
}
