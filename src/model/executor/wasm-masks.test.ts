import { expect, describe, it, vi } from "vitest";
import {
  createRandomCase,
  type RandomEnsembleOptions,
} from "../../../test/support/random-ensemble.ts";
import { compileWasm } from "../../../scripts/compile-wasm.ts";
import { toLayout } from "./forest-layout.ts";
import { createLeafMasks, toLeafMaskTables } from "./leaf-masks.ts";
import { MASKS_CODE } from "./masks-code.ts";
import { createMaskVoteCounter, toVoteTables } from "./vote-counter.ts";
import { createWasmMasks } from "./wasm-masks.ts";

/** Compares sums of WebAssembly with those of TypeScript, for blocks of different sizes. Returns null for a forest that has none. */
function compare(seed: number, options: RandomEnsembleOptions) {
  const { ensemble, rows } = createRandomCase(seed, { inputType: "float", ...options });
  const layout = toLayout(ensemble);
  const tables = toLeafMaskTables(layout, ensemble.features);
  if (tables === undefined) return null;
  const votes = toVoteTables(ensemble, layout, tables);
  const ours = createWasmMasks(tables, votes);
  if (ours === undefined) return null;
  const masks = createLeafMasks(tables);
  const count = createMaskVoteCounter(votes, tables);
  const remaining = new Int32Array(tables.trees);
  const sums = new Float64Array(3);
  let differences = 0;
  for (const block of [1, 3, 64]) {
    const values = Float32Array.from(rows(block));
    // A missing value, which some tests send to the left and some to the right.
    values[0] = NaN;
    ours.values.set(values);
    ours.add(block);
    for (let row = 0; row < block; row++) {
      masks.find(values, row * tables.features, remaining);
      count(remaining, sums, new Uint8Array(3));
      const outputs = votes.kind === "dense" ? votes.stride : 3;
      const got = ours.sums.subarray(4 * row, 4 * row + outputs);
      differences += got.filter((sum, output) => !Object.is(sum, sums[output])).length;
    }
  }
  return { differences, kind: votes.kind, features: tables.features };
}

describe("masks in WebAssembly give the sums of those in TypeScript", () => {
  it("for random forests of every kind", () => {
    const results = Array.from({ length: 600 }, (_, seed) => compare(seed, {}));
    const compared = results.filter((result) => result !== null);
    expect(compared.filter(({ differences }) => differences > 0)).toEqual([]);
    expect(compared.length).toBeGreaterThan(100);
    expect(new Set(compared.map(({ kind }) => kind))).toEqual(new Set(["masked", "dense"]));
    expect(compared.some(({ features }) => features > 4)).toBe(true);
  });

  it.each<[string, RandomEnsembleOptions]>([
    ["one tree", { trees: 1, leaves: 20 }],
    ["trees of one leaf", { shape: "stump" }],
    ["a number of trees that is no multiple of four", { trees: 13, leaves: 32 }],
    ["eight features", { features: 8, leaves: 32 }],
    ["one feature", { features: 1, leaves: 12 }],
    ["one target", { task: "regression", outputs: 1, votes: "dense", trees: 12 }],
    ["three classes", { task: "classification", outputs: 3, votes: "dense", trees: 12 }],
  ])("for %s", (_, options) => {
    const results = Array.from({ length: 40 }, (_entry, seed) => compare(seed, options));
    const compared = results.filter((result) => result !== null);
    expect(compared.filter(({ differences }) => differences > 0)).toEqual([]);
    expect(compared.length).toBeGreaterThan(0);
  });
});

it("leaves out double thresholds, many outputs, and processors without WebAssembly", () => {
  const three = { task: "classification", outputs: 3, votes: "dense", leaves: 12 } as const;
  const hasAny = (changes: RandomEnsembleOptions): boolean =>
    Array.from({ length: 20 }, (_, seed) => compare(seed, { ...three, ...changes })).some(
      (result) => result !== null,
    );
  expect(hasAny({})).toBe(true);
  expect(hasAny({ inputType: "double" })).toBe(false);
  expect(hasAny({ outputs: 4 })).toBe(false);
  vi.stubGlobal("WebAssembly", undefined);
  try {
    expect(hasAny({})).toBe(false);
  } finally {
    vi.unstubAllGlobals();
  }
});

it("has the code that the compiler makes of its source", async () => {
  expect(Buffer.from(await compileWasm("wasm/masks.ts")).toString("base64")).toBe(MASKS_CODE);
});
