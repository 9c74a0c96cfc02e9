import { readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { describe, expect, it } from "vitest";
import { loadModel } from "../../src/model/load-model.ts";
import { importModel } from "../../src/training/import/import-model.ts";
import { trainModel } from "../../src/training/train-model.ts";
import type { DataRow } from "../../src/training/training.ts";
import { runCli } from "../support/cli.ts";
import { createFolder } from "../support/folders.ts";
import { parseLines, type JsonValue } from "../support/json.ts";
import { ort } from "../support/onnxruntime.ts";
import { startServer, type TestServer } from "../support/server.ts";

const FIXTURES = new URL("../fixtures/onnx/", import.meta.url);
const JSON_TYPE = { "content-type": "application/json" };

/** Rows whose feature `a` determines the class. */
function toData(classes: readonly (string | number | boolean)[]): DataRow[] {
  return Array.from({ length: 20 * classes.length }, (_, i) => {
    const index = i % classes.length;
    return { a: 10 * index + (i % 7) / 10, b: (i * 13) % 11, quality: classes[index]! };
  });
}

function startTrained(classes: readonly (string | number | boolean)[]): Promise<TestServer> {
  const prepare = (models: string): Promise<unknown> =>
    trainModel({
      models,
      name: "wine",
      data: toData(classes),
      target: "quality",
      task: "classification",
      trees: 8,
    });
  return startServer({}, { prepare });
}

/** Returns the predictions of rows by every way of a server: one row on the fast path and past it, JSON batch, NDJSON and CSV. */
async function predictEveryWay(
  server: TestServer,
  rows: readonly Readonly<Record<string, number>>[],
): Promise<JsonValue[][]> {
  const post = async (path: string, headers: object, body: string): Promise<JsonValue> => {
    const reply = await server.send(path, { method: "POST", headers: { ...headers }, body });
    expect(reply.status).toBe(200);
    return reply;
  };
  const [fast, app]: JsonValue[][] = [[], []];
  for (const row of rows) {
    const body = JSON.stringify(row);
    fast?.push((await post("/predict", JSON_TYPE, body)).json);
    app?.push((await post("/predict", { ...JSON_TYPE, origin: "http://a.example" }, body)).json);
  }
  const batch = await post("/predict/batch", JSON_TYPE, JSON.stringify({ instances: rows }));
  const lines = rows.map((row) => JSON.stringify(row)).join("\n");
  const ndjson = await post(
    "/predict/batch",
    { "content-type": "application/x-ndjson" },
    `${lines}\n`,
  );
  const table = await post("/predict/batch", { "content-type": "text/csv" }, toCsv(rows));
  return [fast, app, batch.json.predictions, parseLines(ndjson.text), readTable(table.text)].map(
    (predictions) => predictions ?? [],
  );
}

function toCsv(rows: readonly Readonly<Record<string, number>>[]): string {
  const lines = rows.map((row) => Object.values(row).join(","));
  return `${[Object.keys(rows[0] ?? {}).join(","), ...lines].join("\n")}\n`;
}

/** Reads the lines of CSV replies, with numbers as numbers. */
function readTable(text: string): JsonValue[] {
  return parse<Record<string, string>>(text, { columns: true }).map((row) => ({
    ...row,
    prediction: Number(row["prediction"]),
    class_index: Number(row["class_index"]),
  }));
}

const NUMBERS = [
  { classes: [3, 4, 5, 6, 7, 8] },
  { classes: [-1, 0, 1] },
  // ONNX has no such labels: the graph has strings. "10" precedes "2.5" as text.
  { classes: [0.5, 2.5, 10] },
];

describe("prediction", () => {
  it.each(NUMBERS)("is the class if the classes are $classes, in every reply", async (given) => {
    const { classes } = given;
    await using server = await startTrained(classes);
    const rows = classes.map((_, index) => ({ a: 10 * index, b: 5 })).toReversed();
    const expected = classes
      .map((value, index) => ({ prediction: value, label: String(value), class_index: index }))
      .toReversed();
    for (const predictions of await predictEveryWay(server, rows)) {
      expect(predictions).toMatchObject(expected);
    }
    const { json: manifest } = await server.get("/models/wine");
    expect(manifest).toMatchObject({ classes: classes.map(String), class_values: classes });
  });

  it.each([
    { classes: ["bad", "good"] },
    { classes: [false, true] },
    { classes: ["1", "2", "two"] },
  ])("is the index if the classes are text or booleans: $classes", async ({ classes }) => {
    await using server = await startTrained(classes);
    const rows = classes.map((_, index) => ({ a: 10 * index, b: 5 }));
    const expected = classes.map((value, index) => ({
      prediction: index,
      label: String(value),
      class_index: index,
    }));
    for (const predictions of await predictEveryWay(server, rows)) {
      expect(predictions).toMatchObject(expected);
    }
    expect((await server.get("/models/wine")).json.class_values).toBeUndefined();
  });

  it("is the label of scikit-learn for an imported model", async () => {
    const name = "sklearn-tree";
    const graph = readFileSync(new URL(`${name}.onnx`, FIXTURES));
    const fixture: { features: number; rows: unknown[]; labels: number[] } = JSON.parse(
      readFileSync(new URL(`${name}.json`, FIXTURES), "utf8"),
    );
    await using server = await startServer(
      {},
      { prepare: (models) => importModel({ models, name, graph }) },
    );
    // JSON has no infinities, which some rows have.
    const rows = fixture.labels
      .map((label, row) => ({
        label,
        cells: fixture.rows.slice(row * fixture.features, (row + 1) * fixture.features),
      }))
      .filter(({ cells }) => cells.every(Number.isFinite));
    const { json } = await server.post("/predict/batch", {
      instances: rows.map(({ cells }) => cells),
    });
    const predictions: readonly { prediction: number }[] = json.predictions;
    expect(predictions.map(({ prediction }) => prediction)).toEqual(rows.map(({ label }) => label));
    expect(new Set(rows.map(({ label }) => label))).toEqual(new Set([5, 6, 7]));
  });

  it("is the label of onnxruntime for a trained model", async () => {
    await using server = await startTrained([3, 4, 5, 6, 7, 8]);
    const rows = Array.from({ length: 60 }, (_, i) => [i, (i * 7) % 11]);
    const { json } = await server.post("/predict/batch", { instances: rows });
    const session = await ort.InferenceSession.create(join(server.models, "wine/1/model.onnx"));
    const input = new ort.Tensor("float32", Float32Array.from(rows.flat()), [rows.length, 2]);
    const outputs = await session.run({ [session.inputNames[0] ?? ""]: input });
    const labels = Array.from(outputs["label"]?.data as BigInt64Array, Number);
    const predictions: readonly { prediction: number }[] = json.predictions;
    expect(predictions.map(({ prediction }) => prediction)).toEqual(labels);
    expect(new Set(labels).size).toBeGreaterThan(2);
  });

  it("is the class in the output of tepal score", async () => {
    await using folder = await createFolder();
    const models = join(folder.path, "models");
    await trainModel({ models, name: "wine", data: toData([3, 6, 8]), target: "quality" });
    await writeFile(
      join(folder.path, "rows.csv"),
      toCsv([
        { a: 10, b: 5 },
        { a: 20, b: 5 },
      ]),
    );
    const { stdout } = await runCli(["score", "rows.csv", "--jobs", "1"], folder.path);
    expect(readTable(stdout)).toMatchObject([
      { prediction: 6, label: "6", class_index: 1 },
      { prediction: 8, label: "8", class_index: 2 },
    ]);
  });

  it("is the class for a model whose manifest does not state the values", async () => {
    await using server = await startServer(
      {},
      {
        prepare: async (models) => {
          const request = { models, name: "wine", data: toData([3, 6, 8]), target: "quality" };
          const { directory } = await trainModel(request);
          const path = join(directory, "manifest.json");
          const { class_values: _, ...older } = JSON.parse(readFileSync(path, "utf8"));
          await writeFile(path, JSON.stringify(older));
        },
      },
    );
    expect((await server.post("/predict", { a: 10, b: 5 })).json).toMatchObject({ prediction: 6 });
  });

  it("is never another number than the class", async () => {
    await using folder = await createFolder();
    const request = { models: folder.path, name: "wine", data: toData([3, 6]), target: "quality" };
    const { directory } = await trainModel(request);
    const path = join(directory, "manifest.json");
    const manifest = JSON.parse(readFileSync(path, "utf8"));
    await writeFile(path, JSON.stringify({ ...manifest, class_values: [3, 7] }));
    await expect(loadModel(directory)).rejects.toMatchObject({
      code: "MODEL_DAMAGED",
      problems: [{ at: "/class_values" }],
    });
  });
});
