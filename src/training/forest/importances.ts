import type { GrownTree } from "./tree-builder.ts";

/** Mean decrease in impurity (Breiman 2001). Add trees in tree order: the order determines the last bits. */
export interface Importances {
  add(tree: Pick<GrownTree, "gains">): void;
  /** Per feature, summing to 1; all 0 if no split of any tree reduced the impurity. */
  shares(): Float64Array;
}

export function createImportances(features: number): Importances {
  const sums = new Float64Array(features);

  /** Each tree has the same weight, as in scikit-learn. */
  function add({ gains }: Pick<GrownTree, "gains">): void {
    const whole = gains.reduce((sum, gain) => sum + gain, 0);
    if (whole === 0) return;
    for (const [f, gain] of gains.entries()) sums[f] = sums[f]! + gain / whole;
  }

  function shares(): Float64Array {
    const whole = sums.reduce((sum, share) => sum + share, 0);
    return whole === 0 ? sums.slice() : sums.map((share) => share / whole);
  }

  return { add, shares };
}
