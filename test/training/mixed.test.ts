import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createRandom } from "../../src/kernel/random.ts";
import type { DataRow, DataValue } from "../../src/training/training.ts";
import { trainModel } from "../../src/training/train-model.ts";
import { runCli } from "../support/cli.ts";
import { createFolder, type TemporaryFolder } from "../support/folders.ts";
import { ort } from "../support/onnxruntime.ts";
import { startServer, type TestServer } from "../support/server.ts";

const random = createRandom(8);
const pick = <T>(items: readonly T[]): T => items[random.below(items.length)]!;

/** Rows like those of the Titanic: text, missing values, an id and a column of names. */
const PASSENGERS: readonly DataRow[] = Array.from({ length: 240 }, (_, i) => {
  const sex = pick(["female", "male"]);
  const deck = random.below(3) === 0 ? null : pick(["A", "B", "C", "D", "E"]);
  const isLucky = (sex === "female" ? 0.7 : 0.2) + (deck === null ? -0.1 : 0.15);
  return {
    passenger: i + 1,
    name: `Surname-${i}, Mx. "${pick(["Kim", "Sam"])}"`,
    sex,
    age: random.below(5) === 0 ? null : 1 + random.below(80),
    deck,
    class: 1 + random.below(3),
    fare: `$${(5 + random.below(4_000) / 100).toFixed(2)}`,
    alone: pick(["yes", "no"]),
    fate: random.normal() / 10 + isLucky > 0.5 ? "survived" : "died",
    cost: random.normal() + isLucky,
  };
});

const quote = (value: DataValue): string => `"${String(value ?? "").replaceAll('"', '""')}"`;
const toCsv = (rows: readonly DataRow[]): string =>
  [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row).map(quote))]
    .map((cells) => cells.join(","))
    .join("\n");

let folder: TemporaryFolder;
let server: TestServer;
let trained: { readonly code: number | null; readonly stdout: string; readonly stderr: string };
beforeAll(async () => {
  folder = await createFolder();
  await writeFile(join(folder.path, "ship.csv"), toCsv(PASSENGERS));
  const words =
    "train --data ship.csv --target fate --id passenger --drop cost --categorical class";
  trained = await runCli([...words.split(" "), "--trees", "32"], folder.path);
  server = await startServer({ models: join(folder.path, "models") }, { prepare: async () => {} });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

describe("a CSV file with text, missing values, an id and names", () => {
  it("becomes a model with one command", () => {
    expect(trained).toMatchObject({ code: 0 });
    expect(trained.stderr).toContain('column "name" is left out: It has 240 different strings');
    expect(trained.stdout).toContain("240 rows, 6 features, 2 classes");
    expect(trained.stdout).toMatch(/Importance\n *sex /);
    expect(trained.stdout).not.toContain("Without a trust check");
  });

  it("is served with strings, truth values and missing values", async () => {
    const { json } = await server.get("/models/ship");
    const types = json.features.map((feature: { name: string; type: string }) => feature.type);
    expect(types).toEqual(["category", "number", "category", "category", "number", "boolean"]);
    const row = { sex: "female", age: 30, deck: "B", class: 1, fare: 20, alone: true };
    const reply = await server.post("/predict", row);
    expect(reply.json).toMatchObject({ label: "survived" });
    const other = await server.post("/predict", { ...row, sex: "male", deck: null, age: null });
    expect(other.json).toMatchObject({ label: "died" });
    const unknown = await server.post("/predict", { ...row, sex: "unheard of" });
    expect(unknown.status).toBe(200);
    // Its drift is watched, with a bin for each category.
    const { text } = await server.get("/metrics");
    const counts = text.matchAll(/^model_feature_bin_total\{.*feature="sex",bin="(.*)"\} (\d)$/gm);
    expect(Array.from(counts, ([, bin, count]) => `${bin}: ${count}`)).toEqual([
      "01 female: 1",
      "02 male: 1",
      "03 unknown: 1",
    ]);
  });

  it("is scored by the same command line, from the same file", async () => {
    const score = await runCli(["score", "ship.csv", "--jobs", "1"], folder.path);
    expect(score.code).toBe(0);
    expect(score.stdout.trim().split("\n")).toHaveLength(241);
  });
});

/** Runs a graph whose inputs are single columns of raw values. */
async function runRaw(bytes: Uint8Array, rows: readonly DataRow[]): Promise<Float32Array> {
  const session = await ort.InferenceSession.create(bytes, {
    logSeverityLevel: 4,
    intraOpNumThreads: 1,
  });
  const feeds = Object.fromEntries(
    session.inputMetadata.map((input) => {
      const cells = rows.map((row) => row[input.name]);
      if (!input.isTensor) throw new Error(`Expected a tensor, got ${input.name}.`);
      const shape = [rows.length, 1];
      const tensor =
        input.type === "string"
          ? new ort.Tensor(
              "string",
              cells.map((cell) => String(cell ?? "")),
              shape,
            )
          : new ort.Tensor(
              "float32",
              Float32Array.from(cells, (cell) => (cell === null ? NaN : Number(cell))),
              shape,
            );
      return [input.name, tensor];
    }),
  );
  const outputs = await session.run(feeds);
  const scores = Object.values(outputs).find(({ type }) => type === "float32");
  await session.release();
  if (!(scores?.data instanceof Float32Array)) throw new Error("Expected scores.");
  return scores.data;
}

describe("the written model.onnx", () => {
  const clean = PASSENGERS.map(({ sex, age, deck, class: level, fare, alone, fate, cost }) => ({
    sex,
    age,
    deck,
    class: level,
    fate,
    cost,
    fare: Number(String(fare).slice(1)),
    alone: alone === "yes" ? 1 : 0,
    label: pick(["x", "y", "z", null]),
  }));
  /** Also values that training does not have. */
  const asked: readonly DataRow[] = [
    ...clean,
    ...clean.slice(0, 40).map((row) => ({ ...row, sex: "other", class: 9, age: null })),
    ...clean.slice(0, 40).map((row) => ({ ...row, deck: null, label: "unknown" })),
  ];

  it.each(["fate", "cost", "deck"])(
    "takes raw values in onnxruntime, and predicts the same bits: %s",
    async (target) => {
      await using own = await createFolder();
      const known = asked.slice(0, clean.length).filter((row) => row[target] !== null);
      const { model, directory } = await trainModel({
        data: known,
        target,
        categorical: ["class"],
        trees: 16,
        models: own.path,
        name: "m",
      });
      const { features } = model.manifest;
      const codes = Float64Array.from(
        asked.flatMap((row) =>
          features.map(({ name, categories }) => {
            const value = row[name] ?? null;
            if (value === null) return Number.NaN;
            if (categories === undefined) return Number(value);
            const code = categories.findIndex((category) => category.value === value);
            return code < 0 ? categories.length : code;
          }),
        ),
      );
      const scores = new Float32Array(asked.length * model.executor.outputs);
      model.executor.run(codes, asked.length, scores, new Int32Array(asked.length));
      const expected = await runRaw(await readFile(join(directory, "model.onnx")), asked);
      expect(Buffer.from(scores.buffer).equals(Buffer.from(expected.slice().buffer))).toBe(true);
      expect(new Set(scores).size).toBeGreaterThan(10);
    },
  );

  it("takes an unknown integer as unknown beside the largest that float32 holds", async () => {
    await using own = await createFolder();
    const levels = [1, 2, 2 ** 24];
    const data = Array.from({ length: 60 }, (_, i) => ({
      level: levels[i % 3]!,
      x: i % 7,
      y: i % 3 === 2 ? "high" : "low",
    }));
    const { model, directory } = await trainModel({
      data,
      target: "y",
      categorical: ["level"],
      trees: 16,
      models: own.path,
      name: "m",
    });
    const scores = new Float32Array(4);
    model.executor.run(Float64Array.of(3, 1, 2, 1), 2, scores, new Int32Array(2));
    const graph = await readFile(join(directory, "model.onnx"));
    const rows = [5, 2 ** 24].map((level) => ({ level, x: 1 }));
    const expected = await runRaw(graph, rows);
    expect([...scores]).toEqual([...expected]);
    expect(expected[0]).not.toBe(expected[2]);
  });
});
