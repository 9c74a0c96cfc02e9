import { createWasm } from "../../kernel/wasm.ts";
import type { DenseWeights } from "./dense-weights.ts";
import type { ForestLayout } from "./forest-layout.ts";
import { FOREST_CODE } from "./wasm-code.ts";

/**
 * The walks of walk.ts in WebAssembly, on a forest in its memory. They take half of the time on large forests, and reach the same
 * leaves. Rows with missing values must be walked again with `walkRowWithMissing` if the layout has `hasMissingLeft`.
 */
export interface WasmWalks {
  /** Maximum number of rows of a call. */
  readonly rows: number;
  /** Receives the rows before a call, row-major. */
  readonly values: Float32Array;
  /** The leaf of tree t for row r is at r × trees + t. */
  readonly reached: Int32Array;
  /** Fills `reached` for the first `count` rows of `values`. */
  walk(count: number): void;
  /** Null if the votes are not sums of up to three outputs. */
  readonly votes: {
    /** Fills `sums` from `reached`, for `count` rows, in the order of the trees and with float32 additions. */
    add(count: number): void;
    /** The sum for output k of row r is at r × 4 + k. */
    readonly sums: Float32Array;
  } | null;
}

/** The exports of wasm/forest.ts. Places in the memory are in bytes. */
interface Functions {
  walkRow(
    records: number,
    roots: number,
    trees: number,
    steps: number,
    leaves: number,
    values: number,
    reached: number,
  ): void;
  walkRows(
    records: number,
    roots: number,
    trees: number,
    steps: number,
    leaves: number,
    values: number,
    width: number,
    count: number,
    reached: number,
  ): void;
  addVotes(reached: number, trees: number, count: number, weights: number, sums: number): void;
}

type Area = "records" | "roots" | "leaves" | "values" | "reached" | "weights" | "sums";

/** Walks that step together. */
const TOGETHER = 8;
const BLOCK_ROWS = 64;
/** Below this number of records a memory of at least 64 kB is not worth it. */
const MIN_RECORDS = 1_000;
/** A record has 8 bits for the feature, and 24 for a position. */
const MAX_FEATURES = 1 << 8;
const MAX_RECORDS = 1 << 24;
/** Below this number of rows, they walk one after the other. */
const MIN_BATCH = 5;
/** Trees of at most this depth are walked in one go, before it is checked whether all walks have arrived. */
const SHALLOW = 16;
const STEPS_OF_DEEP = 6;

/**
 * Copies a forest into a memory of WebAssembly. Returns undefined for a forest that is small, has double thresholds or too many
 * features, and where WebAssembly cannot run, for example with `--jitless`.
 *
 * @param weights the votes; null if they are no table
 */
export function createWasmWalks(
  layout: ForestLayout,
  features: number,
  weights: DenseWeights | null,
  minRecords = MIN_RECORDS,
): WasmWalks | undefined {
  const { child, feature, threshold, leaf, leaves } = layout;
  const count = child.length;
  // Positions are one higher here, so that no leaf refers to −1. The last record is a leaf of its own.
  const records = count + 2;
  if (!(threshold instanceof Float32Array) || count < minRecords) return undefined;
  if (features > MAX_FEATURES || records > MAX_RECORDS) return undefined;

  const trees = layout.roots.length;
  // A single row walks down eight trees at a time; those that are missing are one leaf.
  const padded = Math.ceil(trees / TOGETHER) * TOGETHER;
  const hasSums = weights !== null && weights.stride <= 3;
  const wasm = createWasm<Functions, Area>(FOREST_CODE, {
    records: 8 * records,
    roots: 4 * padded,
    leaves: 4 * records,
    values: 4 * BLOCK_ROWS * features,
    reached: 4 * BLOCK_ROWS * padded,
    weights: hasSums ? 16 * leaves.length : 0,
    sums: 16 * BLOCK_ROWS,
  });
  if (wasm === undefined) return undefined;
  const { functions, buffer, at } = wasm;

  const tests = new Uint32Array(buffer, at.records, 2 * records);
  const thresholds = new Float32Array(buffer, at.records, 2 * records);
  for (let position = 0; position < count; position++) {
    tests[2 * (position + 1)] = ((child[position]! + 1) << 8) | feature[position]!;
    thresholds[2 * (position + 1) + 1] = threshold[position]!;
  }
  tests[2 * (records - 1)] = (records - 2) << 8;
  thresholds[2 * (records - 1) + 1] = NaN;
  const roots = new Int32Array(buffer, at.roots, padded).fill(records - 1);
  for (const [tree, root] of layout.roots.entries()) roots[tree] = root + 1;
  new Int32Array(buffer, at.leaves + 4, count).set(leaf);
  const depth = toDepth(layout);
  const steps = depth <= SHALLOW ? Math.max(1, depth) : STEPS_OF_DEEP;

  const values = new Float32Array(buffer, at.values, BLOCK_ROWS * features);
  const reached = new Int32Array(buffer, at.reached, BLOCK_ROWS * padded);
  return {
    rows: BLOCK_ROWS,
    values,
    reached,
    walk(rows) {
      if (rows >= MIN_BATCH) {
        // Rows beyond `rows` are those of earlier calls.
        const all = Math.ceil(rows / TOGETHER) * TOGETHER;
        functions.walkRows(
          at.records,
          at.roots,
          trees,
          steps,
          at.leaves,
          at.values,
          features,
          all,
          at.reached,
        );
        return;
      }
      // Each row overwrites the padding of the one before it.
      for (let row = 0; row < rows; row++) {
        functions.walkRow(
          at.records,
          at.roots,
          padded,
          steps,
          at.leaves,
          at.values + 4 * row * features,
          at.reached + 4 * row * trees,
        );
      }
    },
    votes: hasSums ? createVotes() : null,
  };

  function createVotes(): WasmWalks["votes"] {
    const { weights: table, stride } = weights!;
    const target = new Float32Array(buffer, at.weights, 4 * leaves.length);
    for (let i = 0; i < leaves.length; i++) {
      for (let output = 0; output < stride; output++) {
        target[4 * i + output] = table[i * stride + output]!;
      }
    }
    return {
      add: (rows) => functions.addVotes(at.reached, trees, rows, at.weights, at.sums),
      sums: new Float32Array(buffer, at.sums, 4 * BLOCK_ROWS),
    };
  }
}

/** Returns the number of steps from a root to the deepest leaf, or a number above `SHALLOW` for deep trees. */
function toDepth({ roots, child }: ForestLayout): number {
  return roots.reduce((most, root) => Math.max(most, walkDown(root)), 0);

  function walkDown(root: number): number {
    let level = [root];
    let depth = 0;
    for (;;) {
      const next = level.flatMap((position) =>
        child[position] === position - 1 ? [] : [child[position]!, child[position]! + 1],
      );
      if (next.length === 0 || depth > SHALLOW) return depth;
      level = [...new Set(next)];
      depth += 1;
    }
  }
}
