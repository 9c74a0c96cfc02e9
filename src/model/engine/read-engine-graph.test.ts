import { readFileSync } from "node:fs";
import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { describe, expect, it } from "vitest";
import { decodeModel } from "../onnx/decode-model.ts";
import { encodeModel } from "../onnx/encode-model.ts";
import { ELEMENT_TYPES, ML_DOMAIN, type OnnxModel, type OnnxNode } from "../onnx/onnx.ts";
import { checkExternalData } from "./check-external-data.ts";
import { readEngineFile, toEngineGraph } from "./read-engine-graph.ts";

const FOLDER = new URL("../../../test/fixtures/", import.meta.url);

function read(name: string): Uint8Array {
  return readFileSync(new URL(name, FOLDER));
}

const node = (opType: string, inputs: string[], outputs: string[], domain = ""): OnnxNode => ({
  name: "",
  opType,
  domain,
  inputs,
  outputs,
  attributes: [],
});

/** A graph with these nodes, from x to a label and scores. */
function createGraph(nodes: readonly OnnxNode[], rows?: number): OnnxModel {
  const value = (name: string, elementType: number, columns: number) => ({
    name,
    elementType,
    shape: [rows, columns],
  });
  return {
    irVersion: 8,
    producerName: "test",
    producerVersion: "",
    domain: "",
    modelVersion: 0,
    docString: "",
    opsets: [
      { domain: "", version: 13 },
      { domain: ML_DOMAIN, version: 3 },
    ],
    graph: {
      name: "graph",
      nodes,
      inputs: [value("x", ELEMENT_TYPES.float, 2)],
      outputs: [value("label", ELEMENT_TYPES.int64, 1), value("scores", ELEMENT_TYPES.float, 2)],
      initializers: [],
    },
    metadata: new Map(),
    functions: 0,
  };
}

describe("a file for the engine", () => {
  it("loses the ZipMap before its output, and nothing else", () => {
    const bytes = read("onnx/sklearn-forest-zipmap.onnx");
    const before = decodeModel(bytes);
    const file = readEngineFile(bytes);
    const after = decodeModel(file.bytes);
    expect(before.graph.nodes.map(({ opType }) => opType)).toContain("ZipMap");
    const others = before.graph.nodes.filter(({ opType }) => opType !== "ZipMap");
    expect(after.graph.nodes).toEqual(others);
    const names = after.graph.outputs.map(({ name }) => name);
    expect(names).toEqual([before.graph.outputs[0]!.name, file.scores.name]);
    expect({ ...after, graph: null }).toEqual({ ...before, graph: null });
    expect(file.width).toBe(3);
    expect(file.findClasses(3)).toHaveLength(3);
  });

  it("stays as it is without a ZipMap", () => {
    const bytes = read("pipelines/knn.onnx");
    expect(readEngineFile(bytes).bytes).toBe(bytes);
  });

  it.each([
    ["knn", [0, 1, 2]],
    ["kmeans", [0, 1, 2]],
    ["qda", [0, 1, 2]],
    ["one-vs-one", [0, 1, 2]],
    ["logistic-strings", ["setosa", "versicolor", "virginica"]],
  ])("states its classes: %s", (name, classes) => {
    const file = readEngineFile(read(`pipelines/${name}.onnx`));
    expect(file.findClasses(classes.length)).toEqual(classes);
  });

  it("has no classes if its label is computed in another way, or refers to itself", () => {
    for (const nodes of [
      [node("Mul", ["x", "x"], ["label"]), node("Foo", ["x"], ["scores"])],
      [node("Identity", ["loop"], ["label"]), node("Cast", ["label"], ["loop"])],
    ]) {
      // The second graph has a cycle, which is rejected.
      const file = (): unknown => readEngineFile(encodeModel(createGraph(nodes))).findClasses(2);
      if (nodes[0]!.opType === "Identity") expect(file).toThrow("Expected no cycle");
      else expect(file()).toBeUndefined();
    }
  });

  it("is a row of its own if it states one row, and rejected if it states several", () => {
    const nodes = [node("ArgMax", ["x"], ["label"]), node("Foo", ["x"], ["scores"])];
    const encode = (rows?: number): Uint8Array => encodeModel(createGraph(nodes, rows));
    const known = { task: "classification", outputs: 2, classes: [0, 1] } as const;
    expect(toEngineGraph(readEngineFile(encode(1)), known).takesOneRow).toBe(true);
    expect(toEngineGraph(readEngineFile(encode()), known).takesOneRow).toBe(false);
    expect(() => readEngineFile(encode(8))).toThrow("Expected any number of rows, got 8.");
  });

  it("is rejected if it refers to another file, at any depth", () => {
    const external = new BinaryWriter()
      .tag(8, WireType.LengthDelimited)
      .string("weights")
      .tag(14, WireType.Varint)
      .int32(1)
      .finish();
    const wrap = (field: number, part: Uint8Array): Uint8Array =>
      new BinaryWriter().tag(field, WireType.LengthDelimited).bytes(part).finish();
    const places = {
      initializer: wrap(7, wrap(5, external)),
      sparse: wrap(7, wrap(15, wrap(1, external))),
      attribute: wrap(7, wrap(1, wrap(5, wrap(5, external)))),
      "body of a loop": wrap(7, wrap(1, wrap(5, wrap(6, wrap(5, external))))),
      function: wrap(25, wrap(7, wrap(5, wrap(10, external)))),
    };
    for (const bytes of Object.values(places)) {
      expect(() => checkExternalData(bytes)).toThrow("got a reference to another file");
    }
    const nodes = [node("ArgMax", ["x"], ["label"]), node("Foo", ["x"], ["scores"])];
    const file = encodeModel(createGraph(nodes));
    expect(() => checkExternalData(file)).not.toThrow();
    expect(() => readEngineFile(Buffer.concat([file, places.function]))).toThrow(
      "got a reference to another file",
    );
    let deep: Uint8Array = new Uint8Array();
    for (let depth = 0; depth < 100; depth++) deep = wrap(1, wrap(5, wrap(6, deep)));
    expect(() => checkExternalData(wrap(7, deep))).toThrow("Expected an ONNX message");
  });

  it("is rejected if onnxruntime would leave results unset", () => {
    const trees: OnnxNode = {
      ...node("TreeEnsembleClassifier", ["x"], ["label", "scores"], ML_DOMAIN),
      attributes: [{ name: "post_transform", value: { kind: "string", value: "PROBIT" } }],
    };
    expect(() => readEngineFile(encodeModel(createGraph([trees])))).toThrow("PROBIT");
  });
});
