import { keepSplit, type BestSplit, type Criterion } from "./split.ts";
import type { RankOrder } from "./rank-order.ts";

/**
 * Gini impurity. Purity of a part with class weights k is Σk² / Σk. Moving one row across the cut changes the sums of
 * squares by a term of its own class alone, so a scan takes the same time for any number of classes.
 *
 * @param labels class of each row
 * @param weights number of draws of each row; read at each `enter`
 */
export function createGiniCriterion(
  labels: Int32Array,
  classes: number,
  weights: Int32Array,
): Criterion {
  const total = new Float64Array(classes);
  const left = new Float64Array(classes);
  let nodeWeight = 0;
  let nodeSquares = 0;

  function enter(samples: Int32Array, start: number, end: number): boolean {
    total.fill(0);
    let weightSum = 0;
    for (let i = start; i < end; i++) {
      const row = samples[i]!;
      const label = labels[row]!;
      const weight = weights[row]!;
      total[label] = total[label]! + weight;
      weightSum += weight;
    }
    let squares = 0;
    for (let c = 0; c < classes; c++) squares += total[c]! ** 2;
    nodeWeight = weightSum;
    nodeSquares = squares;
    // Integers below 2⁵³: exact.
    return squares !== weightSum * weightSum;
  }

  function purity(): number {
    return nodeSquares / nodeWeight;
  }

  function scan(
    order: RankOrder,
    count: number,
    minSamplesLeaf: number,
    feature: number,
    best: BestSplit,
  ): void {
    const { rows, ranks } = order;
    left.fill(0);
    let leftWeight = 0;
    let leftSquares = 0;
    let rightSquares = nodeSquares;
    let bestScore = best.score;
    let bestAt = -1;
    let rank = ranks[0]!;
    const last = count - minSamplesLeaf;
    for (let i = 0; i < last; i++) {
      const row = rows[i]!;
      const label = labels[row]!;
      const weight = weights[row]!;
      const before = left[label]!;
      const remaining = total[label]! - before;
      leftSquares += weight * (before + before + weight);
      rightSquares -= weight * (remaining + remaining - weight);
      left[label] = before + weight;
      leftWeight += weight;
      const nextRank = ranks[i + 1]!;
      if (nextRank === rank) continue;
      rank = nextRank;
      if (i + 1 < minSamplesLeaf) continue;
      const score = leftSquares / leftWeight + rightSquares / (nodeWeight - leftWeight);
      if (score > bestScore) {
        bestScore = score;
        bestAt = i;
      }
    }
    if (bestAt >= 0) keepSplit(best, feature, bestScore, ranks, bestAt);
  }

  function vote(emit: (output: number, weight: number) => void): void {
    for (let c = 0; c < classes; c++) {
      const weight = total[c]!;
      if (weight > 0) emit(c, weight / nodeWeight);
    }
  }

  return { enter, purity, scan, vote };
}
