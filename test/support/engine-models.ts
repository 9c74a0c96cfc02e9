import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { encodeModel } from "../../src/model/onnx/encode-model.ts";
import { ELEMENT_TYPES, type OnnxAttribute, type OnnxNode } from "../../src/model/onnx/onnx.ts";
import { importModel } from "../../src/training/import/import-model.ts";
import { readTree } from "./process-tree.ts";

type Node = Pick<OnnxNode, "opType" | "inputs" | "outputs"> & {
  readonly attributes?: readonly OnnxAttribute[];
};

const ints = (name: string, ...value: number[]): OnnxAttribute => ({
  name,
  value: { kind: "ints", value },
});
const int = (name: string, value: number): OnnxAttribute => ({
  name,
  value: { kind: "int", value },
});

/** Encodes a graph of opset 13 with an input x of one column and an output y. */
function encodeGraph(nodes: readonly Node[]): Uint8Array {
  const value = (name: string) => ({
    name,
    elementType: ELEMENT_TYPES.float,
    shape: [undefined, 1],
  });
  return encodeModel({
    irVersion: 7,
    producerName: "test",
    producerVersion: "0",
    domain: "",
    modelVersion: 0,
    docString: "",
    opsets: [{ domain: "", version: 13 }],
    graph: {
      name: "graph",
      nodes: nodes.map((node) => ({ name: "", domain: "", attributes: [], ...node })),
      inputs: [value("x")],
      outputs: [value("y")],
      initializers: [],
    },
    metadata: new Map(),
    functions: 0,
  });
}

/** The greatest |x| of the rows, as an integer tensor n of one number. */
const COUNT: readonly Node[] = [
  { opType: "Abs", inputs: ["x"], outputs: ["positive"] },
  {
    opType: "ReduceMax",
    inputs: ["positive"],
    outputs: ["largest"],
    attributes: [ints("axes", 0), int("keepdims", 0)],
  },
  {
    opType: "Cast",
    inputs: ["largest"],
    outputs: ["rounded"],
    attributes: [int("to", ELEMENT_TYPES.int64)],
  },
  { opType: "Constant", inputs: [], outputs: ["one"], attributes: [ints("value_ints", 1)] },
  { opType: "Add", inputs: ["rounded", "one"], outputs: ["n"] },
];

/** A graph that returns x, and takes 4·|x| bytes of memory for it. */
export function createMemoryHog(): Uint8Array {
  return encodeGraph([
    ...COUNT,
    {
      opType: "Concat",
      inputs: ["one", "n"],
      outputs: ["shape"],
      attributes: [int("axis", 0)],
    },
    { opType: "Expand", inputs: ["x", "shape"], outputs: ["wide"] },
    {
      opType: "ReduceMax",
      inputs: ["wide"],
      outputs: ["y"],
      attributes: [ints("axes", 1), int("keepdims", 1)],
    },
  ]);
}

/** A graph that returns |x| + 1 numbers for a row x, though it states one. */
export function createWideOutput(): Uint8Array {
  return encodeGraph([
    ...COUNT,
    { opType: "Concat", inputs: ["one", "n"], outputs: ["shape"], attributes: [int("axis", 0)] },
    { opType: "Expand", inputs: ["x", "shape"], outputs: ["y"] },
  ]);
}

/** The graph of `createMemoryHog` in a file of 300 MB, in a field that no reader knows. */
export function createLargeFile(): Uint8Array {
  const field = new BinaryWriter()
    .tag(100, WireType.LengthDelimited)
    .bytes(new Uint8Array(300e6))
    .finish();
  return Buffer.concat([createMemoryHog(), field]);
}

/** A graph that returns x + |x|, and computes |x|³ products for it. */
export function createTimeHog(): Uint8Array {
  return encodeGraph([
    ...COUNT,
    { opType: "Concat", inputs: ["n", "n"], outputs: ["shape"], attributes: [int("axis", 0)] },
    {
      opType: "Constant",
      inputs: [],
      outputs: ["cell"],
      attributes: [{ name: "value_float", value: { kind: "float", value: 1 } }],
    },
    { opType: "Expand", inputs: ["cell", "shape"], outputs: ["square"] },
    { opType: "MatMul", inputs: ["square", "square"], outputs: ["product"] },
    {
      opType: "ReduceMax",
      inputs: ["product"],
      outputs: ["top"],
      attributes: [int("keepdims", 1)],
    },
    { opType: "Add", inputs: ["x", "top"], outputs: ["y"] },
  ]);
}

/** A model that only onnxruntime computes: k nearest neighbors of scikit-learn over Iris. */
export const KNN = "test/fixtures/pipelines/knn.onnx";

/** Rows of the fixture of KNN as request bodies, and their classes. */
export function readKnnRows(): readonly {
  readonly row: Readonly<Record<string, number>>;
  readonly label: number;
}[] {
  const { inputs, outputs } = JSON.parse(readFileSync(KNN.replace(".onnx", ".json"), "utf8"));
  const labels: number[] = outputs[0].rows;
  return labels.map((label, i) => ({
    label,
    row: Object.fromEntries(
      [0, 1, 2, 3].map((column) => [`f${column}`, inputs[0].rows[4 * i + column]]),
    ),
  }));
}

/** Writes the model knn, version 1, to a folder of models. */
export async function addKnn(models: string, name = "knn"): Promise<void> {
  const { model } = await importModel({ graph: KNN, models, name });
  await model.executor.close?.();
}

/** Returns the process ids of this process's engines. Linux only. */
export async function listEngines(): Promise<readonly number[]> {
  const { children } = await readTree(process.pid);
  const engines = await Promise.all(
    children.map(async (pid) => {
      const command = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
      return command.includes("engine-process") ? [pid] : [];
    }),
  );
  return engines.flat();
}
