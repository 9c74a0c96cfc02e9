import { readFileSync } from "node:fs";
import { readdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { loadModel } from "../../src/model/load-model.ts";
import { parseTreeEnsemble } from "../../src/model/onnx/read-tree-ensemble.ts";
import { encodeTreeEnsemble } from "../../src/model/onnx/write-tree-ensemble.ts";
import { importModel } from "../../src/training/import/import-model.ts";
import type { ImportRequest } from "../../src/training/training.ts";
import { runCli } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import {
  IRIS_CSV,
  IRIS_NAMES,
  PLANE_CSV,
  copyIris,
  toIrisObject,
  trainPlane,
} from "../support/models.ts";
import { startServer } from "../support/server.ts";

const FIXTURES = fileURLToPath(new URL("../fixtures/onnx/", import.meta.url));
const IRIS_DATA = { name: "iris.csv", text: IRIS_CSV };

/** The ONNX file of a trained Iris model, in place of a foreign file with one tree ensemble. */
async function readIrisGraph(folder: string): Promise<Buffer> {
  await copyIris(folder);
  return readFileSync(join(folder, "iris/1/model.onnx"));
}

describe("importModel", () => {
  it("takes names, ranges and trust parameters from the data, and then checks rows like a trained model", async () => {
    await using server = await startServer(
      {},
      {
        prepare: async (models) => {
          const graph = await readIrisGraph(models);
          const request = { models, name: "foreign", graph, data: IRIS_DATA, target: "species" };
          const imported = await importModel({
            ...request,
            units: { sepal_length: "cm" },
          });
          expect(imported).toMatchObject({ version: 1, hasGuard: true });
          expect(imported.fit).toBeGreaterThan(0.98);
        },
      },
    );
    const odd = { ...toIrisObject([5.1, 3.5, 1.4, 0.2]), sepal_length: 100 };
    const foreign = await server.post("/models/foreign/predict", odd);
    const own = await server.post("/models/iris/predict", odd);
    expect(foreign.json.probabilities).toEqual(own.json.probabilities);
    expect(foreign.json.warnings.map((warning: { code: string }) => warning.code)).toEqual([
      "out_of_range",
      "out_of_distribution",
    ]);
  });

  it("scores a regression on its data", async () => {
    await using folder = await createFolder();
    await trainPlane(folder.path);
    const graph = readFileSync(join(folder.path, "plane/1/model.onnx"));
    const csv = { name: "plane.csv", text: PLANE_CSV };
    const request = { models: folder.path, name: "foreign", graph, data: csv, target: "y" };
    const { fit } = await importModel(request);
    expect(fit).toBeGreaterThan(0.95);
    expect(fit).toBeLessThan(1);
  });

  it("includes missing values of the data in the ranges, the bins and their reference", async () => {
    const name = "xgboost-classes";
    const graph = readFileSync(`${FIXTURES}${name}.onnx`);
    const { features } = parseTreeEnsemble(graph);
    const header = Array.from({ length: features }, (_, i) => `x${i}`);
    const rows = Array.from({ length: 40 }, (_, row) =>
      header.map((_column, i) => (i === 0 && row % 4 === 0 ? "" : String(row * (i + 1)))).join(","),
    );
    const text = [header.join(","), ...rows].join("\n");
    const prepare = (models: string): Promise<unknown> =>
      importModel({ models, name, graph, data: { name: "d.csv", text } });
    await using server = await startServer({}, { prepare });
    const labels = `model="${name}",version="1",feature="x0"`;
    const missing = `${labels},bin="missing"`;
    expect(await server.metric(`model_feature_reference_ratio{${missing}}`)).toBe(0.25);
    const metrics = (await server.get("/metrics")).text;
    const ratios = [
      ...metrics.matchAll(/^model_feature_reference_ratio\{.*feature="x0".*\} (.*)$/gm),
    ];
    expect(ratios.reduce((sum, [, ratio]) => sum + Number(ratio), 0)).toBeCloseTo(1, 9);

    const body = Object.fromEntries(
      header.map((column, i) => [column, i === 0 ? null : 20 * (i + 1)]),
    );
    const { json } = await server.post("/predict", body);
    expect(json.out_of_distribution).toEqual({ p_value: null, is_outlier: null });
    expect(json.warnings[0]).toMatchObject({ code: "missing_value", feature: "x0" });
    expect(await server.metric(`model_feature_bin_total{${missing}}`)).toBe(1);
    expect(await server.metric(`model_ood_p_value_count{model="${name}",version="1"}`)).toBe(0);
  });

  it("rejects a small file that declares a million features, before it allocates them", async () => {
    await using folder = await createFolder();
    const stump = parseTreeEnsemble(await readIrisGraph(folder.path));
    const graph = encodeTreeEnsemble({ ...stump, features: 1_000_000 }, { producerVersion: "0" });
    const request = { models: folder.path, name: "wide", graph };
    await expect(importModel(request)).rejects.toMatchObject({ code: "MODEL_UNSUPPORTED" });
  });

  it("works without data: names from the file, or f0, f1, …, and no trust check", async () => {
    await using folder = await createFolder();
    const graph = await readIrisGraph(folder.path);
    const base = { models: folder.path };
    const named = await importModel({ ...base, name: "named", graph });
    expect(named).toMatchObject({ hasGuard: false, fit: null });
    expect(named.model.manifest.features.map(({ name }) => name)).toEqual(IRIS_NAMES);
    const nameless = readFileSync(`${FIXTURES}sklearn-forest.onnx`);
    const unnamed = await importModel({ ...base, name: "unnamed", graph: nameless });
    expect(unnamed.model.manifest.features[1]).toEqual({
      name: "f1",
      type: "float32",
      unit: null,
      min: null,
      max: null,
      nullable: false,
    });
    for (const { directory } of [named, unnamed]) {
      expect((await loadModel(directory)).manifest.guard).toBeNull();
    }
  });

  it.each([
    "sklearn-forest-double",
    "sklearn-forest-targets",
    "xgboost-classes",
    "lightgbm-categories",
    "sklearn-boosting",
  ])("converts %s to a model that loads", async (name) => {
    await using folder = await createFolder();
    const graph = readFileSync(`${FIXTURES}${name}.onnx`);
    const { directory, model } = await importModel({
      models: folder.path,
      name,
      graph,
    });
    const { manifest, executor } = await loadModel(directory);
    expect(manifest).toEqual(model.manifest);
    expect(executor.outputs).toBe(Math.max(manifest.classes.length, manifest.targets.length));
    if (name === "sklearn-forest-double") expect(manifest.features[0]?.type).toBe("float64");
    // XGBoost and LightGBM learn where missing values go; scikit-learn's forest of this version does not.
    expect(manifest.features[0]?.nullable).toBe(/xgboost|lightgbm/.test(name));
  });

  it.each<[string, Partial<ImportRequest>, string]>([
    [
      "data with another number of columns",
      { data: IRIS_DATA },
      'Expected a number, got "setosa".',
    ],
    [
      "too few columns",
      { data: { name: "d", text: "a,b\n1,2\n" } },
      "Expected 4 feature columns as the graph has inputs, got 2.",
    ],
    ["a missing target column", { data: IRIS_DATA, target: "x" }, 'Expected a column "x"'],
    ["an invalid name", { name: "../x" }, "Expected 1 to 64 letters"],
    ["a file that is not a model", { graph: new TextEncoder().encode("hello") }, ""],
  ])("rejects %s and writes nothing", async (_what, changes, message) => {
    await using folder = await createFolder();
    const graph = await readIrisGraph(folder.path);
    const models = join(folder.path, "other");
    const request = { models, name: "x", graph, ...changes };
    await expect(importModel(request)).rejects.toThrow(message);
    expect(await readdir(folder.path)).toEqual(["iris"]);
  });
});

describe("tepal import", () => {
  it("prints the features, the score on the data, and the directory", async () => {
    await using folder = await createFolder();
    await writeFile(join(folder.path, "my forest.onnx"), await readIrisGraph(folder.path));
    await writeFile(join(folder.path, "data.csv"), IRIS_CSV);
    const words = ["import", "my forest.onnx", "--data", "data.csv", "--target", "species"];
    const run = await runCli(words, folder.path);
    expect(run.stderr).toBe("");
    expect(run.stdout).toContain(
      "4 features (sepal_length, sepal_width, petal_length, petal_width)",
    );
    expect(run.stdout).toMatch(/On data.csv the model predicts (99|100)\.\d % of species right/);
    expect(run.stdout).toContain("Wrote models/my-forest/1");
    const bare = await runCli(["import", "my forest.onnx", "--name", "bare"], folder.path);
    expect(bare.stdout).toContain("Without --data there is no trust check");
  });

  it("names unsupported content of a file, and exits with 1", async () => {
    await using folder = await createFolder();
    await writeFile(join(folder.path, "bad.onnx"), "not a model");
    const run = await runCli(["import", "bad.onnx"], folder.path);
    expect(run.code).toBe(1);
    expect(run.stderr).toContain("tepal:");
    expect(await readdir(folder.path)).toEqual(["bad.onnx"]);
    expect((await runCli(["import", "nope.onnx"], folder.path)).stderr).toContain("cannot be read");
    expect((await runCli(["import"], folder.path)).code).toBe(2);
  });
});
