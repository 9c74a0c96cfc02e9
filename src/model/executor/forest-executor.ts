import type { Executor } from "../model.ts";
import type { TreeEnsemble } from "../tree-ensemble.ts";
import { compileForest, type CompiledForest } from "./compile-forest.ts";
import type { ForestLayout } from "./forest-layout.ts";
import { createFinisher } from "./finisher.ts";
import { createLeafMasks } from "./leaf-masks.ts";
import { createMaskVoteCounter, createVoteCounter } from "./vote-counter.ts";
import { walkRow, walkRows, walkRowWithMissing } from "./walk.ts";
import { createWasmMasks } from "./wasm-masks.ts";
import { createWasmWalks } from "./wasm-walks.ts";

/** Number of rows that walk down one tree before the next, while its nodes are in the cache. */
const BLOCK_ROWS = 64;
/** Maximum number of values in the buffer of a block; with very many trees or features, blocks are smaller. */
const BLOCK_NUMBERS = 1 << 18;

/** Compiles a tree ensemble, and creates its executor. */
export function createForestExecutor(ensemble: TreeEnsemble): Executor {
  return createExecutor(compileForest(ensemble));
}

/**
 * Creates the executor of a compiled forest. It returns the same bits as onnxruntime on one thread; SOFTMAX is within 2 units in
 * the last place, and LOGISTIC within 2 units in the last place of 1.
 *
 * One row of the Iris forest takes less than a microsecond. After the largest call so far, `run` allocates nothing. It keeps
 * buffers, so an executor must not be shared between threads.
 */
export function createExecutor(forest: CompiledForest): Executor {
  const { features, classes, layout, votes, finish: rules } = forest;
  const { task, outputs, trees } = rules;
  const isFloat = rules.inputType === "float";
  const wasm = forest.packed === null ? undefined : createWasmWalks(forest.packed);
  const wasmMasks = forest.masks === null ? undefined : createWasmMasks(forest.masks, votes);
  /** Adds up votes in WebAssembly. A forest has walks or masks. */
  const summing = wasm?.votes ?? wasmMasks;
  const tables = wasmMasks === undefined ? forest.masks : null;
  const masks = tables === null ? undefined : createLeafMasks(tables);
  const countMaskVotes = tables === null ? undefined : createMaskVoteCounter(votes, tables);
  const countVotes = votes.kind === "masked" ? undefined : createVoteCounter(votes, trees);
  const finish = createFinisher(rules);
  const blockRows =
    wasm?.rows ??
    wasmMasks?.rows ??
    Math.max(1, Math.min(BLOCK_ROWS, Math.floor(BLOCK_NUMBERS / Math.max(trees, features))));

  const sums = new Float64Array(outputs);
  // The counter writes to it.
  const voted = forest.voted.slice();
  let reached = wasm?.reached ?? new Int32Array(trees);
  let rounded = wasm?.values ?? wasmMasks?.values ?? new Float32Array(isFloat ? features : 0);

  return { task, features, outputs, classes, run };

  function run(rows: Float64Array, count: number, scores: Float32Array, labels: Int32Array): void {
    const step = Math.min(count, blockRows);
    if (wasmMasks === undefined && reached.length < step * trees) {
      reached = new Int32Array(blockRows * trees);
      if (isFloat) rounded = new Float32Array(blockRows * features);
    }
    for (let row = 0; row < count; row += step) {
      runBlock(rows, row, Math.min(step, count - row), scores, labels);
    }
  }

  function runBlock(
    rows: Float64Array,
    firstRow: number,
    count: number,
    scores: Float32Array,
    labels: Int32Array,
  ): void {
    const first = firstRow * features;
    const size = count * features;
    if (isFloat) for (let i = 0; i < size; i++) rounded[i] = rows[first + i]!;
    const values = isFloat ? rounded : rows;
    const start = isFloat ? 0 : first;

    if (layout !== null) walk(layout, values, start, count);
    summing?.add(count);
    for (let r = 0; r < count; r++) {
      if (summing !== undefined) takeSums(summing.sums, r);
      else if (masks === undefined) countVotes?.(reached, r * trees, sums, voted);
      else {
        masks.find(values, start + r * features, reached);
        countMaskVotes?.(reached, sums, voted);
      }
      finish(sums, voted, scores, labels, firstRow + r);
    }
  }

  function walk(
    nodes: ForestLayout,
    values: Float32Array | Float64Array,
    start: number,
    count: number,
  ): void {
    if (wasm !== undefined) wasm.walk(count);
    else if (count === 1) walkRow(nodes, values, start, reached, 0);
    else walkRows(nodes, values, start, features, count, reached);
    if (!nodes.hasMissingLeft) return;
    for (let r = 0; r < count; r++) {
      const row = start + r * features;
      if (hasMissing(values, row)) walkRowWithMissing(nodes, values, row, reached, r * trees);
    }
  }

  /** Outputs beyond `outputs` have no place in `sums`. */
  function takeSums(all: Float32Array, row: number): void {
    sums[0] = all[4 * row]!;
    sums[1] = all[4 * row + 1]!;
    sums[2] = all[4 * row + 2]!;
  }

  function hasMissing(values: Float32Array | Float64Array, row: number): boolean {
    for (let i = row; i < row + features; i++) if (Number.isNaN(values[i])) return true;
    return false;
  }
}
