import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { TepalError } from "../../kernel/errors.ts";
import type { OnnxAttribute, OnnxAttributeValue, OnnxModel, OnnxTensor } from "../onnx/onnx.ts";
import { ELEMENT_TYPES, ML_DOMAIN } from "../onnx/onnx.ts";
import { ROWS } from "./graph-values.ts";
import { compileValues } from "./compile-pipeline.ts";
import { createSteps } from "./pipeline-executor.ts";
import type { TensorType } from "./pipeline.ts";

/** Graphs of one or a few operators with their inputs and the outputs of onnxruntime 1.32. */
const FILE = new URL("../../../test/fixtures/onnx-vectors.json", import.meta.url);

type Cell = number | string | boolean;

interface TensorCase {
  readonly type: TensorType;
  readonly shape: readonly number[];
  readonly data: readonly Cell[];
}

interface Vector {
  readonly id: string;
  readonly note: string;
  readonly group: string;
  readonly opset: number;
  readonly ml: number;
  readonly nodes: readonly {
    readonly op: string;
    readonly domain: string;
    readonly inputs: readonly string[];
    readonly outputs: readonly string[];
    readonly attributes: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  }[];
  readonly initializers: Readonly<Record<string, TensorCase>>;
  readonly inputs?: Readonly<Record<string, TensorCase>>;
  readonly outputs?: Readonly<Record<string, TensorCase>>;
  readonly error?: { readonly when: string };
}

const { vectors }: { readonly vectors: readonly Vector[] } = JSON.parse(readFileSync(FILE, "utf8"));

function toNumber(cell: Cell | undefined): number {
  return Number(cell === "-0" ? -0 : cell);
}

function toTensor(name: string, { type, shape, data }: TensorCase): OnnxTensor {
  const isString = type === "string";
  const numbers = Float64Array.from(data, (cell) => {
    const value = toNumber(cell);
    return type === "int64" && !Number.isSafeInteger(value) ? Number.NaN : value;
  });
  return {
    name,
    elementType: ELEMENT_TYPES[type],
    dims: shape,
    values: isString ? undefined : type === "float" ? Float32Array.from(numbers) : numbers,
    ...(isString ? { strings: data.map(String) } : {}),
  };
}

function isTensor(value: unknown): value is TensorCase {
  return typeof value === "object" && value !== null && "shape" in value;
}

function toAttribute(name: string, given: Readonly<Record<string, unknown>>): OnnxAttribute {
  const [kind = "", value] = Object.entries(given)[0] ?? [];
  return { name, value: toValue(kind, value) };
}

function toValue(kind: string, value: unknown): OnnxAttributeValue {
  if (isTensor(value)) return { kind: "tensor", value: toTensor("", value) };
  const list: readonly Cell[] = Array.isArray(value) ? value : [];
  const numbers = Float64Array.from(list, toNumber);
  const single = typeof value === "number" || typeof value === "string" ? value : "";
  switch (kind) {
    case "float":
      return { kind, value: Math.fround(toNumber(single)) };
    case "int":
      return { kind, value: toNumber(single) };
    case "string":
      return { kind, value: String(single) };
    case "floats":
      return { kind, value: Float32Array.from(numbers) };
    case "ints":
      return {
        kind,
        value: numbers.map((each) => (Number.isSafeInteger(each) ? each : Number.NaN)),
      };
    case "strings":
      return { kind, value: list.map(String) };
    default:
      return { kind: "other" };
  }
}

/** The first dimension of each input is that of the rows. */
function toModel(vector: Vector): OnnxModel {
  const { inputs = {}, nodes, initializers } = vector;
  const outputs =
    vector.outputs === undefined ? (nodes.at(-1)?.outputs ?? []) : Object.keys(vector.outputs);
  return {
    irVersion: 9,
    producerName: "",
    producerVersion: "",
    domain: "",
    modelVersion: 0,
    docString: "",
    opsets: [
      { domain: "", version: vector.opset },
      { domain: ML_DOMAIN, version: vector.ml },
    ],
    metadata: new Map(),
    functions: 0,
    graph: {
      name: "",
      nodes: nodes.map(({ op, attributes, ...node }) => ({
        ...node,
        name: "",
        opType: op,
        attributes: Object.entries(attributes).map(([name, value]) => toAttribute(name, value)),
      })),
      inputs: Object.entries(inputs).map(([name, { type, shape }]) => ({
        name,
        elementType: ELEMENT_TYPES[type],
        shape: shape.map((size, axis) => (axis === 0 ? undefined : size)),
      })),
      outputs: outputs.map((name) => ({ name, elementType: 0, shape: undefined })),
      initializers: Object.entries(initializers).map(([name, tensor]) => toTensor(name, tensor)),
    },
  };
}

/** Runs a vector and returns the numbers or strings of each output; undefined for an output without rows. */
function run(vector: Vector): ReadonlyMap<string, readonly Cell[]> {
  const model = toModel(vector);
  const names = Object.keys(vector.outputs ?? {});
  const { builder, inputs, values } = compileValues(model);
  const tensors = inputs.map(({ name }) => vector.inputs?.[name]);
  const count = tensors[0]?.shape[0] ?? 1;
  const { slots, steps } = createSteps(builder, count);
  for (const [i, { slot }] of inputs.entries()) {
    const tensor = tensors[i];
    for (const [at, cell] of (tensor?.data ?? []).entries()) {
      slots[slot]!.data[at] =
        tensor?.type === "string" ? builder.intern(String(cell)) : toNumber(cell);
    }
  }
  for (const step of steps) step(count);
  return new Map(
    names.map((name) => {
      const value = values.get(name)!;
      const { data, width } = slots[value.slot]!;
      const size = value.shape.includes(ROWS) ? width * count : width;
      const numbers = Array.from(data.subarray(0, size));
      return [
        name,
        value.type === "string" ? numbers.map((code) => builder.strings[code] ?? "") : numbers,
      ];
    }),
  );
}

/** Groups whose last bits depend on the processor, or that onnxruntime computes in another order. */
const INEXACT = new Set([
  "Softmax",
  "LogSoftmax",
  "Exp",
  "Log",
  "Tanh",
  "Softplus",
  "Pow",
  "SVMClassifier",
  "SVMRegressor",
  "LinearClassifier",
  "LinearRegressor",
  "LinearRegressorRows",
  "LinearClassifierRows",
  "ReduceSum",
  "ReduceMean",
  "ReduceLogSumExp",
  "ReduceL2",
  "GemmRows",
  "MatMulRows",
  "TreeEnsembleClassifier",
  "TreeEnsembleRegressor",
  "TreeEnsemble",
]);
const TOLERANCE = 4e-7;

function matches(
  actual: Cell | undefined,
  expected: Cell,
  isExact: boolean,
  scale: number,
): boolean {
  if (typeof actual === "string") return actual === expected;
  const wanted = toNumber(expected);
  if (Object.is(actual, wanted) || Object.is(actual, Math.fround(wanted))) return true;
  if (typeof actual !== "number" || isExact) return false;
  return Math.abs(actual - wanted) <= TOLERANCE * scale;
}

/**
 * Vectors that Tepal rejects when it compiles the graph: steps over all rows, strings as numbers, integers beyond ±2⁵³, class labels
 * that are not unique, PROBIT and SOFTMAX_ZERO of trees, maps as inputs.
 */
const REJECTED: ReadonlySet<string> = new Set([
  "Imputer-04",
  "Imputer-08",
  "Normalizer-07",
  "OneHotEncoder-03",
  "OneHotEncoder-06",
  "OneHotEncoder-07",
  "OneHotEncoder-09",
  "OneHotEncoder-10",
  "LabelEncoder-06",
  "LabelEncoder-12",
  "CategoryMapper-01",
  "ArrayFeatureExtractor-02",
  "ArrayFeatureExtractor-03",
  "Cast-01",
  "Cast-02",
  "Cast-06",
  "Cast-07",
  "Cast-08",
  "Cast-09",
  "Cast-10",
  "Cast-11",
  "Cast-12",
  "Cast-13",
  "Cast-14",
  "Cast-15",
  "Cast-18",
  "Cast-19",
  "Cast-20",
  "Cast-21",
  "Cast-24",
  "Cast-25",
  "Cast-28",
  "Cast-29",
  "Cast-31",
  "Cast-32",
  "Cast-33",
  "Cast-34",
  "Cast-35",
  "LinearClassifier-01",
  "LinearClassifier-02",
  "LinearClassifier-03",
  "LinearClassifier-04",
  "Softmax-01",
  "Softmax-02",
  "Softmax-04",
  "ReduceSum-03",
  "ReduceMean-02",
  "ReduceMax-04",
  "Reshape-02",
  "Reshape-04",
  "Slice-01",
  "TreeEnsembleRegressor-32",
  "TreeEnsembleRegressor-33",
  "TreeEnsembleRegressor-34",
  "TreeEnsembleRegressor-35",
  "TreeEnsembleClassifier-10",
  "TreeEnsembleClassifier-11",
  "TreeEnsembleClassifier-12",
  "TreeEnsembleClassifier-16",
  "TreeEnsembleClassifier-17",
  "TreeEnsembleClassifier-18",
  "TreeEnsembleClassifier-22",
  "TreeEnsembleClassifier-23",
  "TreeEnsembleClassifier-24",
  "TreeEnsembleClassifier-26",
  "TreeEnsembleClassifier-28",
  "TreeEnsembleClassifier-29",
  "TreeEnsemble-23",
  "TreeEnsemble-24",
  "SVMRegressor-06",
  "SVMClassifier-07",
  "SVMClassifier-08",
  "DictVectorizer-01",
  "DictVectorizer-02",
]);

/** Vectors with other results. Integers are doubles, and a row alone is computed as in a batch. */
const DIFFERENT: ReadonlySet<string> = new Set([
  "Imputer-06",
  "Cast-43",
  "LinearRegressor-06",
  "ArgMax-03",
  "Add-02",
  "LinearRegressorRows-01",
]);

describe("operators beside onnxruntime", () => {
  const groups = [...Map.groupBy(vectors, ({ group }) => group).entries()];

  it("has all vectors", () => expect(vectors.length).toBe(354));

  it.each(groups)("%s", (_, members) => {
    const results = members.map((vector) => [vector.id, attempt(vector)]);
    const expected = members.map(({ id }) => [
      id,
      REJECTED.has(id) ? "rejected" : DIFFERENT.has(id) ? "different" : "equal",
    ]);
    expect(results).toEqual(expected);
  });

  /** Graphs that onnxruntime rejects must be rejected. An error of a row has no counterpart here. */
  function attempt(vector: Vector): string {
    if (vector.error !== undefined) {
      return vector.error.when === "load" && compare(vector) !== "rejected" ? "accepted" : "equal";
    }
    return compare(vector);
  }

  function compare(vector: Vector): string {
    let outputs: ReadonlyMap<string, readonly Cell[]>;
    try {
      outputs = run(vector);
    } catch (error) {
      return error instanceof TepalError ? "rejected" : String(error);
    }
    for (const [name, { data }] of Object.entries(vector.outputs ?? {})) {
      const actual = outputs.get(name) ?? [];
      const sizes = data.map((cell) => Math.abs(toNumber(cell))).filter(Number.isFinite);
      const scale = Math.max(1, ...sizes);
      const isExact = !INEXACT.has(vector.group);
      if (!data.every((cell, i) => matches(actual[i], cell, isExact, scale))) return "different";
    }
    return "equal";
  }
});
