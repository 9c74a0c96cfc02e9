import { readdirSync, readFileSync } from "node:fs";
import * as fc from "fast-check";
import { getReplyEncoder } from "../../src/serving/encode/encode-reply.ts";
import { systemClock } from "../../src/kernel/clock.ts";
import { TepalError } from "../../src/kernel/errors.ts";
import { createMetrics } from "../../src/metrics/create-metrics.ts";
import { expectLocal } from "../../src/model/expect-local.ts";
import { loadModelHere } from "../../src/model/load-model.ts";
import { decodeModel } from "../../src/model/onnx/decode-model.ts";
import { encodeModel } from "../../src/model/onnx/encode-model.ts";
import type { OnnxAttributeValue, OnnxModel } from "../../src/model/onnx/onnx.ts";
import { encodeTreeEnsemble } from "../../src/model/onnx/write-tree-ensemble.ts";
import { createPredictor } from "../../src/serving/predictor.ts";
import { importModel } from "../../src/training/import/import-model.ts";
import { createFolder } from "../support/folders.ts";
import { createRandomCase } from "../support/random-ensemble.ts";

/** Results of the files of one run. */
interface ImportCount {
  imported: number;
  /** Imported with data. */
  withData: number;
  /** Rejected files by error code. */
  refused: Record<string, number>;
}

const FIXTURES = new URL("../fixtures/onnx/", import.meta.url);
const OPTIONS = {
  maxBatchRows: 100,
  oodAlpha: 0.05,
  oodPolicy: "warn",
  uncheckedPolicy: "flag",
  categoryPolicy: "warn",
  missingPolicy: "reject",
} as const;
const REFUSALS = new Set(["MODEL_DAMAGED", "MODEL_UNSUPPORTED", "INVALID_DATA", "INVALID_OPTION"]);
const NAMES = ["a", "0", "1", "constructor", "a b", "ä", "toString", "10", "x", "z"];
const CELLS = ["0", "1", "2.5", "-3", "7", "1e-320", "3.4e38", "-3.4e38", "", "NA"];

/**
 * Imports valid and mutated ONNX files, with and without data. Each must be rejected with a fitting error and leave no
 * files, or give a version that loads and predicts.
 *
 * @param runs files
 */
export async function fuzzImport(runs: number, seed = 1): Promise<ImportCount> {
  const count: ImportCount = { imported: 0, withData: 0, refused: {} };
  await using folder = await createFolder();
  let model = 0;
  await fc.assert(
    fc.asyncProperty(graphs(), data, async ({ bytes }, table) => {
      const name = `m${model++}`;
      const source = table === null ? undefined : { name: "t.csv", text: table.text };
      let directory: string;
      try {
        ({ directory } = await importModel({
          models: folder.path,
          name,
          graph: bytes,
          engine: "tepal",
          data: source,
          target: table?.target,
        }));
      } catch (thrown) {
        if (!(thrown instanceof TepalError) || !REFUSALS.has(thrown.code)) throw thrown;
        count.refused[thrown.code] = (count.refused[thrown.code] ?? 0) + 1;
        if (readdirSync(folder.path).includes(name))
          throw new Error("left a folder behind", { cause: thrown });
        return;
      }
      await loadAndPredict(directory);
      count.imported++;
      if (table !== null) count.withData++;
    }),
    { numRuns: runs, seed },
  );
  return count;
}

async function loadAndPredict(directory: string): Promise<void> {
  const model = expectLocal(await loadModelHere(directory));
  const metrics = createMetrics({ process: false });
  const predictor = createPredictor(model, OPTIONS, metrics, systemClock);
  const encoder = getReplyEncoder(predictor);
  const { features } = predictor.manifest;
  for (const value of [0, -1, 5.5, 1e30, 3.4e38]) {
    const object = Object.fromEntries(features.map(({ name }) => [name, value]));
    JSON.parse(encoder.encodeRow(predictor.predictRow(object), "id"));
  }
  if (features.every(({ nullable }) => nullable)) {
    const [first] = features;
    const row = { [first?.name ?? ""]: 1 };
    JSON.parse(encoder.encodeRow(predictor.predictRow(row), "id"));
  }
  await metrics.render();
}

/** A file, and its description in a counterexample. */
interface Graph {
  readonly bytes: Uint8Array;
}

function graphs(): fc.Arbitrary<Graph> {
  const fixtures = readdirSync(FIXTURES).filter((name) => name.endsWith(".onnx"));
  const known = fc.constantFrom(...fixtures).map((name) => ({
    bytes: Uint8Array.from(readFileSync(new URL(name, FIXTURES))),
    what: name,
  }));
  const random = fc
    .tuple(fc.nat(1_000_000), fc.integer({ min: 1, max: 4 }))
    .map(([at, features]) => {
      const { ensemble } = createRandomCase(at, { leaves: 6, features });
      const names = NAMES.slice(at % 5, (at % 5) + features);
      const written = encodeTreeEnsemble(ensemble, { producerVersion: "0", featureNames: names });
      return { bytes: written, what: `case ${at} of ${features} features` };
    });
  const sound = fc.oneof({ weight: 1, arbitrary: known }, { weight: 4, arbitrary: random });
  return fc.tuple(sound, fc.array(edit, { maxLength: 2 })).map(([{ bytes, what }, edits]) => {
    const changed = edits.reduce((model, one) => applyEdit(model, one), decodeModel(bytes));
    return {
      // Our encoder does not write everything that a foreign file contains, so unchanged files are not encoded again.
      bytes: edits.length === 0 ? bytes : encodeModel(changed),
      [fc.toStringMethod]: () => `${what} ${JSON.stringify(edits)}`,
    };
  });
}

const edit = fc.record({
  kind: fc.nat(7),
  pick: fc.nat(),
  place: fc.nat(),
  number: fc.oneof(
    fc.integer({ min: -2, max: 12 }),
    fc.constantFrom(2 ** 31 - 1, 2 ** 31, 2 ** 40, 2 ** 53 - 1, 1 << 20, 9_999, 10_001, 70_000),
  ),
  weight: fc.constantFrom(0, 1, -1, 1e30, 3e38, -3e38, 1e-45, NaN, Infinity, -Infinity, -0),
  text: fc.constantFrom(
    "",
    "a",
    "\n",
    "x".repeat(201),
    "__proto__",
    "SOFTMAX",
    "LOGISTIC",
    "\ud800",
  ),
});
type Edit = typeof edit extends fc.Arbitrary<infer E> ? E : never;

function applyEdit(model: OnnxModel, change: Edit): OnnxModel {
  const { graph } = model;
  const { kind, pick, number } = change;
  if (kind === 0) {
    const inputs = graph.inputs.map((input) => ({ ...input, shape: [undefined, number] }));
    return { ...model, graph: { ...graph, inputs } };
  }
  if (kind === 1) {
    const inputs = graph.inputs.map((input) => ({ ...input, shape: undefined }));
    return { ...model, graph: { ...graph, inputs } };
  }
  if (kind === 2) {
    const texts = [
      `["${change.text}"]`,
      '["a","a","b"]',
      "[]",
      "{}",
      "x",
      '["a",1]',
      '["constructor","0","1","2"]',
    ];
    const metadata = new Map(model.metadata).set("feature_names", texts[pick % texts.length] ?? "");
    return { ...model, metadata };
  }
  const nodes = graph.nodes.map((node, i) => {
    if (i !== 0) return node;
    const at = pick % Math.max(1, node.attributes.length);
    const attribute = node.attributes[at];
    if (attribute === undefined) return node;
    if (kind === 3) return { ...node, attributes: node.attributes.toSpliced(at, 1) };
    const value = editValue(attribute.value, change);
    return { ...node, attributes: node.attributes.with(at, { ...attribute, value }) };
  });
  return { ...model, graph: { ...graph, nodes } };
}

function editValue(
  value: OnnxAttributeValue,
  { place, number, weight, text }: Edit,
): OnnxAttributeValue {
  const put = <T>(list: readonly T[], item: T): T[] =>
    list.length === 0 ? [item] : list.with(place % list.length, item);
  switch (value.kind) {
    case "ints":
      return { kind: "ints", value: put(Array.from(value.value), number) };
    case "floats":
      return { kind: "floats", value: put(Array.from(value.value), weight) };
    case "strings":
      return { kind: "strings", value: put(value.value, text) };
    case "tensor": {
      const values = put(Array.from(value.value.values ?? []), weight);
      return { kind: "tensor", value: { ...value.value, values } };
    }
    case "int":
      return { kind: "int", value: number };
    case "float":
      return { kind: "float", value: weight };
    case "string":
      return { kind: "string", value: text };
    case "other":
      return value;
  }
}

/** Rows for a model of 1 to 4 features, or of 13 as in some fixtures; with or without a target. */
const data = fc.oneof(
  { weight: 2, arbitrary: fc.constant(null) },
  {
    weight: 5,
    arbitrary: fc
      .record({
        width: fc.constantFrom(1, 2, 2, 3, 3, 4, 4, 13),
        rows: fc.integer({ min: 1, max: 12 }),
        cells: fc.array(fc.constantFrom(...CELLS), { minLength: 1, maxLength: 40 }),
        target: fc.constantFrom(undefined, "y", "y", "nope"),
        labels: fc.array(fc.constantFrom("class 0", "0", "1", "", "NA", "0x1"), { minLength: 1 }),
      })
      .map(({ width, rows, cells, target, labels }) => {
        const header = Array.from({ length: width }, (_, i) => NAMES[i] ?? `f${i}`);
        const lines = Array.from({ length: rows }, (_, row) => [
          ...header.map((_name, i) => cells[(row * width + i) % cells.length] ?? ""),
          ...(target === "y" ? [labels[row % labels.length] ?? ""] : []),
        ]);
        const names = target === "y" ? [...header, "y"] : header;
        const text = [names, ...lines].map((row) => row.map((c) => `"${c}"`).join(",")).join("\n");
        return { text, target };
      }),
  },
);
