import { readdirSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { TepalError } from "../../src/kernel/errors.ts";
import { compileModel, createModelExecutor } from "../../src/model/compile-model.ts";
import { readNative } from "../../src/training/import/native/convert-native.ts";
import { encodeNative } from "../../src/training/import/native/encode-native.ts";
import type { FuzzCount } from "./onnx.ts";

const FOLDER = new URL("../fixtures/native/", import.meta.url);

/**
 * Reads damaged files of XGBoost and LightGBM: bytes changed, numbers replaced, the end cut off. Each must give a model that runs, or a
 * TepalError MODEL_DAMAGED or MODEL_UNSUPPORTED.
 *
 * @param runs number of files of each kind
 * @throws Error of fast-check, with its seed, for the first file with another result
 */
export function fuzzNative(runs: number, seed = 1): FuzzCount {
  const count: FuzzCount = { accepted: 0, damaged: 0, unsupported: 0 };
  const files = readdirSync(FOLDER)
    .filter((name) => !name.endsWith(".expected.json"))
    .map((name) => readFileSync(new URL(name, FOLDER)));
  const file = fc.constantFrom(...files);
  const edits = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 });
  const damaged = fc.tuple(file, edits).map(([bytes, changes]) => {
    const copy = Uint8Array.from(bytes);
    for (const [at, value] of changes) copy[at % copy.length] = value;
    return copy;
  });
  const number = fc.constantFrom("-1", "0", "1e400", "4294967296", "3", "nan", "[", "");
  const renumbered = fc.tuple(file, fc.nat(), number).map(([bytes, at, value]) => {
    const text = bytes.toString("latin1");
    const numbers = [...text.matchAll(/-?\d+(?:\.\d+)?/g)];
    const found = numbers[at % numbers.length]!;
    const end = found.index + found[0].length;
    return Buffer.from(text.slice(0, found.index) + value + text.slice(end), "latin1");
  });
  const cut = fc.tuple(file, fc.nat()).map(([bytes, at]) => bytes.subarray(0, at % bytes.length));
  for (const kind of [damaged, renumbered, cut]) {
    fc.assert(
      fc.property(kind, (bytes) => readAndRun(bytes, count)),
      { numRuns: runs, seed },
    );
  }
  return count;
}

function readAndRun(bytes: Uint8Array, count: FuzzCount): void {
  try {
    const native = readNative(bytes);
    if (native === undefined) return;
    const executor = createModelExecutor(compileModel(encodeNative(native, "0")));
    count.accepted++;
    const { features, outputs } = executor;
    const rows = Float64Array.from({ length: 2 * features }, (_, i) => [0, NaN, 1e9][i % 3]!);
    executor.run(rows, 2, new Float32Array(2 * outputs), new Int32Array(2));
  } catch (thrown) {
    if (!(thrown instanceof TepalError)) throw thrown;
    if (thrown.code === "MODEL_DAMAGED") count.damaged++;
    else if (thrown.code === "MODEL_UNSUPPORTED") count.unsupported++;
    else throw thrown;
  }
}
