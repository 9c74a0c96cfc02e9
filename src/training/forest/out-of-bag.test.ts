import { expect, it } from "vitest";
import { createOutOfBagVotes } from "./out-of-bag.ts";
import type { GrownTree } from "./tree-builder.ts";

/** Creates a tree of two leaves with one vote each. */
function createTree(
  outOfBagLeaf: readonly number[],
  outputs: readonly number[],
  weights: readonly number[],
): GrownTree {
  return {
    tree: 0,
    feature: Int32Array.of(-1, -1),
    threshold: new Float32Array(2),
    missingTrue: new Uint8Array(2),
    setStart: new Int32Array(3),
    setCodes: new Float32Array(0),
    trueChild: new Int32Array(2),
    falseChild: new Int32Array(2),
    voteStart: Int32Array.of(0, 1, 2),
    voteOutput: Int32Array.from(outputs),
    voteWeight: Float64Array.from(weights),
    gains: new Float64Array(1),
    outOfBagLeaf: Int32Array.from(outOfBagLeaf),
  };
}

const NEAR_ZERO = { trees: 2, centre: 0 };

it("is the accuracy of the trees that were not grown on a row", () => {
  const labels = Int32Array.of(0, 1, 1, 0);
  const votes = createOutOfBagVotes({ task: "classification", labels, outputs: 2 }, NEAR_ZERO);
  expect(votes.score()).toEqual({ score: null, rows: 0 });
  votes.add(createTree([0, 0, -1, -1], [0, 1], [0.6, 0.9]));
  expect(votes.score()).toEqual({ score: 0.5, rows: 2 });
  votes.add(createTree([0, 1, 0, -1], [0, 1], [0.6, 0.9]));
  // Row 2 was only predicted as class 0; row 3 never.
  expect(votes.score()).toEqual({ score: 2 / 3, rows: 3 });
});

it("is the R² of the mean of the trees that were not grown on a row", () => {
  const values = Float64Array.of(-1, 0, 4, 100);
  const votes = createOutOfBagVotes({ task: "regression", values }, NEAR_ZERO);
  votes.add(createTree([0, 0, 1, -1], [0, 0], [-1, 4]));
  votes.add(createTree([-1, 1, 1, -1], [0, 0], [-1, 2]));
  // Predictions −1, .5, 3; the mean of the targets is 1.
  expect(votes.score()).toEqual({ score: 1 - 1.25 / 14, rows: 3 });
});

it("is the R² of the float32 numbers that the model stores and predicts", () => {
  // Targets of 1e9 + n: float32 has only multiples of 64 there.
  const values = Float64Array.of(-20, 20, 40);
  const votes = createOutOfBagVotes({ task: "regression", values }, { trees: 1, centre: 1e9 });
  votes.add(createTree([0, 1, 1], [0, 0], [-20, 30]));
  // Predictions 1e9, and 1e9 twice again: 30 rounds to 0.
  const unexplained = 20 ** 2 + 20 ** 2 + 40 ** 2;
  const mean = 40 / 3;
  const total = (-20 - mean) ** 2 + (20 - mean) ** 2 + (40 - mean) ** 2;
  expect(votes.score()).toEqual({ score: 1 - unexplained / total, rows: 3 });
});
