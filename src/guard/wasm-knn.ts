import { createWasm } from "../kernel/wasm.ts";
import { KNN_CODE } from "./knn-code.ts";
import type { KnnIndex } from "./knn-index.ts";

/** The search of `toNeighbourDistance`, without exclusions and removals, in WebAssembly: the same bits in less than half of the time. */
export interface WasmKnn {
  /** Receives the coordinates of the target before a search, in the order of the index's axes. */
  readonly target: Float64Array;
  /** Returns the squared distance to the k-th nearest row. */
  toDistance(): number;
}

/** The exports of wasm/knn.ts. */
interface Functions {
  toNeighbourDistance(
    rows: number,
    blocks: number,
    width: number,
    target: number,
    nearest: number,
    neighbours: number,
  ): number;
}

type Area = "target" | "nearest" | "rows";

const BLOCK_ROWS = 4;

/** Copies the rows of an index into WebAssembly memory. Returns undefined where it cannot run, for example with `--jitless`. */
export function createWasmKnn({ width, rows }: KnnIndex, neighbours: number): WasmKnn | undefined {
  const count = rows.length / width;
  const blocks = Math.ceil(count / BLOCK_ROWS);
  const size = blocks * BLOCK_ROWS * width;
  const wasm = createWasm<Functions, Area>(KNN_CODE, {
    target: 8 * width,
    nearest: 8 * neighbours,
    rows: 8 * size,
  });
  if (wasm === undefined) return undefined;
  const { functions, buffer, at } = wasm;
  const packed = new Float64Array(buffer, at.rows, size).fill(Number.POSITIVE_INFINITY);
  for (let row = 0; row < count; row++) {
    const first = Math.floor(row / BLOCK_ROWS) * BLOCK_ROWS * width + (row % BLOCK_ROWS);
    for (let j = 0; j < width; j++) packed[first + j * BLOCK_ROWS] = rows[row * width + j]!;
  }
  return {
    target: new Float64Array(buffer, at.target, width),
    toDistance: () =>
      functions.toNeighbourDistance(at.rows, blocks, width, at.target, at.nearest, neighbours),
  };
}
