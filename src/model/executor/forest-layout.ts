import { LEAF, NODE_MODES, type NodeMode, type TreeEnsemble } from "../tree-ensemble.ts";

/**
 * The records of an ensemble in the order in which the executor reads them. Each position holds a leaf, or a test
 * `value <= threshold` whose two outcomes are adjacent, so that a step is one addition without a branch:
 *
 *     position = child[position] + (value <= threshold ? 0 : 1)
 *
 * A leaf steps onto itself for any value: its threshold is NaN and its `child` the position before it. So several walks can
 * step together until all have arrived.
 *
 * A node with several parents has a record for each of them, but its descendants are shared: the layout has at most four
 * times as many records as the ensemble has nodes.
 */
export interface ForestLayout {
  /** Position of each tree's root. */
  readonly roots: Int32Array;
  /** Position of the left outcome; the right one follows it. */
  readonly child: Int32Array;
  readonly feature: Int32Array;
  readonly threshold: Float32Array | Float64Array;
  /** 1 where a missing value leads to the left, although `NaN <= threshold` is false. */
  readonly missingLeft: Uint8Array;
  /** True if any record has `missingLeft`. */
  readonly hasMissingLeft: boolean;
  /** Number of the leaf at a position; 0 for a test. */
  readonly leaf: Int32Array;
  /** Index in the ensemble of each leaf, by its number. */
  readonly leaves: Int32Array;
}

/** The test of a node, in the one form that the executor supports. */
interface Test {
  threshold: number;
  left: number;
  right: number;
  missingLeft: boolean;
}

/**
 * Creates the layout of an ensemble: tree by tree, each breadth-first, with all six comparisons converted to `<=`.
 *
 * x < t becomes x <= the number before t; x > t and x >= t swap the outcomes; x = t becomes two tests. A comparison with
 * NaN, and x < −∞, has the same result for all x: it becomes x <= ∞, with the outcome for a missing value on the right.
 */
export function toLayout(ensemble: TreeEnsemble): ForestLayout {
  const { mode, feature } = ensemble;
  const count = mode.length;
  const size = countRecords(ensemble);
  const isFloat = ensemble.inputType === "float";
  const layout = {
    roots: new Int32Array(ensemble.roots.length),
    child: new Int32Array(size),
    feature: new Int32Array(size),
    threshold: isFloat ? new Float32Array(size) : new Float64Array(size),
    missingLeft: new Uint8Array(size),
    leaf: new Int32Array(size),
  };
  const toPrevious = isFloat ? toPreviousFloat : toPreviousDouble;
  // A test of equality needs a second node; that of node n has the number count + n.
  const pairOf = new Int32Array(2 * count).fill(-1);
  const leafOf = new Int32Array(count).fill(-1);
  const leaves: number[] = [];
  const queue = new Int32Array(2 * count);
  let queued = 0;
  let done = 0;
  let used = 0;
  let hasMissingLeft = false;
  const test: Test = { threshold: 0, left: 0, right: 0, missingLeft: false };

  for (const [tree, root] of ensemble.roots.entries()) {
    const position = used++;
    layout.roots[tree] = position;
    addRecord(root, position);
    while (done < queued) {
      const node = queue[done++]!;
      const pair = pairOf[node]!;
      setTest(test, ensemble, node, toPrevious);
      const { left, right } = test;
      addRecord(left, pair);
      addRecord(right, pair + 1);
    }
  }
  return { ...layout, hasMissingLeft, leaves: Int32Array.from(leaves) };

  function addRecord(node: number, position: number): void {
    const origin = node < count ? node : node - count;
    if (mode[origin] === LEAF) {
      let leaf = leafOf[origin]!;
      if (leaf < 0) {
        leaf = leaves.push(origin) - 1;
        leafOf[origin] = leaf;
      }
      layout.leaf[position] = leaf;
      layout.child[position] = position - 1;
      layout.threshold[position] = NaN;
      return;
    }
    setTest(test, ensemble, node, toPrevious);
    layout.feature[position] = feature[origin]!;
    layout.threshold[position] = test.threshold;
    layout.missingLeft[position] = test.missingLeft ? 1 : 0;
    hasMissingLeft ||= test.missingLeft;
    let pair = pairOf[node]!;
    if (pair < 0) {
      pair = used;
      used += 2;
      pairOf[node] = pair;
      queue[queued++] = node;
    }
    layout.child[position] = pair;
  }
}

function countRecords({ roots, mode }: TreeEnsemble): number {
  let records = roots.length;
  for (const nodeMode of mode) {
    if (nodeMode === LEAF) continue;
    const name = NODE_MODES[nodeMode];
    records += name === "BRANCH_EQ" || name === "BRANCH_NEQ" ? 4 : 2;
  }
  return records;
}

/** Writes the test of a node, or the second half of a test of equality, to `test`. */
function setTest(
  test: Test,
  ensemble: TreeEnsemble,
  node: number,
  toPrevious: (value: number) => number,
): void {
  const count = ensemble.mode.length;
  const isSecond = node >= count;
  const origin = isSecond ? node - count : node;
  const onTrue = ensemble.trueChild[origin]!;
  const onFalse = ensemble.falseChild[origin]!;
  const value = ensemble.threshold[origin]!;
  const tracksTrue = ensemble.missingTracksTrue[origin] === 1;
  const name: NodeMode = NODE_MODES[ensemble.mode[origin]!]!;

  if (isSecond) {
    // Only values up to the threshold reach this test; those below it are unequal. BRANCH_EQ sends a missing value that
    // tracks true to the right; no other missing value reaches this test.
    const isEqual = name === "BRANCH_EQ";
    set(toPrevious(value), isEqual ? onFalse : onTrue, isEqual ? onTrue : onFalse, false);
    return;
  }
  const missing = tracksTrue || name === "BRANCH_NEQ" ? onTrue : onFalse;
  if (Number.isNaN(value)) {
    set(Infinity, name === "BRANCH_NEQ" ? onTrue : onFalse, missing, false);
    return;
  }
  const isLowest = value === -Infinity;
  switch (name) {
    case "BRANCH_LEQ":
      set(value, onTrue, onFalse, tracksTrue);
      break;
    case "BRANCH_LT":
      if (isLowest) set(Infinity, onFalse, missing, false);
      else set(toPrevious(value), onTrue, onFalse, tracksTrue);
      break;
    case "BRANCH_GTE":
      if (isLowest) set(Infinity, onTrue, missing, false);
      else set(toPrevious(value), onFalse, onTrue, !tracksTrue);
      break;
    case "BRANCH_GT":
      set(value, onFalse, onTrue, !tracksTrue);
      break;
    case "BRANCH_EQ":
      if (isLowest) set(value, onTrue, onFalse, tracksTrue);
      else set(value, count + origin, onFalse, tracksTrue);
      break;
    case "BRANCH_NEQ":
      if (isLowest) set(value, onFalse, onTrue, false);
      else set(value, count + origin, onTrue, false);
      break;
    case "LEAF":
      throw new Error("A leaf has no test.");
  }

  function set(threshold: number, left: number, right: number, missingLeft: boolean): void {
    test.threshold = threshold;
    test.left = left;
    test.right = right;
    test.missingLeft = missingLeft;
  }
}

const bits = new DataView(new ArrayBuffer(8));

/** Returns the greatest float32 number below `value`, which is a float32 number above −∞. */
function toPreviousFloat(value: number): number {
  if (value === 0) return -(2 ** -149);
  bits.setFloat32(0, value);
  bits.setInt32(0, bits.getInt32(0) + (value > 0 ? -1 : 1));
  return bits.getFloat32(0);
}

/** Returns the greatest float64 number below `value`, which is above −∞. */
function toPreviousDouble(value: number): number {
  if (value === 0) return -Number.MIN_VALUE;
  bits.setFloat64(0, value);
  bits.setBigInt64(0, bits.getBigInt64(0) + (value > 0 ? -1n : 1n));
  return bits.getFloat64(0);
}
