import { LEAF, NODE_MODES, type NodeMode, type TreeEnsemble } from "../tree-ensemble.ts";

/**
 * An ensemble as the executor walks it. Each position holds a record: a leaf, or a test `value <= threshold` whose two
 * outcomes stand next to each other, so that a step is one addition and no branch:
 *
 *     position = child[position] + (value <= threshold ? 0 : 1)
 *
 * A leaf steps onto itself, whatever the value: its threshold is NaN and its `child` the position before it. So several
 * walks can take their steps together until all have arrived.
 *
 * A node with several parents has a record behind each of them, but the records behind it are shared: the layout
 * is at most four times as long as the ensemble.
 */
export interface ForestLayout {
  /** Position of each tree's root. */
  readonly roots: Int32Array;
  /** Position of the left outcome; the right one is next to it. */
  readonly child: Int32Array;
  readonly feature: Int32Array;
  readonly threshold: Float32Array | Float64Array;
  /** 1 where a missing value goes left although `NaN <= threshold` is false. */
  readonly missingLeft: Uint8Array;
  /** Whether any record has `missingLeft`. */
  readonly hasMissingLeft: boolean;
  /** Number of the leaf at a position; 0 for a test. */
  readonly leaf: Int32Array;
  /** The ensemble's node of each leaf number. */
  readonly leaves: Int32Array;
}

/** A node's test in the only form that the executor knows. */
interface Test {
  threshold: number;
  left: number;
  right: number;
  missingLeft: boolean;
}

/**
 * Lays an ensemble out tree by tree, each breadth-first, and turns the six comparisons into `<=`.
 *
 * x < t becomes x <= the number before t; x > t and x >= t swap the outcomes; x = t is two tests. Comparisons with NaN, and
 * x < −∞, always come out the same: they become x <= ∞, with the outcome for a missing value on the right.
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
  // A test of equality needs a second node; the one of node n has the number count + n.
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
    place(root, position);
    while (done < queued) {
      const node = queue[done++]!;
      const pair = pairOf[node]!;
      setTest(test, ensemble, node, toPrevious);
      const { left, right } = test;
      place(left, pair);
      place(right, pair + 1);
    }
  }
  return { ...layout, hasMissingLeft, leaves: Int32Array.from(leaves) };

  function place(node: number, position: number): void {
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

/** Describes a node, or the second half of a test of equality, into `test`. */
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
  const name: NodeMode = NODE_MODES[ensemble.mode[origin]!] ?? "LEAF";

  if (isSecond) {
    // Only values up to the threshold come here: below it they are unequal. A missing value is sent to the right by
    // BRANCH_EQ when it tracks true, and never sent here otherwise.
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
      throw new Error("a leaf has no test");
  }

  function set(threshold: number, left: number, right: number, missingLeft: boolean): void {
    test.threshold = threshold;
    test.left = left;
    test.right = right;
    test.missingLeft = missingLeft;
  }
}

const bits = new DataView(new ArrayBuffer(8));

/** The greatest float32 number below `value`, which is a float32 number above −∞. */
function toPreviousFloat(value: number): number {
  if (value === 0) return -(2 ** -149);
  bits.setFloat32(0, value);
  bits.setInt32(0, bits.getInt32(0) + (value > 0 ? -1 : 1));
  return bits.getFloat32(0);
}

/** The greatest float64 number below `value`, which is above −∞. */
function toPreviousDouble(value: number): number {
  if (value === 0) return -Number.MIN_VALUE;
  bits.setFloat64(0, value);
  bits.setBigInt64(0, bits.getBigInt64(0) + (value > 0 ? -1n : 1n));
  return bits.getFloat64(0);
}
