import { describe, expect, it, vi } from "vitest";
import {
  createRandomCase,
  type RandomEnsembleOptions,
} from "../../../test/support/random-ensemble.ts";
import { compileWasm, WASM_SOURCES } from "../../../scripts/compile-wasm.ts";
import { compileForest } from "./compile-forest.ts";
import { toDenseWeights } from "./dense-weights.ts";
import { createForestExecutor } from "./forest-executor.ts";
import { toLayout } from "./forest-layout.ts";
import { packForest } from "./pack-forest.ts";
import { createVoteCounter } from "./vote-counter.ts";
import { walkRows } from "./walk.ts";
import { FOREST_CODE } from "./wasm-code.ts";
import { createWasmWalks } from "./wasm-walks.ts";

interface Comparison {
  readonly differences: number;
  /** Number of rows whose sums were compared. */
  readonly sums: number;
}

/** Compares leaves and sums of WebAssembly with those of TypeScript, for blocks of different sizes. */
function compare(seed: number, options: RandomEnsembleOptions): Comparison {
  const { ensemble, rows } = createRandomCase(seed, { inputType: "float", ...options });
  const layout = toLayout(ensemble);
  const weights = toDenseWeights(ensemble, layout) ?? null;
  const { features } = ensemble;
  const trees = layout.roots.length;
  const walks = createWasmWalks(packForest(layout, features, weights, 0)!)!;
  const counter =
    walks.votes === null ? undefined : createVoteCounter({ kind: "dense", ...weights! }, trees);
  const expected = new Int32Array(64 * trees);
  const sums = new Float64Array(3);
  let differences = 0;
  let compared = 0;
  for (const count of [1, 2, 4, 5, 8, 9, 63, 64]) {
    if (count > walks.rows) break;
    const values = Float32Array.from(rows(count));
    walks.values.set(values);
    walks.walk(count);
    walkRows(layout, values, 0, features, count, expected);
    const reached = walks.reached.subarray(0, count * trees);
    differences += reached.filter((leaf, i) => leaf !== expected[i]).length;
    walks.votes?.add(count);
    if (counter === undefined) continue;
    for (let row = 0; row < count; row++) {
      counter(expected, row * trees, sums, new Uint8Array(3));
      const ours = walks.votes!.sums.subarray(4 * row, 4 * row + weights!.stride);
      differences += ours.filter((sum, output) => !Object.is(sum, sums[output])).length;
      compared += 1;
    }
  }
  return { differences, sums: compared };
}

describe("walks in WebAssembly reach the leaves and sums of those in TypeScript", () => {
  it("for random forests", () => {
    const results = Array.from({ length: 300 }, (_, seed) => compare(seed, {}));
    expect(results.filter(({ differences }) => differences > 0)).toEqual([]);
    expect(results.reduce((total, { sums }) => total + sums, 0)).toBeGreaterThan(10_000);
  });

  it.each<[string, RandomEnsembleOptions]>([
    ["trees of one leaf", { shape: "stump" }],
    ["one tree", { trees: 1 }],
    ["more trees than walks that step together", { trees: 19, leaves: 40 }],
    ["so many trees that a block has 8 rows", { trees: 9_000, leaves: 2, features: 3 }],
    ["chains of 400 tests", { shape: "chain", leaves: 400, trees: 3 }],
    ["shared children", { sharesChildren: true, leaves: 60 }],
    ["256 features", { features: 256, leaves: 60 }],
    ["one target", { task: "regression", outputs: 1, votes: "dense", trees: 12 }],
    ["three classes", { task: "classification", outputs: 3, votes: "dense", trees: 12 }],
  ])("for %s", (_, options) => {
    const results = Array.from({ length: 20 }, (_entry, seed) => compare(seed, options));
    expect(results.filter(({ differences }) => differences > 0)).toEqual([]);
  });
});

describe("WebAssembly is left out", () => {
  const create = (options: RandomEnsembleOptions, minRecords = 0) => {
    const { ensemble } = createRandomCase(1, { inputType: "float", leaves: 20, ...options });
    return packForest(toLayout(ensemble), ensemble.features, null, minRecords);
  };

  it("for double thresholds, more than 256 features, and small forests", () => {
    expect(create({})).not.toBeNull();
    expect(create({ inputType: "double" })).toBeNull();
    expect(create({ features: 257 })).toBeNull();
    expect(create({}, 100_000)).toBeNull();
  });

  it("where it cannot run, with the same predictions", () => {
    const { ensemble, rows } = createRandomCase(5, {
      inputType: "float",
      features: 12,
      trees: 40,
      leaves: 90,
    });
    expect(compileForest(ensemble).layout!.child.length).toBeGreaterThan(1_000);
    const values = rows(100);
    const predict = () => {
      const executor = createForestExecutor(ensemble);
      const scores = new Float32Array(100 * executor.outputs);
      const labels = new Int32Array(100);
      executor.run(values, 100, scores, labels);
      return { scores, labels };
    };
    const expected = predict();
    vi.stubGlobal("WebAssembly", undefined);
    try {
      expect(predict()).toEqual(expected);
    } finally {
      vi.unstubAllGlobals();
    }
  });
});

it("has the code that the compiler makes of its source", async () => {
  const [{ source }] = WASM_SOURCES as [(typeof WASM_SOURCES)[number]];
  expect(Buffer.from(await compileWasm(source)).toString("base64")).toBe(FOREST_CODE);
});
