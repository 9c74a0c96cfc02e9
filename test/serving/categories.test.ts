import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { createBatchExamples, createRowExamples } from "../../src/http/describe/model-examples.ts";
import { createModelSchemas } from "../../src/http/describe/model-schemas.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { expectLocal } from "../../src/model/expect-local.ts";
import { createMetrics } from "../../src/metrics/create-metrics.ts";
import type { ValueFamily } from "../../src/metrics/metrics.ts";
import type { ServingOptions } from "../../src/serving/options.ts";
import { createPredictor } from "../../src/serving/predictor.ts";
import type { Predictor } from "../../src/serving/serving.ts";
import { importModel } from "../../src/training/import/import-model.ts";
import type { ImportRequest } from "../../src/training/training.ts";
import { streamRows } from "../support/predictors.ts";

/** A graph of scikit-learn with the inputs age, fare (float), sex, port (string), and the outputs of onnxruntime. */
const NAME = "test/fixtures/pipelines/titanic-onehot-logistic";

type Cell = number | string;
const fixture: {
  readonly inputs: readonly { readonly name: string; readonly rows: readonly Cell[] }[];
  readonly outputs: readonly { readonly rows: readonly number[] }[];
} = JSON.parse(readFileSync(`${NAME}.json`, "utf8"));

const OPTIONS: ServingOptions = {
  maxBatchRows: 1_000,
  oodAlpha: 0.01,
  oodPolicy: "warn",
  uncheckedPolicy: "flag",
  categoryPolicy: "warn",
  missingPolicy: "reject",
};

async function open(options: Partial<ServingOptions> = {}, data?: ImportRequest["data"]) {
  const { model } = await importModel({ graph: `${NAME}.onnx`, ...(data && { data }) });
  const metrics = createMetrics({ process: false });
  const predictor = createPredictor(
    expectLocal(model),
    { ...OPTIONS, ...options },
    metrics,
    systemClock,
  );
  return { metrics, predictor };
}

const count = fixture.inputs[0]!.rows.length;
const rows = Array.from({ length: count }, (_, r) =>
  Object.fromEntries(
    fixture.inputs.map(({ name, rows: cells }) => [name, cells[r] === "nan" ? null : cells[r]!]),
  ),
);
const expected = fixture.outputs[1]!.rows;
const ROW = { age: 30, fare: 7, sex: "male", port: "S" };

function warningsOf(predictor: Predictor, row: object): readonly unknown[] {
  return predictor.predictRow(row).warnings?.get(0) ?? [];
}

describe("a model with strings", () => {
  it("predicts rows by name and by position as onnxruntime does", async () => {
    const { predictor } = await open();
    const names = fixture.inputs.map(({ name }) => name);
    for (const instances of [rows, rows.map((row) => names.map((name) => row[name]))]) {
      const { scores } = predictor.predictBatch({ instances });
      expect(expected).toHaveLength(2 * count);
      for (const [i, score] of expected.entries()) expect(scores[i]).toBeCloseTo(score, 6);
    }
  });

  it("predicts the same rows from NDJSON and CSV", async () => {
    const { predictor } = await open();
    const names = fixture.inputs.map(({ name }) => name);
    const quote = (value: unknown): string =>
      typeof value === "string" ? `"${value}"` : String(value ?? "");
    const csv = [names, ...rows.map((row) => names.map((name) => quote(row[name])))]
      .map((cells) => cells.join(","))
      .join("\n");
    const ndjson = rows.map((row) => JSON.stringify(row)).join("\n");
    const fromCsv = streamRows(predictor, [csv], { input: "csv" });
    expect(fromCsv.trim().split("\n")).toHaveLength(count);
    expect(streamRows(predictor, [ndjson], { input: "ndjson" })).toBe(fromCsv);
    const { probabilities } = JSON.parse(fromCsv.split("\n")[0]!);
    expect(probabilities[1]).toBeCloseTo(expected[1]!, 6);
  });

  it("warns of an unknown category with the nearest known ones, and counts it", async () => {
    const { predictor, metrics } = await open();
    expect(warningsOf(predictor, { ...ROW, sex: "femal" })).toEqual([
      {
        code: "unknown_category",
        message: 'sex is "femal", which is not a category of the training data (nearest: "female")',
        feature: "sex",
        value: "femal",
        nearest: ["female"],
      },
    ]);
    expect(warningsOf(predictor, { ...ROW, sex: "x".repeat(1_000) })).toMatchObject([
      { value: `${"x".repeat(60)}…`, nearest: [] },
    ]);
    expect(warningsOf(predictor, ROW)).toEqual([]);
    const counted = Array.from(metrics.outOfDistribution.series(), ([slot, labels]) => [
      labels.at(-1),
      metrics.outOfDistribution.get(slot),
    ]);
    expect(Object.fromEntries(counted)).toMatchObject({ unknown_category: 2, range: 0 });
  });

  it("gives each row of a batch and of a stream its own warnings", async () => {
    const { predictor } = await open();
    const instances = [ROW, { ...ROW, port: "X" }, ROW, [30, 7, "Male", "S"]];
    const { warnings } = predictor.predictBatch({ instances });
    expect([...(warnings?.keys() ?? [])]).toEqual([1, 3]);
    // A bad row leaves no warning behind.
    const lines = ['[1,1,"other","X"]', '[1,"a","other","X"]', '[1,1,"male","S"]'].join("\n");
    const replies = streamRows(predictor, [lines], { input: "ndjson" }).trim().split("\n");
    expect(replies.map((line) => JSON.parse(line).warnings?.length)).toEqual([2, undefined, 0]);
    const csv = `age,fare,sex,port\n1,1,"a ""b""",S\n1,x,zz,S\n1,1,male,S`;
    const fromCsv = streamRows(predictor, [csv]).trim().split("\n");
    expect(fromCsv.map((line) => JSON.parse(line).warnings?.length)).toEqual([1, undefined, 0]);
    expect(fromCsv[0]).toContain(String.raw`"value":"a \"b\""`);
  });

  it("rejects rows with an unknown category by policy", async () => {
    const { predictor } = await open({ categoryPolicy: "reject" });
    expect(() =>
      predictor.predictBatch({ instances: [ROW, { ...ROW, sex: "other" }] }),
    ).toThrowError(
      expect.objectContaining({
        code: "UNKNOWN_CATEGORY",
        problems: [
          {
            at: "/instances/1",
            message: "The row has a category that the training data did not have.",
          },
        ],
      }),
    );
    expect(predictor.predictRow(ROW).count).toBe(1);
  });

  it("rejects a missing value where training had none, or predicts it with a warning by policy", async () => {
    const { predictor } = await open();
    const row = { age: 30, fare: 7, port: "S" };
    expect(() => predictor.predictRow(row)).toThrowError(
      expect.objectContaining({
        problems: [{ at: "/sex", message: 'Missing. Expected a string, for example "female".' }],
      }),
    );
    const { predictor: lenient } = await open({ missingPolicy: "warn" });
    expect(warningsOf(lenient, row)).toEqual([
      {
        code: "missing_value",
        message: "sex is missing, which no row of the training data was",
        feature: "sex",
      },
    ]);
  });

  it("is described with its categories, and with an example that it predicts", async () => {
    const { predictor } = await open();
    const { row, csv } = createModelSchemas(predictor, (kind) => kind);
    expect(row["properties"]).toMatchObject({
      age: { type: ["number", "null"] },
      sex: { type: "string", enum: ["female", "male"] },
      port: { type: ["string", "null"], enum: expect.arrayContaining(["S", null]) },
    });
    const { request } = await createRowExamples(predictor);
    expect(request.json["ordinary"]).toMatchObject({ value: { sex: "female" } });
    const example = (await createBatchExamples(predictor)).request.csv ?? "";
    expect(example).toMatch(new RegExp(String(csv["pattern"]), "u"));
    expect(streamRows(predictor, [example])).toContain('"warnings":[]');
  });

  it("counts values by category, unknown and missing ones too, beside the shares of the data", async () => {
    const data = [
      { age: 3, fare: 1, sex: "male", port: "S" },
      { age: 4, fare: 2, sex: "male", port: null },
      { age: 5, fare: 3, sex: "other", port: "Q" },
      { age: 5, fare: 4, sex: "female", port: "Q" },
    ];
    const { predictor, metrics } = await open({ missingPolicy: "warn" }, data);
    predictor.predictBatch({ instances: [ROW, { ...ROW, sex: "x" }, { ...ROW, sex: null }] });
    const list = (family: ValueFamily): Record<string, number> =>
      Object.fromEntries(
        Array.from(
          family.series(),
          ([slot, labels]) => [labels, family.get(slot)] as const,
        ).flatMap(([labels, value]) => (labels.includes("sex") ? [[labels.at(-1), value]] : [])),
      );
    expect(list(metrics.featureBin)).toEqual({
      "01 female": 0,
      "02 male": 1,
      "03 other": 0,
      "04 unknown": 1,
      missing: 1,
    });
    expect(list(metrics.featureReferenceRatio)).toEqual({
      "01 female": 0.25,
      "02 male": 0.5,
      "03 other": 0.25,
      "04 unknown": 0,
      missing: 0,
    });
  });
});
