import { keepSplit, type BestSplit, type Criterion } from "./split.ts";
import type { RankOrder } from "./rank-order.ts";

/**
 * Variance. Purity of a part with weights w and targets y is (Σwy)² / Σw.
 *
 * @param values target of each row, centred near 0 so that the squares lose no digits
 * @param weights number of draws of each row; read at each `enter`
 */
export function createVarianceCriterion(values: Float64Array, weights: Int32Array): Criterion {
  let nodeWeight = 0;
  let nodeSum = 0;

  function enter(samples: Int32Array, start: number, end: number): boolean {
    const first = values[samples[start]!]!;
    let mixed = false;
    nodeWeight = 0;
    nodeSum = 0;
    for (let i = start; i < end; i++) {
      const row = samples[i]!;
      const value = values[row]!;
      const weight = weights[row]!;
      if (value !== first) mixed = true;
      nodeWeight += weight;
      nodeSum += weight * value;
    }
    return mixed;
  }

  function purity(): number {
    return (nodeSum * nodeSum) / nodeWeight;
  }

  function scan(
    order: RankOrder,
    count: number,
    minSamplesLeaf: number,
    feature: number,
    best: BestSplit,
  ): void {
    const { rows, ranks } = order;
    let leftWeight = 0;
    let leftSum = 0;
    let bestScore = best.score;
    let bestAt = -1;
    let rank = ranks[0]!;
    const last = count - minSamplesLeaf;
    for (let i = 0; i < last; i++) {
      const row = rows[i]!;
      const weight = weights[row]!;
      leftWeight += weight;
      leftSum += weight * values[row]!;
      const nextRank = ranks[i + 1]!;
      if (nextRank === rank) continue;
      rank = nextRank;
      if (i + 1 < minSamplesLeaf) continue;
      const rightSum = nodeSum - leftSum;
      const score =
        (leftSum * leftSum) / leftWeight + (rightSum * rightSum) / (nodeWeight - leftWeight);
      if (score > bestScore) {
        bestScore = score;
        bestAt = i;
      }
    }
    if (bestAt >= 0) keepSplit(best, feature, bestScore, ranks, bestAt);
  }

  function vote(emit: (output: number, weight: number) => void): void {
    emit(0, nodeSum / nodeWeight);
  }

  return { enter, purity, scan, vote };
}
