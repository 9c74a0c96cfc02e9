import type { GrowingTarget } from "./growing-set.ts";
import type { GrownTree } from "./tree-builder.ts";

/** Estimate of the quality for new rows: each row is predicted by the trees that were not grown on it. */
export interface OutOfBag {
  /** Accuracy, or R²; null if every tree was grown on every row, or (R²) if all targets are equal. */
  readonly score: number | null;
  /** Rows that at least one tree was not grown on. */
  readonly rows: number;
}

/** Predictions of rows by a forest that was not grown on them, in the order of the rows. */
export type HeldOutPredictions =
  | {
      readonly task: "classification";
      /** Index of the predicted class. */
      readonly labels: Int32Array;
      /** Share of the predicted class in the votes. */
      readonly confidence: Float64Array;
    }
  | { readonly task: "regression"; readonly values: Float64Array };

/** Sums the votes of trees. Add them in tree order: the order of additions determines the last bits. */
export interface OutOfBagVotes {
  add(tree: GrownTree): void;
  score(): OutOfBag;
  predictions(): HeldOutPredictions;
}

/**
 * Computes with the numbers that the model stores, and rounds predictions as its output does: both are float32. A target that float32
 * cannot hold must not score better than the model predicts it.
 *
 * Memory: 8 bytes × rows × outputs.
 *
 * @param forest.trees number of trees of the forest
 * @param forest.centre value that was subtracted from a regression's targets
 */
export function createOutOfBagVotes(
  target: GrowingTarget,
  forest: { readonly trees: number; readonly centre: number },
): OutOfBagVotes {
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
        // As in assembleTrees.
        sums[at] = sums[at]! + Math.fround(tree.voteWeight[vote]! / forest.trees);
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
      if (trees[row] !== 0 && findWinner(row) === labels[row]) right++;
    }
    return right / rows;
  }

  function findWinner(row: number): number {
    const at = row * outputs;
    let winner = 0;
    for (let c = 1; c < outputs; c++) if (sums[at + c]! > sums[at + winner]!) winner = c;
    return winner;
  }

  function toValue(row: number): number {
    return Math.fround(forest.centre + (sums[row]! * forest.trees) / trees[row]!);
  }

  function predictions(): HeldOutPredictions {
    const rows = Int32Array.from(trees.keys()).filter((row) => trees[row] !== 0);
    if (target.task === "regression") {
      return { task: target.task, values: Float64Array.from(rows, toValue) };
    }
    const labels = rows.map(findWinner);
    const confidence = Float64Array.from(rows, (row, i) => {
      return (sums[row * outputs + labels[i]!]! * forest.trees) / trees[row]!;
    });
    return { task: target.task, labels, confidence };
  }

  function rSquared(values: Float64Array, rows: number): number | null {
    let sum = 0;
    for (let row = 0; row < count; row++) if (trees[row] !== 0) sum += values[row]!;
    const mean = sum / rows;
    const { centre } = forest;
    let unexplained = 0;
    let total = 0;
    for (let row = 0; row < count; row++) {
      if (trees[row] === 0) continue;
      const value = values[row]!;
      const predicted = toValue(row) - centre;
      unexplained += (value - predicted) ** 2;
      total += (value - mean) ** 2;
    }
    return total > 0 ? 1 - unexplained / total : null;
  }

  return { add, score, predictions };
}
