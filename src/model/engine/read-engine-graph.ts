import type { Feature } from "../../tabular/tabular.ts";
import type { Manifest } from "../manifest.ts";
import type { ClassLabels, Task } from "../model.ts";
import { decodeModel } from "../onnx/decode-model.ts";
import { findAttribute } from "../onnx/find-tree-node.ts";
import {
  ELEMENT_TYPES,
  formatNode,
  quote,
  toUnsupported,
  type OnnxGraph,
  type OnnxModel,
  type OnnxValue,
} from "../onnx/onnx.ts";
import { compileKnownNodes } from "../pipeline/compile-pipeline.ts";
import type { Step } from "../pipeline/pipeline.ts";
import { checkExternalData } from "./check-external-data.ts";
import { cutZipMaps, listZipMaps } from "./cut-zip-maps.ts";
import type { EngineGraph, EngineInput } from "./engine.ts";
import { findClasses } from "./find-classes.ts";

/** A graph that onnxruntime computes, in the form that its process reads: plain data, which can be sent to another thread. */
export interface EngineModel {
  readonly kind: "onnxruntime";
  readonly graph: EngineGraph;
}

/** An ONNX file, as far as it states what its outputs are. */
export interface EngineFile {
  /** Without ZipMap operators before outputs. */
  readonly bytes: Uint8Array;
  readonly features: number;
  readonly inputs: readonly EngineInput[];
  readonly takesOneRow: boolean;
  /** The nodes that Tepal computes, too. */
  readonly steps: readonly Step[];
  /** Name and type of the first output of integers or strings; undefined without one. */
  readonly label: OnnxValue | undefined;
  readonly scores: OnnxValue;
  /** Number of columns of the scores, if the file states it. */
  readonly width: number | undefined;
  /** Returns the classes for a number of scores; undefined if they are not found. */
  findClasses(count: number): ClassLabels | undefined;
}

const LABELS: ReadonlySet<number> = new Set([
  ELEMENT_TYPES.int64,
  ELEMENT_TYPES.int32,
  ELEMENT_TYPES.string,
]);
const SCORES: ReadonlySet<number> = new Set([ELEMENT_TYPES.float, ELEMENT_TYPES.double]);

/**
 * Reads a file for onnxruntime. Of its nodes, only those are checked that Tepal knows.
 *
 * @throws TepalError MODEL_UNSUPPORTED for inputs or outputs that are no rows of numbers, strings or truth values; MODEL_DAMAGED
 */
export function readEngineFile(bytes: Uint8Array): EngineFile {
  const model = decodeModel(bytes);
  const { graph } = model;
  checkExternalData(bytes);
  checkProbit(graph);
  const { inputs, features, steps } = compileKnownNodes(model);
  const zipMaps = listZipMaps(graph);
  const outputs = graph.outputs.map((output): OnnxValue => {
    const cut = zipMaps.find(({ output: name }) => name === output.name);
    if (cut === undefined) return output;
    const shape = cut.classes.length > 0 ? [undefined, cut.classes.length] : undefined;
    return { name: cut.scores, elementType: ELEMENT_TYPES.float, shape };
  });
  const label = outputs.find(({ elementType }) => LABELS.has(elementType));
  const scores = outputs.find(({ elementType }) => SCORES.has(elementType));
  if (scores === undefined) {
    throw toUnsupported(
      "graph",
      `Expected a number or the probabilities of classes among the outputs, got ${outputs.length} others.`,
      "Export the model with its probabilities.",
    );
  }
  const named = zipMaps.find(({ scores: name }) => name === scores.name)?.classes;
  return {
    bytes: cutZipMaps(
      bytes,
      zipMaps,
      graph.outputs.map(({ name }) => name),
    ),
    features,
    inputs: inputs.map(({ name, type, width, firstFeature, categories }) => {
      const shape = findInput(graph, name)?.shape;
      return { name, type, width, firstFeature, categories, isVector: shape?.length === 1 };
    }),
    takesOneRow: findRows(model, inputs) === 1,
    steps,
    label,
    scores,
    width: scores.shape?.length === 2 ? scores.shape[1] : undefined,
    findClasses(count) {
      if (label === undefined) return undefined;
      const found =
        named !== undefined && named.length > 0 ? named : findClasses(graph, label.name, count);
      const isText = label.elementType === ELEMENT_TYPES.string;
      const classes = isText ? found?.map(String) : found?.map(Number);
      if (classes?.length !== count || new Set<string | number>(classes).size < count) {
        return undefined;
      }
      return classes.every((name) => typeof name === "string" || Number.isSafeInteger(name))
        ? classes
        : undefined;
    },
  };
}

/** For two classes onnxruntime leaves the memory of the results unset. @throws TepalError MODEL_UNSUPPORTED */
function checkProbit({ nodes }: OnnxGraph): void {
  for (const node of nodes) {
    const value = findAttribute(node, "post_transform")?.value;
    if (value?.kind !== "string" || value.value !== "PROBIT") continue;
    throw toUnsupported(
      formatNode(node),
      "Expected another post_transform than PROBIT, which onnxruntime does not compute reliably.",
      "Export the model with another one.",
    );
  }
}

function findInput({ inputs }: OnnxGraph, name: string): OnnxValue | undefined {
  return inputs.find((input) => input.name === name);
}

/** Returns the number of rows that the graph states; undefined for any. @throws TepalError MODEL_UNSUPPORTED for several */
function findRows(
  { graph }: OnnxModel,
  inputs: readonly Pick<EngineInput, "name">[],
): number | undefined {
  let stated: number | undefined;
  for (const { name } of inputs) {
    const rows = findInput(graph, name)?.shape?.[0];
    // Some exporters write a dynamic size as 0 or a negative number.
    if (rows === undefined || rows <= 0) continue;
    if (rows > 1) {
      throw toUnsupported(
        `input "${quote(name)}"`,
        `Expected any number of rows, got ${rows}.`,
        "Export the model with a dynamic first dimension.",
      );
    }
    stated = 1;
  }
  return stated;
}

/** The properties that a manifest states, and not a file. */
interface Outputs {
  readonly task: Task;
  readonly outputs: number;
  readonly classes: ClassLabels;
}

/** @throws TepalError MODEL_UNSUPPORTED for a classification without labels */
export function toEngineGraph(file: EngineFile, outputs: Outputs): EngineGraph {
  const { bytes, features, inputs, takesOneRow, label, scores } = file;
  const isClassifier = outputs.task === "classification";
  if (isClassifier && label === undefined) {
    throw toUnsupported(
      "graph",
      "Expected an output with the class, got none.",
      "Export it again.",
    );
  }
  return {
    ...outputs,
    bytes,
    features,
    inputs,
    label: isClassifier ? (label?.name ?? null) : null,
    scores: scores.name,
    takesOneRow,
  };
}

/** Sets the strings of the inputs: the categories of the features, and the string that stands for a missing value. */
export function withStrings(graph: EngineGraph, features: readonly Feature[]): EngineGraph {
  const inputs = graph.inputs.map((input) => {
    if (input.type !== "string") return input;
    const categories = Array.from({ length: input.width }, (_, i) => {
      const { categories: known = [], missing_string: missing } =
        features[input.firstFeature + i] ?? {};
      const list = known.map(({ value }) => String(value));
      return typeof missing === "string" && !list.includes(missing) ? [...list, missing] : list;
    });
    return { ...input, categories };
  });
  return { ...graph, inputs };
}

/** Reads the graph of a model version whose manifest states the engine. @throws TepalError as `readEngineFile` */
export function readEngineModel(bytes: Uint8Array, manifest: Manifest): EngineModel {
  const { task, classes, class_values: values, targets, features } = manifest;
  const outputs = task === "classification" ? classes.length : targets.length;
  const graph = toEngineGraph(readEngineFile(bytes), { task, outputs, classes: values ?? classes });
  return { kind: "onnxruntime", graph: withStrings(graph, features) };
}
