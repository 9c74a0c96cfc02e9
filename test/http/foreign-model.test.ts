import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { saveArtifact } from "../../src/model/artifact.ts";
import { createForestExecutor } from "../../src/model/executor/forest-executor.ts";
import { createGolden } from "../../src/model/golden.ts";
import { parseTreeEnsemble } from "../../src/model/onnx/read-tree-ensemble.ts";
import { startServer } from "../support/server.ts";

/** Adds an ONNX file of another library to a models folder, with a manifest but without trust parameters. */
async function addForeign(models: string, name: string): Promise<void> {
  const graph = readFileSync(new URL(`../fixtures/onnx/${name}.onnx`, import.meta.url));
  const executor = createForestExecutor(parseTreeEnsemble(graph));
  const isClassifier = executor.task === "classification";
  const golden = createGolden(executor, new Float64Array(executor.features).fill(Number.NaN));
  await saveArtifact(models, {
    manifest: {
      format: 2,
      name,
      task: executor.task,
      features: Array.from({ length: executor.features }, (_, i) => ({
        name: `f${i}`,
        type: "number",
        precision: "float32",
        unit: null,
        min: i === 0 ? -1 : null,
        max: null,
        nullable: true,
      })),
      classes: executor.classes.map(String),
      targets: Array.from({ length: isClassifier ? 1 : executor.outputs }, (_, i) => `t${i}`),
      training: null,
      provenance: {
        tool: "test",
        created: "2026-01-01",
        data: null,
        data_sha256: null,
        options: {},
      },
      guard: null,
    },
    graph,
    reference: null,
    golden: JSON.stringify(golden),
  });
}

describe("a model from another library", () => {
  it("predicts rows with missing values like its library, and warns of them", async () => {
    const name = "xgboost-classes";
    const fixture: { features: number; rows: (number | string)[]; labels: number[] } = JSON.parse(
      readFileSync(new URL(`../fixtures/onnx/${name}.json`, import.meta.url), "utf8"),
    );
    await using server = await startServer({}, { prepare: (models) => addForeign(models, name) });
    const { features } = fixture;
    const rows = fixture.labels
      .map((label, row) => ({
        label,
        cells: fixture.rows.slice(row * features, (row + 1) * features),
      }))
      .filter(({ cells }) => cells.every((cell) => cell === "nan" || Number.isFinite(cell)));
    expect(rows.some(({ cells }) => cells.includes("nan"))).toBe(true);
    const toRow = (cells: readonly (number | string)[]): (number | null)[] =>
      cells.map((cell) => (typeof cell === "number" ? cell : null));
    const { status, json } = await server.post("/predict/batch", {
      instances: rows.map(({ cells }) => toRow(cells)),
    });
    expect(status).toBe(200);
    for (const [index, { label, cells }] of rows.entries()) {
      const prediction = json.predictions[index];
      expect(prediction.label).toBe(String(label));
      expect(prediction.out_of_distribution).toBeNull();
      const missing = prediction.warnings.filter(
        (warning: { code: string }) => warning.code === "missing_value",
      );
      expect(missing).toHaveLength(cells.filter((cell) => cell === "nan").length);
    }
    const labels = `model="${name}",version="1"`;
    const withMissing = rows.filter(({ cells }) => cells.includes("nan")).length;
    expect(await server.metric(`model_ood_total{${labels},reason="missing"}`)).toBe(withMissing);
    expect(await server.metric(`model_predictions_total{${labels},class="0"}`)).toBe(
      rows.filter(({ label }) => label === 0).length,
    );
  });

  it("returns a list for a regression with several targets, and warns of a range with one bound", async () => {
    const name = "sklearn-forest-targets";
    await using server = await startServer({}, { prepare: (models) => addForeign(models, name) });
    const { json: manifest } = await server.get(`/models/${name}`);
    const row = Object.fromEntries(
      manifest.features.map((feature: { name: string }, i: number) => [
        feature.name,
        i === 0 ? -5 : 0,
      ]),
    );
    const { json } = await server.post("/predict", row);
    expect(json.prediction).toHaveLength(manifest.targets.length);
    expect(json.warnings).toEqual([
      {
        code: "out_of_range",
        message: "f0 is -5, outside the range of the training data, -1 to +Inf",
        feature: "f0",
        value: -5,
        min: -1,
        max: null,
      },
    ]);
    expect((await server.get("/openapi.json")).status).toBe(200);
  });

  it("has the SHA-256 digests of its files", async () => {
    await using server = await startServer(
      {},
      { prepare: (models) => addForeign(models, "sklearn-forest") },
    );
    const graph = readFileSync(new URL("../fixtures/onnx/sklearn-forest.onnx", import.meta.url));
    const { json } = await server.get("/models/sklearn-forest");
    expect(json.files["model.onnx"]).toBe(createHash("sha256").update(graph).digest("hex"));
  });
});
