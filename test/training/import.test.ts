import { readFileSync } from "node:fs";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { loadModel } from "../../src/model/load-model.ts";
import { parseTreeEnsemble } from "../../src/model/onnx/read-tree-ensemble.ts";
import { encodeTreeEnsemble } from "../../src/model/onnx/write-tree-ensemble.ts";
import { importModel } from "../../src/training/import/import-model.ts";
import { trainModel } from "../../src/training/train-model.ts";
import type {
  DataSource,
  DataValue,
  ImportRequest,
  TrainRequest,
} from "../../src/training/training.ts";
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

/** Trains a model and returns its ONNX file. */
async function trainGraph(request: Omit<TrainRequest, "name">): Promise<Buffer> {
  await using folder = await createFolder();
  const { directory } = await trainModel({ ...request, models: folder.path, name: "x" });
  return await readFile(join(directory, "model.onnx"));
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
    expect(json.out_of_distribution).toEqual({ p_value: 1, is_outlier: false });
    expect(json.warnings[0]).toMatchObject({ code: "missing_value", feature: "x0" });
    expect(await server.metric(`model_feature_bin_total{${missing}}`)).toBe(1);
    expect(await server.metric(`model_ood_p_value_count{model="${name}",version="1"}`)).toBe(1);
  });

  it("rejects a small file that declares a million features, before it allocates them", async () => {
    await using folder = await createFolder();
    const stump = parseTreeEnsemble(await readIrisGraph(folder.path));
    const graph = encodeTreeEnsemble({ ...stump, features: 1_000_000 }, { producerVersion: "0" });
    const request = { models: folder.path, name: "wide", graph };
    await expect(importModel(request)).rejects.toMatchObject({ code: "MODEL_UNSUPPORTED" });
  });

  it("does not take names from a file that has another number of them", async () => {
    const ensemble = parseTreeEnsemble(readFileSync(`${FIXTURES}sklearn-forest.onnx`));
    const names = Array.from({ length: ensemble.features }, (_, i) => `f${i}`);
    for (const featureNames of [["x", ...names], names.slice(1), [...names, names[0]!]]) {
      const graph = encodeTreeEnsemble(ensemble, { producerVersion: "0", featureNames });
      const { model } = await importModel({ graph, name: "foreign" });
      expect(model.manifest.features.map(({ name }) => name)).toEqual(names);
    }
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
      type: "number",
      precision: "float32",
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
    if (name === "sklearn-forest-double") expect(manifest.features[0]?.precision).toBe("float64");
    // XGBoost and LightGBM learn where missing values go; scikit-learn's forest of this version does not.
    expect(manifest.features[0]?.nullable).toBe(/xgboost|lightgbm/.test(name));
  });

  it.each<[string, Partial<ImportRequest>, string]>([
    [
      "data with another number of columns",
      { data: IRIS_DATA },
      "Expected 4 feature columns as the graph has inputs, got 5.",
    ],
    [
      "too few columns",
      { data: { name: "d", text: "a,b\n1,2\n" } },
      "Expected 4 feature columns as the graph has inputs, got 2.",
    ],
    ["a missing target column", { data: IRIS_DATA, target: "x" }, 'Expected a column "x"'],
    [
      "dates for numbers",
      { data: { name: "d", text: "a,b,c,day\n1,2,3,2024-01-31\n1,2,3,2024-02-01\n" } },
      'column "day": Expected numbers or categories, got dates such as "2024-01-31". Add --drop "day"',
    ],
    ["units of no data", { units: { a: "cm" } }, "Invalid option unit: Expected data with"],
    ["columns of no data", { drop: ["a"], id: ["b"] }, "drop: Expected data with this option"],
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

describe("the target column of an import", () => {
  /** A model of one feature that predicts the second of two classes above 0.5. */
  async function importStep(
    classes: readonly (string | number)[],
    labels: readonly DataValue[],
  ): Promise<number | null> {
    const own = labels.map((_, i) => ({ x: i % 2, y: classes[i % 2] }));
    const graph = await trainGraph({ data: own, target: "y", task: "classification", trees: 8 });
    const data = labels.map((y, i) => ({ x: i % 2, y }));
    return (await importModel({ graph, data, target: "y" })).fit;
  }
  const repeat = (values: readonly DataValue[]): DataValue[] =>
    Array.from({ length: 20 }, (_, i) => values[i % values.length]);

  it.each<[readonly (string | number)[], readonly DataValue[]]>([
    [
      [0, 1],
      [false, true],
    ],
    [
      [0, 1],
      ["False", "True"],
    ],
    [
      ["False", "True"],
      [false, true],
    ],
    [
      ["false", "true"],
      ["FALSE", "TRUE"],
    ],
    [
      ["False", "True"],
      [0, 1],
    ],
    [
      [0, 1],
      ["0.0", "1.0"],
    ],
    [
      [1, 2],
      ["01", "2.00"],
    ],
    [
      ["no", "yes"],
      ["no", "yes"],
    ],
  ])("compares classes %j with %j by value", async (classes, labels) => {
    expect(await importStep(classes, repeat(labels))).toBe(1);
    expect(await importStep(classes, repeat(labels.toReversed()))).toBe(0);
  });

  it("leaves out the columns that the user states, wherever they stand", async () => {
    const iris = await trainGraph({ data: IRIS_DATA, target: "species", trees: 4 });
    const [header = "", ...lines] = IRIS_CSV.trim().split("\n");
    const text = [
      `id,${header},note`,
      ...lines.map((line, i) => `${1_000 + i},${line},${i % 9 === 0 ? "seen" : ""}`),
    ].join("\n");
    const own = { graph: iris, data: { name: "d.csv", text }, target: "species" };
    const left = await importModel({ ...own, drop: ["note"], id: ["id"] });
    const plain = await importModel({ ...own, data: IRIS_DATA });
    expect(left.model.manifest.features).toEqual(plain.model.manifest.features);
    expect(left.fit).toBe(plain.fit);

    const byName = { ...own, graph: join(PIPELINES, "inputs-forest.onnx"), drop: ["sepal_length"] };
    const problem = (message: string) => ({
      code: "INVALID_DATA",
      message: expect.stringContaining(message),
    });
    await expect(importModel({ ...own, id: ["id"] })).rejects.toMatchObject(
      problem("got 5. Order the columns as the graph's inputs, name the predicted column"),
    );
    await expect(importModel(byName)).rejects.toMatchObject(problem("Expected 4 feature columns"));
    await expect(importModel({ ...own, drop: ["ID"] })).rejects.toMatchObject(
      problem('Expected a column "ID", got: id,'),
    );
    await expect(importModel({ ...own, drop: ["species"] })).rejects.toMatchObject(
      problem("Expected a column other than the target in --drop."),
    );
  });

  it("leaves out rows without a value", async () => {
    expect(await importStep([0, 1], repeat([0, 1, null, 0, 0, ""]))).toBe(11 / 14);
  });

  it.each<[readonly (string | number)[], readonly DataValue[], string]>([
    [
      [0, 1],
      ["setosa", "virginica"],
      "Expected the classes of the model (0, 1), got setosa, virginica.",
    ],
    [["no", "yes"], [true, false], "Expected the classes of the model (no, yes), got false, true."],
    [["a", "b"], [1.5, 2.5], "Expected the classes of the model (a, b), got 1.5, 2.5."],
    [["a", "b"], [null, ""], "Expected values, got only missing ones."],
  ])("rejects classes %j for %j and names both", async (classes, labels, message) => {
    await expect(importStep(classes, repeat(labels))).rejects.toMatchObject({
      code: "INVALID_DATA",
      message: expect.stringContaining(message),
    });
  });

  it("must hold numbers for a regression; missing ones are left out", async () => {
    const data = Array.from({ length: 40 }, (_, x) => ({ x, y: 3 * x }));
    const graph = await trainGraph({ data, target: "y", task: "regression", trees: 8 });
    const withGaps = data.map((row, i) => ({ ...row, y: i % 4 === 0 ? null : row.y }));
    expect((await importModel({ graph, data: withGaps, target: "y" })).fit).toBeGreaterThan(0.95);
    const labels = data.map((row, i) => ({ ...row, y: i === 7 ? "high" : row.y }));
    await expect(importModel({ graph, data: labels, target: "y" })).rejects.toThrow(
      'row 8, column "y": Expected a number, got "high".',
    );
  });
});

const PIPELINES = fileURLToPath(new URL("../fixtures/pipelines/", import.meta.url));

describe("a graph with steps around its model", () => {
  const rows = [
    { petal_width: 0.2, species: 0, petal_length: 1.4, sepal_width: 3.5, sepal_length: 5.1 },
    { petal_width: 1.8, species: 2, petal_length: 5.9, sepal_width: 3, sepal_length: 6.9 },
  ];

  it("takes the columns of its inputs by name, and serves after it is loaded again", async () => {
    await using folder = await createFolder();
    const graph = join(PIPELINES, "inputs-forest.onnx");
    const request = { models: folder.path, name: "x", graph, data: rows, target: "species" };
    const { directory, fit } = await importModel(request);
    expect(fit).toBe(1);
    const { manifest, executor } = await loadModel(directory);
    expect(manifest.features.map(({ name }) => name)).toEqual([
      "sepal_length",
      "sepal_width",
      "petal_length",
      "petal_width",
    ]);
    const labels = new Int32Array(1);
    executor.run(Float64Array.of(6.9, 3, 5.9, 1.8), 1, new Float32Array(3), labels);
    expect(labels[0]).toBe(2);
  });

  it("accepts a missing value that it imputes, without data", async () => {
    const { model } = await importModel({ graph: join(PIPELINES, "imputer-forest.onnx") });
    expect(model.manifest.features.every(({ nullable }) => nullable)).toBe(true);
    const { model: other } = await importModel({ graph: join(PIPELINES, "scaler-forest.onnx") });
    expect(other.manifest.features.some(({ nullable }) => nullable)).toBe(false);
  });

  it("is rejected with the operator that has no rule", async () => {
    const graph = join(PIPELINES, "knn.onnx");
    await expect(importModel({ graph, engine: "tepal" })).rejects.toMatchObject({
      code: "MODEL_UNSUPPORTED",
      message: expect.stringContaining("Scan"),
    });
  });

  it("has the strings that its graph distinguishes as categories, and those of the data with their shares", async () => {
    const graph = join(PIPELINES, "titanic-onehot-logistic.onnx");
    const { model } = await importModel({ graph });
    const [, , sex, port] = model.manifest.features;
    expect(sex).toMatchObject({ type: "category", nullable: false });
    expect(sex?.categories).toEqual(["female", "male"].map((value) => ({ value, share: null })));
    expect(port).toMatchObject({ type: "category", nullable: true });

    const data = [
      { age: 3, fare: 1, sex: "male", port: "S" },
      { age: 4, fare: 2, sex: "male", port: null },
      { age: 5, fare: 3, sex: "other", port: "Q" },
      { age: 5, fare: 4, sex: "female", port: "Q" },
    ];
    const { model: known, hasGuard } = await importModel({ graph, data });
    expect(hasGuard).toBe(true);
    expect(known.manifest.guard).toMatchObject({
      levels: [null, null, [1, 0, 1, 2], [1, 1, 0, 1, 2]],
    });
    expect(known.manifest.features[2]?.categories).toEqual([
      { value: "female", share: 0.25 },
      { value: "male", share: 0.5 },
      { value: "other", share: 0.25 },
    ]);
  });

  it("takes strings for the numbers of a graph by their place in sorted order, and notifies the user", async () => {
    const graph = join(PIPELINES, "scaler-forest.onnx");
    const colored = ["b", "c", "a", "b"].map((color, i) => ({
      ...toIrisObject([5, 3, i, 0]),
      color,
    }));
    const data = colored.map(({ color, ...row }) => {
      const [first = "", ...others] = Object.keys(row);
      return { [first]: color, ...Object.fromEntries(others.map((name) => [name, 1])) };
    });
    const notices: string[] = [];
    const { model } = await importModel(
      { graph, data },
      { onNotice: (text) => notices.push(text) },
    );
    expect(model.manifest.features[0]?.categories?.map(({ value }) => value)).toEqual([
      "a",
      "b",
      "c",
    ]);
    expect(notices).toEqual([expect.stringContaining("a = 0, b = 1, c = 2")]);
    const mixed = data.map((row, i) => (i === 0 ? { ...row, [Object.keys(row)[0]!]: 7 } : row));
    await expect(importModel({ graph, data: mixed })).rejects.toMatchObject({
      code: "INVALID_DATA",
      message: expect.stringContaining('Expected a number, got "c"'),
    });
  });
});

describe("expected predictions", () => {
  const graph = join(PIPELINES, "logistic.onnx");
  const data = [
    [5.1, 3.5, 1.4, 0.2],
    [6.9, 3, 5.9, 1.8],
  ].map(toIrisObject);

  /** The probabilities of the graph, in the order of its classes. */
  async function predict(): Promise<Record<string, number>[]> {
    const { model } = await importModel({ graph, data });
    const scores = new Float32Array(6);
    const rows = Float64Array.from(data.flatMap((row) => Object.values(row)));
    model.executor.run(rows, 2, scores, new Int32Array(2));
    return [0, 3].map((at) => ({ 0: scores[at]!, 1: scores[at + 1]!, 2: scores[at + 2]! }));
  }

  it("accepts a graph that predicts them, as probabilities or classes", async () => {
    const probabilities = await predict();
    await expect(importModel({ graph, data, expect: probabilities })).resolves.toBeDefined();
    const swapped = probabilities.map((row) => ({
      "1": row["1"]!,
      "2": row["2"]!,
      "0": row["0"]!,
    }));
    await expect(importModel({ graph, data, expect: swapped })).resolves.toBeDefined();
    const classes = [{ label: "0" }, { label: 2 }];
    await expect(importModel({ graph, data, expect: classes })).resolves.toBeDefined();
  });

  it("rejects another graph, and shows the worst row", async () => {
    const probabilities = await predict();
    const other = probabilities.with(1, { 0: 0.5, 1: 0.25, 2: 0.25 });
    await expect(importModel({ graph, data, expect: other })).rejects.toMatchObject({
      code: "MODEL_UNSUPPORTED",
      message: expect.stringMatching(/for 1 of 2 rows[^]*row 2: Expected 0.25 for 2, got 0.9/),
    });
    const classes = [{ label: 0 }, { label: 1 }];
    await expect(importModel({ graph, data, expect: classes })).rejects.toMatchObject({
      message: expect.stringContaining("row 2: Expected 1, got 2."),
    });
  });

  it.each<[string, DataSource | undefined, string]>([
    ["without data", undefined, "Expected the rows that it predicts as data"],
    ["with another number of rows", data.slice(1), "Expected 1 rows, as in the data, got 2."],
    ["with another number of columns", data, "Expected 3 columns"],
  ])("is rejected %s", async (_what, rows, message) => {
    const expected = [
      { a: 1, b: 2 },
      { a: 1, b: 2 },
    ];
    await expect(importModel({ graph, data: rows, expect: expected })).rejects.toThrow(message);
  });
});

describe("features that may be missing", () => {
  it("are declared for a graph that predicts without them", async () => {
    const graph = join(FIXTURES, "sklearn-forest.onnx");
    const { model } = await importModel({ graph, nullable: ["f1"] });
    expect(model.manifest.features.map(({ nullable }) => nullable)).toEqual([
      false,
      true,
      false,
      false,
    ]);
    const all = await importModel({ graph, nullable: "all" });
    expect(all.model.manifest.features.every(({ nullable }) => nullable)).toBe(true);
  });

  it.each([
    ["sklearn-forest.onnx", FIXTURES, "other", 'Expected names of features, got "other".'],
    ["logistic.onnx", PIPELINES, "f1", "Expected features without which the model predicts"],
    ["forest-int64.onnx", PIPELINES, "f1", "Expected features without which the model predicts"],
  ])("are rejected for %s in %s", async (file, folder, name, message) => {
    const request = { graph: join(folder, file), nullable: [name] };
    await expect(importModel(request)).rejects.toThrow(message);
  });
});

describe("a file of XGBoost or LightGBM", () => {
  const folder = fileURLToPath(new URL("../fixtures/native/", import.meta.url));

  it("becomes a version with an ONNX graph, and the codes of its categories are named", async () => {
    await using models = await createFolder();
    const graph = join(folder, "xgboost-categories.json");
    const notices: string[] = [];
    const { directory } = await importModel(
      { models: models.path, name: "x", graph },
      { onNotice: (notice) => notices.push(notice) },
    );
    expect(notices).toEqual([
      expect.stringContaining('The feature "f0" is a category: its values are codes'),
      expect.stringContaining('The feature "f1" is a category: its values are codes'),
    ]);
    const { manifest } = await loadModel(directory);
    expect(manifest.classes).toEqual(["0", "1"]);
    expect(manifest.features.map(({ nullable }) => nullable)).toEqual([true, true, true]);
  });

  it("has the names of its features", async () => {
    const { model } = await importModel({ graph: join(folder, "lightgbm-binary.txt") });
    expect(model.manifest.features[0]?.name).toBe("Column_0");
  });

  it.each([
    [
      '{"learner":{"feature_names":[]}}',
      "Invalid XGBoost model: learner_model_param: Expected an object.",
    ],
    ["tree\nversion=v4\n", "Invalid LightGBM model: max_feature_idx"],
    ["{L\0\0\0\0\0\0\0\x07learner{", "Invalid XGBoost model: byte "],
  ])("that is damaged is rejected: %j", async (content, message) => {
    const graph = Buffer.from(content, "latin1");
    await expect(importModel({ graph })).rejects.toMatchObject({
      code: "MODEL_DAMAGED",
      message: expect.stringContaining(message),
    });
  });
});

describe("a model with predictions that are not finite", () => {
  it.each<[string, DataSource | undefined, string]>([
    [
      "with data",
      [1, 2, 19].map((x) => ({ x })),
      "got Infinity for output 0 of row 3 of the table",
    ],
    ["without data", undefined, "for output 0 of an input with the thresholds"],
  ])("is rejected %s, and nothing is written", async (_what, data, message) => {
    await using folder = await createFolder();
    const rows = Array.from({ length: 20 }, (_, x) => ({ x, y: x < 8 ? 1 : 2 }));
    const sound = parseTreeEnsemble(
      await trainGraph({ data: rows, target: "y", task: "regression", trees: 1, maxDepth: 1 }),
    );
    // Of the leaves of the only branch, the one for small values stays finite.
    const voteWeight = sound.voteWeight.map((weight) =>
      weight > 0 || data === undefined ? Infinity : weight,
    );
    const graph = encodeTreeEnsemble({ ...sound, voteWeight }, { producerVersion: "0" });
    const request = { models: join(folder.path, "models"), name: "x", graph, data };
    await expect(importModel(request)).rejects.toMatchObject({
      code: "MODEL_UNSUPPORTED",
      message: expect.stringContaining(message),
    });
    expect(await readdir(folder.path)).toEqual([]);
  });
});

describe("a file of another format", () => {
  it.each([
    [
      "model.pkl",
      "\x80\x04\x95\0\0\0\0\0\0\0\0\x8c\x07sklearn",
      "a Python pickle. Tepal never loads pickles",
    ],
    ["model.bin", "binf\0\0", "an XGBoost model. Save the model in Python as JSON"],
    [
      "model.json",
      '{"num_tree_per_iteration":1}',
      "a LightGBM model. Save the model in Python as text",
    ],
    ["model.cbm", "CBM1\x10\0", "a CatBoost model. Save the model in Python"],
    ["model.h5", "\x89HDF\r\n\x1a\n", "Tepal predicts with tree ensembles, linear models"],
    ["model.onnx", "version https://git-lfs.github.com/spec/v1\n", "git lfs pull"],
    ["model.onnx", "", "an empty file"],
    ["notes.txt", "not a model", 'text that starts with "not a model"'],
  ])("is named: %s, %j", async (name, content, message) => {
    await using folder = await createFolder();
    const graph = join(folder.path, name);
    await writeFile(graph, content, "latin1");
    await expect(importModel({ graph, name: "x" })).rejects.toMatchObject({
      code: "MODEL_UNSUPPORTED",
      message: expect.stringMatching(`^${name}: Expected an ONNX file, got `),
    });
    await expect(importModel({ graph, name: "x" })).rejects.toThrow(message);
  });

  it("is not assumed for a damaged ONNX file", async () => {
    await using folder = await createFolder();
    const graph = (await readIrisGraph(folder.path)).subarray(0, 3_000);
    await expect(importModel({ graph, name: "x" })).rejects.toMatchObject({
      code: "MODEL_DAMAGED",
    });
  });
});

describe("tepal import", () => {
  it("prints the features, the score on the data, and the directory", async () => {
    await using folder = await createFolder();
    await writeFile(join(folder.path, "my forest.onnx"), await readIrisGraph(folder.path));
    const counted = IRIS_CSV.trim()
      .split("\n")
      .map((line, i) => `${line},${i === 0 ? "id" : i}`);
    await writeFile(join(folder.path, "data.csv"), counted.join("\n"));
    const words = ["import", "my forest.onnx", "--data", "data.csv", "--target", "species"];
    const run = await runCli([...words, "--id", "id"], folder.path);
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
