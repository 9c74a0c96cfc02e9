import type { ForestLayout } from "./forest-layout.ts";

/**
 * The inner loops of the executor: walks of rows down to leaves.
 *
 * Four walks step together, because a single one waits for memory at each step: measured, this takes half the time on
 * forests of 100 trees with 185 leaves. The negation of `<=` sends NaN to the right, the false branch of ONNX; only the
 * slower walk for rows with missing values reads `missingLeft`.
 */

/** Fills `reached[at + tree]` with the leaf of each tree for the row that starts at `row`. */
export function walkRow(
  layout: ForestLayout,
  values: Float32Array | Float64Array,
  row: number,
  reached: Int32Array,
  at: number,
): void {
  const { roots, child, feature, threshold, leaf } = layout;
  const trees = roots.length;
  let tree = 0;
  for (; tree + 3 < trees; tree += 4) {
    let a = roots[tree]!;
    let b = roots[tree + 1]!;
    let c = roots[tree + 2]!;
    let d = roots[tree + 3]!;
    let underWay: number;
    do {
      a = child[a]! + +!(values[row + feature[a]!]! <= threshold[a]!);
      b = child[b]! + +!(values[row + feature[b]!]! <= threshold[b]!);
      c = child[c]! + +!(values[row + feature[c]!]! <= threshold[c]!);
      d = child[d]! + +!(values[row + feature[d]!]! <= threshold[d]!);
      underWay =
        (child[a]! + 1 - a) | (child[b]! + 1 - b) | (child[c]! + 1 - c) | (child[d]! + 1 - d);
    } while (underWay !== 0);
    reached[at + tree] = leaf[a]!;
    reached[at + tree + 1] = leaf[b]!;
    reached[at + tree + 2] = leaf[c]!;
    reached[at + tree + 3] = leaf[d]!;
  }
  for (; tree < trees; tree++) {
    let a = roots[tree]!;
    while (child[a] !== a - 1) a = child[a]! + +!(values[row + feature[a]!]! <= threshold[a]!);
    reached[at + tree] = leaf[a]!;
  }
}

/**
 * Fills `reached[r × trees + t]` with the leaf of tree t for row r, for `count` rows of `width` values. All rows walk down
 * one tree before the next, while its nodes are in the cache.
 */
export function walkRows(
  layout: ForestLayout,
  values: Float32Array | Float64Array,
  firstRow: number,
  width: number,
  count: number,
  reached: Int32Array,
): void {
  const { roots, child, feature, threshold, leaf } = layout;
  const trees = roots.length;
  const fours = count - (count % 4);
  for (let tree = 0; tree < trees; tree++) {
    const root = roots[tree]!;
    for (let r = 0; r < fours; r += 4) {
      const rowA = firstRow + r * width;
      const rowB = rowA + width;
      const rowC = rowB + width;
      const rowD = rowC + width;
      let a = root;
      let b = root;
      let c = root;
      let d = root;
      let underWay: number;
      do {
        a = child[a]! + +!(values[rowA + feature[a]!]! <= threshold[a]!);
        b = child[b]! + +!(values[rowB + feature[b]!]! <= threshold[b]!);
        c = child[c]! + +!(values[rowC + feature[c]!]! <= threshold[c]!);
        d = child[d]! + +!(values[rowD + feature[d]!]! <= threshold[d]!);
        underWay =
          (child[a]! + 1 - a) | (child[b]! + 1 - b) | (child[c]! + 1 - c) | (child[d]! + 1 - d);
      } while (underWay !== 0);
      const at = r * trees + tree;
      reached[at] = leaf[a]!;
      reached[at + trees] = leaf[b]!;
      reached[at + 2 * trees] = leaf[c]!;
      reached[at + 3 * trees] = leaf[d]!;
    }
  }
  for (let r = fours; r < count; r++) {
    walkRow(layout, values, firstRow + r * width, reached, r * trees);
  }
}

/** Does the same as `walkRow` for a row with missing values. */
export function walkRowWithMissing(
  layout: ForestLayout,
  values: Float32Array | Float64Array,
  row: number,
  reached: Int32Array,
  at: number,
): void {
  const { roots, child, feature, threshold, missingLeft, leaf } = layout;
  for (let tree = 0; tree < roots.length; tree++) {
    let position = roots[tree]!;
    while (child[position] !== position - 1) {
      const value = values[row + feature[position]!]!;
      const isLeft =
        value <= threshold[position]! || (Number.isNaN(value) && missingLeft[position] === 1);
      position = child[position]! + +!isLeft;
    }
    reached[at + tree] = leaf[position]!;
  }
}
