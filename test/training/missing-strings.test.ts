import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { expectLocal } from "../../src/model/expect-local.ts";
import { loadModel } from "../../src/model/load-model.ts";
import type { Executor } from "../../src/model/model.ts";
import { decodeModel } from "../../src/model/onnx/decode-model.ts";
import { encodeModel } from "../../src/model/onnx/encode-model.ts";
import { importModel } from "../../src/training/import/import-model.ts";
import { trainModel } from "../../src/training/train-model.ts";
import { createFolder } from "../support/folders.ts";

/** The few rows of the deck "nan", a category since the missing word is "-", have another answer. */
const ROWS = Array.from({ length: 60 }, (_, i) => {
  const deck = i % 6 === 0 ? "nan" : ["A", "None"][i % 2]!;
  return { deck, age: i % 7, room: i % 3, works: deck === "nan" ? "yes" : "no" };
});
type Row = Readonly<Record<keyof (typeof ROWS)[number], string | number>>;

async function train(rows: readonly Row[]) {
  await using folder = await createFolder();
  const lines = [Object.keys(ROWS[0]!), ...rows.map((row) => Object.values(row))];
  const { model, directory } = await trainModel({
    data: { name: "decks.csv", text: lines.map((cells) => cells.join(",")).join("\n") },
    target: "works",
    missing: "-",
    trees: 8,
    models: folder.path,
    name: "decks",
  });
  return { model, graph: await readFile(join(directory, "model.onnx")) };
}

/** Returns the scores of the decks A, None and nan, of an unknown one and of a missing one, in rows of three features. */
function scoreDecks(executor: Executor): readonly (readonly number[])[] {
  return [0, 1, 2, 3, Number.NaN].map((deck) => {
    const scores = new Float32Array(2);
    executor.run(Float64Array.of(deck, 1, 1), 1, scores, new Int32Array(1));
    return [...scores];
  });
}

/** Returns a file without an entry of its metadata, as older versions wrote it. */
function withoutMetadata(graph: Uint8Array, name: string): Uint8Array {
  const model = decodeModel(graph);
  expect(model.metadata.has(name)).toBe(true);
  const metadata = new Map([...model.metadata].filter(([key]) => key !== name));
  return encodeModel({ ...model, metadata });
}

describe("categories named None and nan of a trained model", () => {
  it("are no missing values where training had none, also after an import", async () => {
    const { model, graph } = await train(ROWS);
    const [deck] = model.manifest.features;
    expect(deck?.categories?.map(({ value }) => value)).toEqual(["A", "None", "nan"]);
    const scores = scoreDecks(model.executor);
    expect(scores[4]).toEqual(scores[3]);
    expect(scores[4]).not.toEqual(scores[2]);

    const { model: imported } = await importModel({ graph });
    expect(imported.manifest.features[0]).toMatchObject({ nullable: false, missing_string: null });
    expect(scoreDecks(expectLocal(imported).executor)).toEqual(scores);
  });

  it("are values beside missing ones, also after an import", async () => {
    const rows = ROWS.map((row, i) => ({ ...row, deck: i % 5 === 0 ? "-" : row.deck }));
    const { model, graph } = await train(rows);
    const scores = scoreDecks(model.executor);
    expect(scores[4]).not.toEqual(scores[2]);
    for (const file of [graph, withoutMetadata(graph, "nullable_features")]) {
      const { model: imported } = await importModel({ graph: file });
      expect(imported.manifest.features[0]).toMatchObject({ nullable: true, missing_string: "" });
      expect(scoreDecks(expectLocal(imported).executor)).toEqual(scores);
    }
  });
});

describe("the features of a trained model that may be missing", () => {
  it.each([
    ["categories", ROWS],
    ["numbers only", ROWS.map((row, i) => ({ ...row, deck: i % 4 }))],
  ])("are the same after an import: %s", async (_, rows) => {
    const { model, graph } = await train(
      rows.map((row, i) => ({ ...row, age: i % 5 === 0 ? "-" : row.age })),
    );
    const nullable = model.manifest.features.map((feature) => feature.nullable);
    expect(nullable).toEqual([false, true, false]);
    const { model: imported } = await importModel({ graph });
    expect(imported.manifest.features.map((feature) => feature.nullable)).toEqual(nullable);
    expect(decodeModel(graph).metadata.get("nullable_features")).toBe('["age"]');
  });
});

it("an imported graph with a string for a missing value predicts the same with an older manifest", async () => {
  await using folder = await createFolder();
  const graph = "test/fixtures/pipelines/titanic-onehot-logistic.onnx";
  const { directory, model } = await importModel({ graph, models: folder.path, name: "ship" });
  const path = join(directory, "manifest.json");
  const text = await readFile(path, "utf8");
  expect(JSON.parse(text).features[3]).toMatchObject({ name: "port", missing_string: "" });
  const older = text.replaceAll(/,\s*"missing_string": ?(?:null|"\w*")/g, "");
  expect(older).not.toContain("missing_string");
  await writeFile(path, older);
  const { executor } = await loadModel(directory);
  const predict = (run: Executor["run"]): Float32Array => {
    const scores = new Float32Array(2);
    run(Float64Array.of(30, 7, 0, Number.NaN), 1, scores, new Int32Array(1));
    return scores;
  };
  expect(predict(executor.run)).toEqual(predict(model.executor.run));
  expect(JSON.parse(older).features[3]).toMatchObject({ nullable: true });
});
