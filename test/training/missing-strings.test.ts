import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { decodeModel } from "../../src/model/onnx/decode-model.ts";
import { importModel } from "../../src/training/import/import-model.ts";
import { trainModel } from "../../src/training/train-model.ts";
import { createFolder } from "../support/folders.ts";

/** The few rows of the deck "nan" have another answer. */
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
