import { TepalError } from "../../kernel/errors.ts";

/**
 * The subset of ONNX files that Tepal reads and writes.
 *
 * An ONNX file is one protobuf message, `ModelProto`. This folder handles the few messages that tabular models need, on
 * three levels (`pipeline/` compiles graphs that are not one tree ensemble):
 *
 * - `decode-model.ts` and `encode-model.ts` convert bytes to the types below and back. They know field numbers and wire
 *   types and nothing about trees.
 * - `find-tree-node.ts` follows the edges of a graph and finds its one tree ensemble.
 * - `read-tree-ensemble.ts` and `write-tree-ensemble.ts` convert the attributes of that node to a `TreeEnsemble` and back.
 *
 * No byte of a file is trusted. A read returns a value with all invariants of its type, or throws one of two errors:
 * `MODEL_DAMAGED` when the file violates the ONNX specification, and `MODEL_UNSUPPORTED` when it may be valid but is not a
 * tree ensemble that the executor computes exactly as onnxruntime does. Time and memory are linear in the size of the
 * file.
 *
 * Field numbers are those of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
 */
export interface OnnxModel {
  readonly irVersion: number;
  readonly producerName: string;
  readonly producerVersion: string;
  /** Namespace of the model's name, for example `org.example`; "" if unknown. */
  readonly domain: string;
  /** 0 if unknown. */
  readonly modelVersion: number;
  /** A description for people; "" without one. */
  readonly docString: string;
  readonly opsets: readonly OnnxOpset[];
  readonly graph: OnnxGraph;
  /** Strings by key, for example the names of the features. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Number of functions that the file defines; their bodies are not decoded. */
  readonly functions: number;
}

/** The version of a domain's operators that the graph uses. The default domain is "". */
export interface OnnxOpset {
  readonly domain: string;
  readonly version: number;
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** The constants of the graph. */
  readonly initializers: readonly OnnxTensor[];
}

/** A named input or output of the graph. */
export interface OnnxValue {
  readonly name: string;
  /** One of ELEMENT_TYPES; 0 when the value is not a tensor or has no type. */
  readonly elementType: number;
  /** Size of each dimension, undefined when it is dynamic; undefined as a whole when the file has no shape. */
  readonly shape: readonly (number | undefined)[] | undefined;
}

export interface OnnxNode {
  readonly name: string;
  readonly opType: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: readonly OnnxAttribute[];
}

export interface OnnxAttribute {
  readonly name: string;
  readonly value: OnnxAttributeValue;
}

/** The value of an attribute. Integers beyond ±2⁵³ are NaN: no attribute in use may hold one. */
export type OnnxAttributeValue =
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "int"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "tensor"; readonly value: OnnxTensor }
  | { readonly kind: "floats"; readonly value: ArrayLike<number> }
  | { readonly kind: "ints"; readonly value: ArrayLike<number> }
  | { readonly kind: "strings"; readonly value: readonly string[] }
  /** A graph, a type or another kind that no tree ensemble has. */
  | { readonly kind: "other" };

export interface OnnxTensor {
  readonly name: string;
  /** One of ELEMENT_TYPES. */
  readonly elementType: number;
  readonly dims: readonly number[];
  /**
   * The numbers of a tensor of numbers or truth values inside the file; undefined for all other tensors. Integers beyond
   * ±2⁵³ are NaN.
   */
  readonly values: ArrayLike<number> | undefined;
  /** The strings of a string tensor inside the file. */
  readonly strings?: readonly string[];
}

/** The members of `TensorProto.DataType` in use. */
export const ELEMENT_TYPES = {
  float: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  string: 8,
  bool: 9,
  double: 11,
} as const;

/** The members of `AttributeProto.AttributeType` in use. */
export const ATTRIBUTE_TYPES = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  floats: 6,
  ints: 7,
  strings: 8,
} as const;

/** The domain of the operators for classical machine learning. */
export const ML_DOMAIN = "ai.onnx.ml";

/**
 * Creates the error for a file that violates the ONNX specification.
 *
 * @param at location in the file, for example `graph` or `TreeEnsembleClassifier "trees", nodes_modes`
 * @param message one sentence, for example `Expected 3 values, got 2.`
 */
export function toDamaged(at: string, message: string, cause?: unknown): TepalError {
  return new TepalError(
    "MODEL_DAMAGED",
    `Invalid ONNX file: ${at}: ${message} Export the model again, or restore the file from a copy.`,
    { cause },
  );
}

/**
 * Creates the error for a graph that the executor cannot compute.
 *
 * @param at location in the file, as in `toDamaged`
 * @param message one sentence
 * @param advice one sentence with the next step, for example `Export the trees alone.`
 */
export function toUnsupported(at: string, message: string, advice: string): TepalError {
  return new TepalError("MODEL_UNSUPPORTED", `Unsupported ONNX model: ${at}: ${message} ${advice}`);
}

/** Formats a node for a message: its operator and, if it has one, its name. */
export function formatNode(node: Pick<OnnxNode, "opType" | "name">): string {
  const operator = quote(node.opType);
  return node.name === "" ? operator : `${operator} "${quote(node.name)}"`;
}

/** Returns a printable prefix of a name from a file, which can hold any characters. */
export function quote(name: string): string {
  return name.slice(0, 64).replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, "�");
}

/** Returns the name of an element type, for example `int64`; its number when it is not in use. */
export function formatElementType(type: number): string {
  const found = Object.entries(ELEMENT_TYPES).find(([, value]) => value === type);
  return found?.[0] ?? `element type ${type}`;
}
