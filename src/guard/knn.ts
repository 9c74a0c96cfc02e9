import { toNeighbourDistance, type KnnIndex } from "./knn-index.ts";
import type { Score } from "./score.ts";
import { createWasmKnn, type WasmKnn } from "./wasm-knn.ts";
import { whiten, type Whitening } from "./whitening.ts";

/**
 * Creates a score that is the distance in whitened space to the `neighbours`-th nearest reference row. A score costs one
 * whitening and, at worst, one pass over the reference rows. It is +Infinity when the row lies too far out for a double,
 * and when there are fewer reference rows than neighbours.
 *
 * @param index the whitened reference rows
 */
export function createKnnScore(whitening: Whitening, index: KnnIndex, neighbours: number): Score {
  const { width } = whitening;
  const { axes } = index;
  const whitened = new Float64Array(width);
  const centred = new Float64Array(width);
  const { target, toDistance } = createWasmKnn(index, neighbours) ?? createKnn(index, neighbours);
  return (values, offset) => {
    whiten(whitening, values, offset, whitened, 0, centred);
    for (let j = 0; j < width; j++) target[j] = whitened[axes[j]!]!;
    return Math.sqrt(toDistance());
  };
}

/** Does what `createWasmKnn` does, in TypeScript. */
function createKnn(index: KnnIndex, neighbours: number): WasmKnn {
  const target = new Float64Array(index.width);
  const nearest = new Float64Array(neighbours);
  return {
    target,
    toDistance: () => toNeighbourDistance(index, target, 0, -1, null, nearest),
  };
}
