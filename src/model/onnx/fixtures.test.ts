import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { toGreatestUlps } from "../../../test/support/ulps.ts";
import { createForestExecutor } from "../executor/forest-executor.ts";
import { parseTreeEnsemble } from "./read-tree-ensemble.ts";
import { encodeTreeEnsemble } from "./write-tree-ensemble.ts";

/** The folder of models exported from scikit-learn, XGBoost and LightGBM (scripts/make-onnx-fixtures.py). */
const FOLDER = new URL("../../../test/fixtures/onnx/", import.meta.url);

interface FixtureCase {
  readonly features: number;
  /** Numbers, or the strings "nan", "inf" and "-inf". */
  readonly rows: readonly (number | string)[];
  readonly scores: readonly (number | string)[];
  readonly labels: readonly (number | string | boolean)[];
}

const names = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".onnx"))
  .map((name) => name.slice(0, -".onnx".length));

function readCase(name: string): FixtureCase {
  return JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf8"));
}

function toNumber(value: number | string): number {
  if (typeof value === "number") return value;
  return { nan: NaN, inf: Infinity, "-inf": -Infinity }[value] ?? Number(value);
}

describe("a model from another library", () => {
  it("has fixtures", () => expect(names.length).toBeGreaterThanOrEqual(15));

  it.each(names)("%s predicts the same as in onnxruntime", (name) => {
    const ensemble = parseTreeEnsemble(readFileSync(new URL(`${name}.onnx`, FOLDER)));
    const { features, rows, scores, labels } = readCase(name);
    expect(ensemble.features).toBe(features);

    const count = rows.length / features;
    const executor = createForestExecutor(ensemble);
    const ours = new Float32Array(count * ensemble.outputs);
    const ourLabels = new Int32Array(count);
    executor.run(Float64Array.from(rows, toNumber), count, ours, ourLabels);

    const isExact = ensemble.postTransform === "NONE" || ensemble.outputs === 1;
    expect(toGreatestUlps(ours, scores.map(toNumber), isExact ? 0 : 1)).toBeLessThanOrEqual(
      isExact ? 0 : 2,
    );
    if (ensemble.task === "regression") return;
    expect(Array.from(ourLabels, (label) => ensemble.classes[label])).toEqual(
      labels.map((label) => (typeof label === "boolean" ? Number(label) : label)),
    );
  });

  it.each(names)("%s is equal after encoding and parsing", (name) => {
    const ensemble = parseTreeEnsemble(readFileSync(new URL(`${name}.onnx`, FOLDER)));
    const bytes = encodeTreeEnsemble(ensemble, { producerVersion: "1.0.0" });
    expect(parseTreeEnsemble(bytes)).toEqual(ensemble);
  });
});
