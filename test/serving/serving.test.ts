import { readFile } from "node:fs/promises";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { systemClock } from "../../src/kernel/clock.ts";
import { createMetrics } from "../../src/metrics/create-metrics.ts";
import { expectLocal } from "../../src/model/expect-local.ts";
import { loadModel } from "../../src/model/load-model.ts";
import { createPredictor } from "../../src/serving/predictor.ts";
import type { Predictor } from "../../src/serving/serving.ts";
import { importModel } from "../../src/training/import/import-model.ts";
import { createFolder, type TemporaryFolder } from "../support/folders.ts";
import { IRIS_NAMES, copyIris, toIrisObject, trainIris } from "../support/models.ts";

const OPTIONS = {
  maxBatchRows: 10_000,
  oodAlpha: 0.01,
  oodPolicy: "warn",
  uncheckedPolicy: "flag",
  categoryPolicy: "warn",
  missingPolicy: "reject",
} as const;

async function openPredictor(directory: string, changes: object = {}): Promise<Predictor> {
  const metrics = createMetrics({ process: false });
  return createPredictor(
    expectLocal(await loadModel(directory)),
    { ...OPTIONS, ...changes },
    metrics,
    systemClock,
  );
}

describe("a predictor", () => {
  let folder: TemporaryFolder;
  let predictor: Predictor;
  beforeAll(async () => {
    folder = await createFolder();
    await copyIris(folder.path);
    predictor = await openPredictor(`${folder.path}/iris/1`);
  });
  afterAll(() => folder[Symbol.asyncDispose]());

  it("returns the same for a row in any batch and alone, after any earlier request", () => {
    const value = fc.oneof(
      fc.double({ min: -10, max: 20, noNaN: true }),
      fc.constantFrom(0, -0, 1e-40, 3.4e38, -3.4e38),
    );
    const row = fc.array(value, { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 150 }), (rows) => {
        const batch = predictor.predictBatch({ instances: rows });
        const { count } = batch;
        const scores = batch.scores.slice(0, count * 3);
        const labels = batch.labels.slice(0, count);
        const pValues = batch.pValues.slice(0, count);
        const { warnings } = batch;
        for (const [index, values] of rows.entries()) {
          const single = predictor.predictRow(toIrisObject(values));
          expect(single.labels[0]).toBe(labels[index]);
          expect(single.scores.slice(0, 3)).toEqual(scores.slice(index * 3, index * 3 + 3));
          expect(single.pValues[0]).toBe(pValues[index]);
          expect(single.warnings?.get(0)).toEqual(warnings?.get(index));
        }
      }),
      { numRuns: 60 },
    );
  });

  it("predicts or rejects any JSON, and throws nothing else", () => {
    const json = fc.oneof(
      fc.jsonValue(),
      fc.record({ instances: fc.jsonValue() }),
      fc.record({ instances: fc.array(fc.array(fc.jsonValue({ maxDepth: 1 }), { maxLength: 5 })) }),
      fc.dictionary(
        fc.constantFrom(...IRIS_NAMES, "__proto__", "x"),
        fc.jsonValue({ maxDepth: 1 }),
      ),
    );
    fc.assert(
      fc.property(json, (body) => {
        for (const predict of [predictor.predictRow, predictor.predictBatch]) {
          try {
            expect(predict(body).count).toBeGreaterThan(0);
          } catch (error) {
            expect(error).toMatchObject({ code: "INVALID_INPUT" });
          }
        }
      }),
      { numRuns: 1_000 },
    );
  });

  it("warns about an alpha that flags no row", async () => {
    const few = Array.from({ length: 30 }, (_, i) => `${i},${i % 2 === 0 ? "p" : "q"}`).join("\n");
    const request = {
      name: "few",
      data: { name: "few.csv", text: `a,y\n${few}` },
      target: "y",
      units: {},
    };
    const { directory } = await trainIris(folder.path, request);
    const { startupWarnings } = await openPredictor(directory);
    expect(startupWarnings[0]).toContain("30 training rows the smallest p-value is 0.032");
    expect((await openPredictor(directory, { oodAlpha: 0.05 })).startupWarnings).toEqual([]);
    expect(predictor.startupWarnings).toEqual([]);
  });

  it("warns about a model without p-values, and about policies that then reject nothing", async () => {
    const graph = await readFile(new URL("../fixtures/onnx/xgboost-classes.onnx", import.meta.url));
    const { directory } = await importModel({ models: folder.path, name: "bare", graph });
    const warnings = async (changes: object): Promise<readonly string[]> =>
      (await openPredictor(directory, changes)).startupWarnings;
    const warning = "no p-values: rows are not compared with the training data";
    expect(await warnings({ categoryPolicy: "reject" })).toEqual([warning]);
    expect(await warnings({ oodPolicy: "reject" })).toEqual([
      `${warning}, so --ood-policy and --unchecked-policy reject none`,
    ]);
  });

  it("does not allocate memory for the empty rows of a small body", async () => {
    const width = 1_500;
    const names = Array.from({ length: width }, (_, i) => `f${i}`);
    const lines = Array.from({ length: 8 }, (_, row) =>
      [...names.map((_name, i) => (i * row) % 7), row % 2 === 0 ? "p" : "q"].join(","),
    );
    const text = [[...names, "y"].join(","), ...lines].join("\n");
    const request = { name: "wide", data: { name: "wide.csv", text }, target: "y", units: {} };
    const { directory } = await trainIris(folder.path, { ...request, trees: 4 });
    const wide = await openPredictor(directory);
    const before = process.memoryUsage().arrayBuffers;
    const instances = Array.from({ length: 10_000 }, () => ({}));
    expect(() => wide.predictBatch({ instances })).toThrow("invalid values");
    // 10,000 rows of 1,500 doubles would be 120 MB.
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20e6);
  });
});
