import type { GrowingTarget } from "./grow-tree.ts";
import type { GrownTree } from "./tree-builder.ts";

/** Estimate of the quality for new rows: each row is predicted by the trees that were not grown on it. */
export interface OutOfBag {
  /** Accuracy, or R²; null if every tree was grown on every row, or (R²) if all targets are equal. */
  readonly score: number | null;
  /** Rows that at least one tree was not grown on. */
  readonly rows: number;
}

/** Sums the votes of trees. Add them in tree order: the order of additions determines the last bits. */
export interface OutOfBagVotes {
  add(tree: GrownTree): void;
  score(): OutOfBag;
}

/** Memory: 8 bytes × rows × outputs. */
export function createOutOfBagVotes(target: GrowingTarget): OutOfBagVotes {
  const outputs = target.task === "classification" ? target.outputs : 1;
  const count = (target.task === "classification" ? target.labels : target.values).length;
  const sums = new Float64Array(count * outputs);
  const trees = new Int32Array(count);

  function add(tree: GrownTree): void {
    for (let row = 0; row < count; row++) {
      const leaf = tree.outOfBagLeaf[row]!;
      if (leaf < 0) continue;
      trees[row] = trees[row]! + 1;
      const end = tree.voteStart[leaf + 1]!;
      for (let vote = tree.voteStart[leaf]!; vote < end; vote++) {
        const at = row * outputs + tree.voteOutput[vote]!;
        sums[at] = sums[at]! + tree.voteWeight[vote]!;
      }
    }
  }

  function score(): OutOfBag {
    const rows = trees.reduce((judged, n) => judged + (n > 0 ? 1 : 0), 0);
    if (rows === 0) return { score: null, rows };
    return {
      score:
        target.task === "classification"
          ? accuracy(target.labels, rows)
          : rSquared(target.values, rows),
      rows,
    };
  }

  function accuracy(labels: Int32Array, rows: number): number {
    let right = 0;
    for (let row = 0; row < count; row++) {
      if (trees[row] === 0) continue;
      let winner = 0;
      for (let c = 1; c < outputs; c++) {
        const at = row * outputs;
        if (sums[at + c]! > sums[at + winner]!) winner = c;
      }
      if (winner === labels[row]) right++;
    }
    return right / rows;
  }

  function rSquared(values: Float64Array, rows: number): number | null {
    let sum = 0;
    for (let row = 0; row < count; row++) if (trees[row] !== 0) sum += values[row]!;
    const mean = sum / rows;
    let unexplained = 0;
    let total = 0;
    for (let row = 0; row < count; row++) {
      const n = trees[row]!;
      if (n === 0) continue;
      const value = values[row]!;
      unexplained += (value - sums[row]! / n) ** 2;
      total += (value - mean) ** 2;
    }
    return total > 0 ? 1 - unexplained / total : null;
  }

  return { add, score };
}
