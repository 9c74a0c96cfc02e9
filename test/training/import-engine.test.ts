import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { AnyExecutor, LoadedModel } from "../../src/model/model.ts";
import { importModel } from "../../src/training/import/import-model.ts";

type Cell = number | string;

/** A graph with the results of onnxruntime for rows alone (scripts/make-engine-fixtures.py, make-pipeline-fixtures.py). */
interface Fixture {
  readonly inputs: readonly { readonly name: string; readonly rows: readonly Cell[] }[];
  readonly outputs: readonly { readonly type: string; readonly rows: readonly Cell[] }[];
}

const ENGINE = "test/fixtures/engine";
const PIPELINES = "test/fixtures/pipelines";
/** The pipelines that Tepal does not compute (`REJECTED` in src/model/pipeline/fixtures.test.ts). */
const REJECTED = ["adaboost-regression", "kmeans", "knn", "one-vs-one", "qda"];
/** KNNImputer: onnxruntime 1.30 divides by zero for a row without missing values, which ends its process; 1.32 does not. */
const CRASHING = "imputed-forest";
const NAMES = readdirSync(ENGINE)
  .filter((name) => name.endsWith(".onnx"))
  .map((name) => name.slice(0, -".onnx".length))
  .filter((name) => name !== CRASHING);
const PATHS = [
  ...NAMES.map((name) => `${ENGINE}/${name}`),
  ...REJECTED.map((name) => `${PIPELINES}/${name}`),
];

function toNumber(cell: Cell): number {
  return cell === "nan" ? Number.NaN : Number(cell);
}

/** Returns the rows of a fixture in the codes of the model's features. */
function toRows({ inputs }: Fixture, { manifest }: LoadedModel<AnyExecutor>): Float64Array {
  const { features } = manifest;
  const widths = inputs.map(({ rows }) => rows.length);
  const total = widths.reduce((sum, width) => sum + width, 0);
  const count = total / features.length;
  const row = (r: number): readonly Cell[] =>
    inputs.flatMap(({ rows }) => {
      const width = rows.length / count;
      return rows.slice(r * width, (r + 1) * width);
    });
  return Float64Array.from(
    Array.from({ length: count }, (_, r) =>
      row(r).map((cell, i) => {
        const categories = features[i]!.categories?.map(({ value }) => String(value));
        return categories === undefined ? toNumber(cell) : categories.indexOf(String(cell));
      }),
    ).flat(),
  );
}

describe("a graph that only onnxruntime computes", () => {
  it("has fixtures of at least 15 kinds", () => expect(NAMES.length).toBeGreaterThanOrEqual(15));

  it.each(PATHS)("%s is imported and predicts as in Python", async (path) => {
    const graph = `${path}.onnx`;
    const fixture: Fixture = JSON.parse(readFileSync(`${path}.json`, "utf8"));
    await expect(importModel({ graph, engine: "tepal" })).rejects.toMatchObject({
      code: "MODEL_UNSUPPORTED",
    });
    const { model } = await importModel({ graph });
    const { executor, manifest } = model;
    expect(manifest.engine).toBe("onnxruntime");
    const rows = toRows(fixture, model);
    const count = rows.length / executor.features;
    const scores = new Float32Array(count * executor.outputs);
    const labels = new Int32Array(count);
    for (let row = 0; row < count; row++) {
      const values = rows.subarray(row * executor.features, (row + 1) * executor.features);
      const [from, to] = [row * executor.outputs, (row + 1) * executor.outputs];
      await executor.run(values, 1, scores.subarray(from, to), labels.subarray(row, row + 1));
    }
    await executor.close?.();
    const isReal = ({ type }: { readonly type: string }): boolean => type.startsWith("float");
    const expected = fixture.outputs.find(isReal)!.rows.map(toNumber);
    expect(expected).toHaveLength(scores.length);
    const scale = Math.max(1, ...expected.map(Math.abs));
    const greatest = Math.max(...expected.map((value, i) => Math.abs(value - scores[i]!)));
    // The fixtures are of another version of onnxruntime.
    expect(greatest / scale).toBeLessThanOrEqual(1e-5);
    if (executor.task === "regression") return;
    const stated = fixture.outputs.find((output) => !isReal(output))!.rows;
    expect(Array.from(labels, (label) => executor.classes[label])).toEqual(stated);
  });

  it.runIf(process.arch === "x64")(
    "is rejected if it ends the process of onnxruntime",
    async () => {
      await expect(importModel({ graph: `${ENGINE}/${CRASHING}.onnx` })).rejects.toMatchObject({
        code: "MODEL_UNSUPPORTED",
        message: expect.stringContaining("ended by SIGFPE"),
      });
    },
  );

  it("can be chosen for a graph that Tepal computes, with equal predictions", async () => {
    const graph = `${PIPELINES}/titanic-onehot-forest.onnx`;
    const { model: own } = await importModel({ graph });
    const { model: other } = await importModel({ graph, engine: "onnxruntime" });
    expect(own.manifest.engine).toBeUndefined();
    expect(other.manifest).toEqual({
      ...own.manifest,
      engine: "onnxruntime",
      files: expect.anything(),
      provenance: expect.anything(),
    });
    const rows = Float64Array.of(30, 8, 0, 1, 60, 70, 1, 0, 5, 20, 2, 9, 30, 7, 0, Number.NaN);
    const predict = async ({ executor }: LoadedModel<AnyExecutor>) => {
      const scores = new Float32Array(4 * executor.outputs);
      const labels = new Int32Array(4);
      await executor.run(rows, 4, scores, labels);
      return { scores, labels };
    };
    expect(await predict(other)).toEqual(await predict(own));
    await other.executor.close?.();
  });

  it("has the strings of the data as categories where its graph lists none", async () => {
    const graph = `${ENGINE}/titanic-knn.onnx`;
    const data = Array.from({ length: 40 }, (_, i) => ({
      age: i + 20,
      fare: 3 * i,
      sex: i % 2 === 0 ? "female" : "male",
      port: "CQSX"[i % 4]!,
    }));
    const { model, hasGuard } = await importModel({ graph, data });
    expect(hasGuard).toBe(true);
    const [, , sex, port] = model.manifest.features;
    expect(sex?.categories?.map(({ value }) => value)).toEqual(["female", "male"]);
    expect(port?.categories?.map(({ value }) => value)).toEqual(["C", "Q", "S", "X"]);
    await model.executor.close?.();
  });
});
