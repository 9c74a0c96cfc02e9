import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { compileModel, createModelExecutor } from "../../../model/compile-model.ts";
import { readNative } from "./convert-native.ts";
import { encodeNative } from "./encode-native.ts";

/** Models with the predictions of the libraries themselves (scripts/make-native-fixtures.py). */
const FOLDER = new URL("../../../../test/fixtures/native/", import.meta.url);

const files = readdirSync(FOLDER).filter((name) => !name.endsWith(".expected.json"));

function toNumber(cell: number | string): number {
  return cell === "nan" ? Number.NaN : Number(cell);
}

describe("a model in the format of its library", () => {
  it("has fixtures", () => expect(files.length).toBeGreaterThanOrEqual(30));

  it.each(files)("%s predicts as the library", (file) => {
    const name = file.slice(0, file.lastIndexOf("."));
    const native = readNative(readFileSync(new URL(file, FOLDER)));
    expect(native).toBeDefined();
    const executor = createModelExecutor(compileModel(encodeNative(native!, "0")));
    const {
      rows,
      scores,
      features,
    }: { rows: (number | string)[]; scores: number[]; features: number } = JSON.parse(
      readFileSync(new URL(`${name}.expected.json`, FOLDER), "utf8"),
    );
    expect(executor.features).toBe(features);
    const count = rows.length / features;
    const actual = new Float32Array(count * executor.outputs);
    const labels = new Int32Array(count);
    executor.run(Float64Array.from(rows, toNumber), count, actual, labels);
    expect(actual.length).toBe(scores.length);
    const scale = Math.max(1, ...scores.map(Math.abs));
    const worst = Math.max(...scores.map((score, i) => Math.abs(score - actual[i]!)));
    expect(worst / scale).toBeLessThanOrEqual(1e-6);
    if (executor.task === "regression") return;
    const width = executor.outputs;
    const best = Array.from(labels, (_, row) => {
      const own = scores.slice(row * width, (row + 1) * width);
      return own.indexOf(Math.max(...own));
    });
    expect(Array.from(labels)).toEqual(best);
  });
});
