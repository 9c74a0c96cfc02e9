import * as fc from "fast-check";
import { expect, it, vi } from "vitest";
import { compileWasm } from "../../scripts/compile-wasm.ts";
import { KNN_CODE } from "./knn-code.ts";
import { createKnnIndex, toNeighbourDistance } from "./knn-index.ts";
import { createWasmKnn } from "./wasm-knn.ts";

const coordinate = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: -3, max: 3 }) },
  { weight: 4, arbitrary: fc.double({ min: -2, max: 2, noNaN: true }) },
  { weight: 1, arbitrary: fc.constantFrom(1e200, -1e200, 1e-200, -0) },
);
const far = fc.oneof(
  { weight: 9, arbitrary: coordinate },
  { weight: 1, arbitrary: fc.constantFrom(Infinity, -Infinity, NaN) },
);
const search = fc.integer({ min: 1, max: 11 }).chain((width) =>
  fc.record({
    width: fc.constant(width),
    rows: fc
      .array(fc.array(coordinate, { minLength: width, maxLength: width }), {
        minLength: 1,
        maxLength: 40,
      })
      .map((rows) => Float64Array.from(rows.flat())),
    targets: fc.array(fc.array(far, { minLength: width, maxLength: width }), { minLength: 1 }),
    neighbours: fc.integer({ min: 1, max: 6 }),
  }),
);

it("finds the distance that the search in TypeScript finds, to the last bit", () => {
  fc.assert(
    fc.property(search, ({ width, rows, targets, neighbours }) => {
      const index = createKnnIndex(rows, width);
      const wasm = createWasmKnn(index, neighbours)!;
      const nearest = new Float64Array(neighbours);
      for (const target of targets) {
        wasm.target.set(target);
        const expected = toNeighbourDistance(index, wasm.target, 0, -1, null, nearest);
        expect(wasm.toDistance()).toBe(expected);
      }
    }),
    { numRuns: 1_000 },
  );
});

it("is left out where WebAssembly cannot run", () => {
  const index = createKnnIndex(Float64Array.of(1, 2, 3), 1);
  expect(createWasmKnn(index, 1)).toBeDefined();
  vi.stubGlobal("WebAssembly", undefined);
  try {
    expect(createWasmKnn(index, 1)).toBeUndefined();
  } finally {
    vi.unstubAllGlobals();
  }
});

it("has the code that the compiler makes of its source", async () => {
  expect(Buffer.from(await compileWasm("wasm/knn.ts")).toString("base64")).toBe(KNN_CODE);
});
