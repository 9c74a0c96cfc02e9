import type { DenseWeights } from "./dense-weights.ts";
import type { ForestLayout } from "./forest-layout.ts";

/** A forest as wasm/forest.ts reads it; can be sent to another thread. */
export interface PackedForest {
  readonly trees: number;
  readonly features: number;
  /** Two numbers a record: the position of the left outcome (24 bits) with the feature (8 bits), and the bits of the threshold. */
  readonly records: Uint32Array;
  /** Position of each tree's root, and up to a multiple of `TOGETHER` that of a leaf. */
  readonly roots: Int32Array;
  /** Number of the leaf at a position. */
  readonly leaves: Int32Array;
  /** Number of steps of all walks between two checks whether they have arrived. */
  readonly steps: number;
  /** Four numbers a leaf: its votes for up to three outputs. Null if the votes are more, or no sums. */
  readonly weights: Float32Array | null;
}

/** Number of walks that step together. */
export const TOGETHER = 8;
/** Below this number of records a memory of at least 64 kB is not worth it. */
const MIN_RECORDS = 1_000;
/** A record has 8 bits for the feature, and 24 for a position. */
const MAX_FEATURES = 1 << 8;
const MAX_RECORDS = 1 << 24;
/** With more trees, the leaves of a block of rows would take more memory than the forest. */
const MAX_TREES = 1 << 14;
/** Trees of at most this depth are walked in one go, before it is checked whether all walks have arrived. */
const SHALLOW = 16;
const STEPS_OF_DEEP = 6;

/**
 * Packs a forest. Returns null for one that is small, or has double thresholds, or too many trees or features.
 *
 * @param weights the votes; null if they are no table
 */
export function packForest(
  layout: ForestLayout,
  features: number,
  weights: DenseWeights | null,
  minRecords = MIN_RECORDS,
): PackedForest | null {
  const { roots, child, feature, threshold, leaf } = layout;
  const count = child.length;
  // Positions are one higher here, so that no leaf refers to −1. The last record is a leaf of its own.
  const size = count + 2;
  if (!(threshold instanceof Float32Array) || count < minRecords) return null;
  if (features > MAX_FEATURES || size > MAX_RECORDS || roots.length > MAX_TREES) return null;

  const records = new Uint32Array(2 * size);
  const bits = new Uint32Array(threshold.buffer, threshold.byteOffset, count);
  for (let position = 0; position < count; position++) {
    records[2 * (position + 1)] = ((child[position]! + 1) << 8) | feature[position]!;
    records[2 * (position + 1) + 1] = bits[position]!;
  }
  records[2 * (size - 1)] = (size - 2) << 8;
  new Float32Array(records.buffer)[2 * (size - 1) + 1] = NaN;

  const padded = new Int32Array(Math.ceil(roots.length / TOGETHER) * TOGETHER).fill(size - 1);
  for (const [tree, root] of roots.entries()) padded[tree] = root + 1;
  const leaves = new Int32Array(size);
  leaves.set(leaf, 1);
  const depth = toDepth(layout);
  return {
    trees: roots.length,
    features,
    records,
    roots: padded,
    leaves,
    steps: depth <= SHALLOW ? Math.max(1, depth) : STEPS_OF_DEEP,
    weights: weights !== null && weights.stride <= 3 ? packWeights(weights, layout) : null,
  };
}

function packWeights({ weights, stride }: DenseWeights, { leaves }: ForestLayout): Float32Array {
  const packed = new Float32Array(4 * leaves.length);
  for (let leaf = 0; leaf < leaves.length; leaf++) {
    packed.set(weights.subarray(leaf * stride, (leaf + 1) * stride), 4 * leaf);
  }
  return packed;
}

/** Returns the number of steps from a root to the deepest leaf, or a number above `SHALLOW` for deep trees. */
function toDepth({ roots, child }: ForestLayout): number {
  let depth = 0;
  let level = [...roots];
  for (;;) {
    const next = level.flatMap((position) =>
      child[position] === position - 1 ? [] : [child[position]!, child[position]! + 1],
    );
    if (next.length === 0 || depth > SHALLOW) return depth;
    // Shared descendants are visited once.
    level = [...new Set(next)];
    depth += 1;
  }
}
