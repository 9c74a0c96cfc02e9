import { describe, expect, it } from "vitest";
import { createRandomCase } from "../../../test/support/random-ensemble.ts";
import type { TreeEnsemble } from "../tree-ensemble.ts";
import { toLayout, type ForestLayout } from "./forest-layout.ts";
import { createLeafMasks, toLeafMaskTables, type LeafMaskTables } from "./leaf-masks.ts";
import { walkRow, walkRowWithMissing } from "./walk.ts";

const ROWS = 40;

/** Returns the leaf of each tree for each row, by masks and by walks. */
function findBothWays(
  ensemble: TreeEnsemble,
  tables: LeafMaskTables,
  rows: Float64Array,
): readonly [masks: Int32Array, walks: Int32Array] {
  const { find, leaves, firstLeaf } = createLeafMasks(tables);
  const layout = toLayout(ensemble);
  const trees = ensemble.roots.length;
  const values = ensemble.inputType === "float" ? Float32Array.from(rows) : rows;
  const remaining = new Int32Array(trees);
  const masks = new Int32Array(ROWS * trees).fill(-1);
  const walks = new Int32Array(ROWS * trees).fill(-2);
  for (let r = 0; r < ROWS; r++) {
    const row = r * ensemble.features;
    find(values, row, remaining);
    for (const [tree, first] of firstLeaf.entries()) {
      masks[r * trees + tree] = leaves[first + Math.clz32(remaining[tree]!)] ?? -3;
    }
    if (layout.hasMissingLeft) walkRowWithMissing(layout, values, row, walks, r * trees);
    else walkRow(layout, values, row, walks, r * trees);
  }
  return [masks, walks];
}

describe("leaf masks", () => {
  it("reach the same leaves as walks, for any tests, values and shapes", () => {
    let compared = 0;
    for (let seed = 0; seed < 1_500; seed++) {
      const { ensemble, rows } = createRandomCase(seed);
      const found = toLeafMaskTables(toLayout(ensemble), ensemble.features);
      if (found === undefined) continue;
      const [masks, walks] = findBothWays(ensemble, found, rows(ROWS));
      expect(masks, `seed ${seed}`).toEqual(walks);
      compared += 1;
    }
    expect(compared).toBeGreaterThan(500);
  });

  it("exist exactly for forests whose trees all have at most 32 leaves", () => {
    const most = { withMasks: 0, without: Number.POSITIVE_INFINITY };
    for (let seed = 0; seed < 400; seed++) {
      const shape = seed % 2 === 0 ? "chain" : "bushy";
      // A test of equality would share its descendants.
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
      const hasMasks = toLeafMaskTables(layout, 4) !== undefined;
      expect(hasMasks, `seed ${seed}, ${leaves} leaves`).toBe(leaves <= 32);
      if (hasMasks) most.withMasks = Math.max(most.withMasks, leaves);
      else most.without = Math.min(most.without, leaves);
    }
    expect(most).toEqual({ withMasks: 32, without: 33 });
  });

  it("do not exist for forests on more than eight features, or with too many masks", () => {
    const small = { modes: [0], sharesChildren: false, leaves: 20, shape: "bushy" } as const;
    const hasMasks = (features: number, trees: number): boolean => {
      const { ensemble } = createRandomCase(1, { ...small, features, trees });
      return toLeafMaskTables(toLayout(ensemble), features) !== undefined;
    };
    expect([hasMasks(8, 10), hasMasks(9, 10), hasMasks(8, 3_000)]).toEqual([true, false, false]);
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
