import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { decodeModel } from "../onnx/decode-model.ts";
import { compilePipeline } from "./compile-pipeline.ts";
import { createPipelineExecutor } from "./pipeline-executor.ts";

/** Graphs that converters exported, with the outputs of onnxruntime (scripts/make-pipeline-fixtures.py). */
const FOLDER = new URL("../../../test/fixtures/pipelines/", import.meta.url);

type Cell = number | string;

interface FixtureCase {
  readonly inputs: readonly {
    readonly name: string;
    readonly type: string;
    readonly rows: readonly Cell[];
  }[];
  readonly outputs: readonly { readonly type: string; readonly rows: readonly Cell[] }[];
}

const names = readdirSync(FOLDER)
  .filter((name) => name.endsWith(".onnx"))
  .map((name) => name.slice(0, -".onnx".length));

/** Graphs that Tepal rejects, and the operator or shape that prevents them. */
const REJECTED: Readonly<Record<string, string>> = {
  "adaboost-regression": "ArrayFeatureExtractor",
  kmeans: "Gemm",
  knn: "Scan",
  "one-vs-one": "Reshape",
  qda: "Concat",
};

/** Relative to the greatest score: sums in another order, and the last bits of exp and log. */
const TOLERANCE = 1e-5;

function toNumber(cell: Cell): number {
  if (typeof cell === "number") return cell;
  return (
    { nan: Number.NaN, inf: Number.POSITIVE_INFINITY, "-inf": Number.NEGATIVE_INFINITY }[cell] ??
    Number(cell)
  );
}

describe("a pipeline from another library", () => {
  it("has fixtures of at least 60 kinds", () => expect(names.length).toBeGreaterThanOrEqual(60));

  it.each(names)("%s predicts as in onnxruntime", (name) => {
    const bytes = readFileSync(new URL(`${name}.onnx`, FOLDER));
    const fixture: FixtureCase = JSON.parse(readFileSync(new URL(`${name}.json`, FOLDER), "utf8"));
    const reason = REJECTED[name];
    if (reason !== undefined) {
      expect(() => compilePipeline(decodeModel(bytes))).toThrow(reason);
      return;
    }
    const pipeline = compilePipeline(decodeModel(bytes));
    const executor = createPipelineExecutor(pipeline);
    const columns = fixture.inputs.map(({ rows }, i) => ({
      width: pipeline.inputs[i]!.width,
      cells: rows,
      categories: pipeline.inputs[i]!.categories,
    }));
    const count = columns[0]!.cells.length / columns[0]!.width;
    const row = (r: number): number[] =>
      columns.flatMap(({ width, cells, categories }) =>
        cells
          .slice(r * width, (r + 1) * width)
          .map((cell, i) =>
            categories === null ? toNumber(cell) : categories[i]!.indexOf(String(cell)),
          ),
      );
    const rows = Float64Array.from(Array.from({ length: count }, (_, r) => row(r)).flat());
    const scores = new Float32Array(count * executor.outputs);
    const labels = new Int32Array(count);
    executor.run(rows, count, scores, labels);

    const expected = fixture.outputs
      .find(({ type }) => type.startsWith("float"))!
      .rows.map(toNumber);
    expect(scores.length).toBe(expected.length);
    const scale = Math.max(1, ...expected.map(Math.abs));
    const greatest = Math.max(...expected.map((value, i) => Math.abs(value - scores[i]!)));
    expect(greatest / scale).toBeLessThanOrEqual(TOLERANCE);
    if (executor.task === "classification") {
      const label = fixture.outputs.find(({ type }) => !type.startsWith("float"))!;
      expect(Array.from(labels, (each) => executor.classes[each])).toEqual(label.rows);
    }
    // A row alone gives the same bits as in a batch.
    const alone = new Float32Array(executor.outputs);
    executor.run(rows.subarray((count - 1) * executor.features), 1, alone, labels);
    expect(alone).toEqual(scores.slice(-executor.outputs));
  });
});
