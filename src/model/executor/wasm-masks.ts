import { createWasm } from "../../kernel/wasm.ts";
import type { LeafMaskTables } from "./leaf-masks.ts";
import { MASKS_CODE } from "./masks-code.ts";
import type { VoteTables } from "./vote-counter.ts";

/**
 * The leaf masks of leaf-masks.ts and the votes of their leaves in WebAssembly, in a third of the time and with the same bits.
 */
export interface WasmMasks {
  /** Maximum number of rows of a call. */
  readonly rows: number;
  /** Receives the rows before a call, row-major. */
  readonly values: Float32Array;
  /** Fills `sums` for the first `count` rows of `values`, in the order of the trees and with float32 additions. */
  add(count: number): void;
  /** The sum for output k of row r is at r × 4 + k. */
  readonly sums: Float32Array;
}

/** The exports of wasm/masks.ts. */
interface Functions {
  addMaskVotes(
    features: number,
    table: number,
    starts: number,
    recordBytes: number,
    firstLeaves: number,
    values: number,
    count: number,
    sums: number,
  ): void;
}

type Area =
  | "table"
  | "starts"
  | "thresholds"
  | "masks"
  | "firstLeaves"
  | "weights"
  | "values"
  | "sums";

const MAX_ROWS = 64;
const MAX_FEATURES = 8;
/** Trees that are handled at once. */
const TOGETHER = 4;

/**
 * Copies masks and votes into WebAssembly memory. Returns undefined for double thresholds, for votes that are not sums of up to three
 * outputs, and where WebAssembly cannot run, for example with `--jitless`.
 */
export function createWasmMasks(tables: LeafMaskTables, votes: VoteTables): WasmMasks | undefined {
  const { features, trees, thresholds, masks, firstRecords, firstLeaf } = tables;
  const weights = packWeights(votes, tables);
  const isFloat = thresholds.every((ascending) => ascending instanceof Float32Array);
  if (weights === undefined || !isFloat) return undefined;
  const padded = Math.ceil(trees / TOGETHER) * TOGETHER;
  const records = masks.length / trees;
  const recordBytes = 4 * padded;
  const wasm = createWasm<Functions, Area>(MASKS_CODE, {
    table: 16 * MAX_FEATURES,
    starts: 4 * MAX_FEATURES,
    thresholds: 4 * thresholds.reduce((sum, { length }) => sum + length, 0),
    // The last record has all bits set.
    masks: (records + 1) * recordBytes,
    firstLeaves: 4 * padded,
    weights: weights.byteLength,
    values: 4 * MAX_ROWS * features,
    sums: 16 * MAX_ROWS,
  });
  if (wasm === undefined) return undefined;
  const { functions, buffer, at } = wasm;

  const allMasks = new Int32Array(buffer, at.masks, (records + 1) * padded).fill(-1);
  for (let record = 0; record < records; record++) {
    allMasks.set(masks.subarray(record * trees, (record + 1) * trees), record * padded);
  }
  new Uint32Array(buffer, at.starts, MAX_FEATURES).fill(at.masks + records * recordBytes);
  const table = new Uint32Array(buffer, at.table, 4 * MAX_FEATURES);
  let threshold = at.thresholds;
  for (const [feature, ascending] of thresholds.entries()) {
    const firstRecord = firstRecords[feature]! / trees;
    table.set([threshold, ascending.length, at.masks + firstRecord * recordBytes], 4 * feature);
    new Float32Array(buffer, threshold, ascending.length).set(ascending);
    threshold += 4 * ascending.length;
  }
  new Float32Array(buffer, at.weights).set(weights);
  // Trees of the padding have one leaf, without a vote.
  const firstLeaves = new Uint32Array(buffer, at.firstLeaves, padded);
  firstLeaves.fill(at.weights + weights.byteLength - 16);
  for (const [tree, leaf] of firstLeaf.entries()) firstLeaves[tree] = at.weights + 16 * leaf;

  return {
    rows: MAX_ROWS,
    values: new Float32Array(buffer, at.values, MAX_ROWS * features),
    add(count) {
      functions.addMaskVotes(
        features,
        at.table,
        at.starts,
        recordBytes,
        at.firstLeaves,
        at.values,
        count,
        at.sums,
      );
    },
    sums: new Float32Array(buffer, at.sums, 4 * MAX_ROWS),
  };
}

/** Returns four weights for each leaf of the masks, and a leaf without votes; undefined if the votes are not sums of up to three outputs. */
function packWeights(votes: VoteTables, { leaves }: LeafMaskTables): Float32Array | undefined {
  const packed = new Float32Array(4 * (leaves.length + 1));
  if (votes.kind === "sparse" || (votes.kind === "dense" && votes.stride > 3)) return undefined;
  const stride = votes.kind === "dense" ? votes.stride : 3;
  for (const [at, leaf] of leaves.entries()) {
    const from = stride * (votes.kind === "dense" ? leaf : at);
    packed.set(votes.weights.subarray(from, from + stride), 4 * at);
  }
  return packed;
}
