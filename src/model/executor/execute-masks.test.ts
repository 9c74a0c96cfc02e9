import { describe, expect, it } from "vitest";
import { createRandomCase } from "../../../test/support/random-ensemble.ts";
import type { TreeEnsemble } from "../tree-ensemble.ts";
import { toLayout, type ForestLayout } from "./execute-layout.ts";
import { createLeafMasks, type LeafMasks } from "./execute-masks.ts";
import { walkRow, walkRowWithMissing } from "./execute-walk.ts";

const ROWS = 40;

/** The leaf of each tree for each row, by masks and by walks. */
function findBothWays(
  ensemble: TreeEnsemble,
  { find, leaves, firstLeaf }: LeafMasks,
  rows: Float64Array,
): readonly [masks: Int32Array, walks: Int32Array] {
  const layout = toLayout(ensemble);
  const trees = ensemble.roots.length;
  const values = ensemble.inputType === "float" ? Float32Array.from(rows) : rows;
  const left = new Int32Array(trees);
  const masks = new Int32Array(ROWS * trees).fill(-1);
  const walks = new Int32Array(ROWS * trees).fill(-2);
  for (let r = 0; r < ROWS; r++) {
    const row = r * ensemble.features;
    find(values, row, left);
    for (const [tree, first] of firstLeaf.entries()) {
      masks[r * trees + tree] = leaves[first + Math.clz32(left[tree] ?? 0)] ?? -3;
    }
    if (layout.hasMissingLeft) walkRowWithMissing(layout, values, row, walks, r * trees);
    else walkRow(layout, values, row, walks, r * trees);
  }
  return [masks, walks];
}

describe("leaf masks", () => {
  it("reach the leaves that walks reach, whatever the tests, values and shapes", () => {
    let compared = 0;
    for (let seed = 0; seed < 1_500; seed++) {
      const { ensemble, rows } = createRandomCase(seed);
      const found = createLeafMasks(toLayout(ensemble), ensemble.features);
      if (found === undefined) continue;
      const [masks, walks] = findBothWays(ensemble, found, rows(ROWS));
      expect(masks, `seed ${seed}`).toEqual(walks);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(500);
  });

  it("take exactly the forests whose trees all have at most 32 leaves", () => {
    const most = { taken: 0, left: Number.POSITIVE_INFINITY };
    for (let seed = 0; seed < 400; seed++) {
      const shape = seed % 2 === 0 ? "chain" : "bushy";
      // A test of equality would share what lies behind it.
      const options = {
        shape,
        leaves: 31 + (seed % 5),
        trees: 2,
        features: 4,
        modes: [0],
      } as const;
      const layout = toLayout(
        createRandomCase(seed, { ...options, sharesChildren: false }).ensemble,
      );
      const leaves = Math.max(...Array.from(layout.roots, (root) => countLeaves(layout, root)));
      const isTaken = createLeafMasks(layout, 4) !== undefined;
      expect(isTaken, `seed ${seed}, ${leaves} leaves`).toBe(leaves <= 32);
      if (isTaken) most.taken = Math.max(most.taken, leaves);
      else most.left = Math.min(most.left, leaves);
    }
    expect(most).toEqual({ taken: 32, left: 33 });
  });

  it("leave forests on more than eight features, or with too many masks, to the walks", () => {
    const small = { modes: [0], sharesChildren: false, leaves: 20, shape: "bushy" } as const;
    const isTaken = (features: number, trees: number): boolean => {
      const { ensemble } = createRandomCase(1, { ...small, features, trees });
      return createLeafMasks(toLayout(ensemble), features) !== undefined;
    };
    expect([isTaken(8, 10), isTaken(9, 10), isTaken(8, 3_000)]).toEqual([true, false, false]);
  });
});

function countLeaves({ child }: ForestLayout, root: number): number {
  let leaves = 0;
  const open = [root];
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const left = child[at]!;
    if (left === at - 1) leaves += 1;
    else open.push(left, left + 1);
  }
  return leaves;
}
