import { createWasm } from "../../kernel/wasm.ts";
import { TOGETHER, type PackedForest } from "./pack-forest.ts";
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

const MAX_ROWS = 64;
/** Maximum number of leaves that the walks of a block of rows reach: with many trees, blocks are smaller. */
const MAX_REACHED = 1 << 18;
/** Below this number of rows, they walk one after the other. */
const MIN_BATCH = 5;

/**
 * Copies the result of `packForest` into WebAssembly memory, 8 bytes a record. Returns undefined where WebAssembly cannot run, for example with
 * `--jitless`.
 */
export function createWasmWalks(packed: PackedForest): WasmWalks | undefined {
  const { trees, features, steps } = packed;
  // The walks keep no reference to what is copied.
  const padded = packed.roots.length;
  const hasVotes = packed.weights !== null;
  const blocks = Math.floor(MAX_REACHED / (TOGETHER * padded));
  const maxRows = Math.min(MAX_ROWS, TOGETHER * Math.max(1, blocks));
  const wasm = createWasm<Functions, Area>(FOREST_CODE, {
    records: packed.records.byteLength,
    roots: packed.roots.byteLength,
    leaves: packed.leaves.byteLength,
    values: 4 * maxRows * features,
    reached: 4 * maxRows * padded,
    weights: packed.weights?.byteLength ?? 0,
    sums: 16 * maxRows,
  });
  if (wasm === undefined) return undefined;
  const { functions, buffer, at } = wasm;
  new Uint32Array(buffer, at.records).set(packed.records);
  new Int32Array(buffer, at.roots).set(packed.roots);
  new Int32Array(buffer, at.leaves).set(packed.leaves);
  if (packed.weights !== null) new Float32Array(buffer, at.weights).set(packed.weights);

  const values = new Float32Array(buffer, at.values, maxRows * features);
  const reached = new Int32Array(buffer, at.reached, maxRows * padded);
  return {
    rows: maxRows,
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
    votes: !hasVotes
      ? null
      : {
          add: (rows) => functions.addVotes(at.reached, trees, rows, at.weights, at.sums),
          sums: new Float32Array(buffer, at.sums, 4 * maxRows),
        },
  };
}
