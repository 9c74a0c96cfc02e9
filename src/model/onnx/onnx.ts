import { TepalError } from "../../kernel/errors.ts";

/**
 * ONNX files, as far as Tepal reads and writes them itself.
 *
 * An ONNX file is one protobuf message, `ModelProto`. This folder knows the few messages that a tree
 * ensemble needs, on three levels:
 *
 * - `decode-model.ts` and `encode-model.ts` turn bytes into the types below and back. They know
 *   field numbers and wire types and nothing about trees.
 * - `find-tree-node.ts` follows the edges of a graph and says whether it is one tree ensemble.
 * - `read-tree-ensemble.ts` and `write-tree-ensemble.ts` turn that node's attributes into a
 *   `TreeEnsemble` and back.
 *
 * No byte of a file is trusted. Reading ends in a value that keeps every promise of its type, or in one of
 * two errors: `MODEL_DAMAGED` when the file breaks ONNX's own rules, and `MODEL_UNSUPPORTED` when it may be
 * sound but is no tree ensemble that our executor computes exactly as onnxruntime does.
 * Time and memory are linear in the file's size.
 *
 * Field numbers are those of onnx.proto (https://github.com/onnx/onnx/blob/main/onnx/onnx.proto).
 */
export interface OnnxModel {
  readonly irVersion: number;
  readonly producerName: string;
  readonly producerVersion: string;
  readonly opsets: readonly OnnxOpset[];
  readonly graph: OnnxGraph;
  /** Free text by key, such as the names of the features. */
  readonly metadata: ReadonlyMap<string, string>;
  /** Number of functions that the file defines itself; their bodies are not read. */
  readonly functions: number;
}

/** Which version of a domain's operators the graph means. The default domain is "". */
export interface OnnxOpset {
  readonly domain: string;
  readonly version: number;
}

export interface OnnxGraph {
  readonly name: string;
  readonly nodes: readonly OnnxNode[];
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** The constants that the file holds; the values of large ones are not read. */
  readonly initializers: readonly OnnxTensor[];
}

/** A named edge at the graph's border. */
export interface OnnxValue {
  readonly name: string;
  /** One of ELEMENT_TYPES; 0 when the value is no tensor or says nothing. */
  readonly elementType: number;
  /** Sizes, undefined for a free one; undefined as a whole when the file gives none. */
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

/** Whole numbers beyond ±2⁵³ are NaN: no attribute that we use may hold one. */
export type OnnxAttributeValue =
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "int"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "tensor"; readonly value: OnnxTensor }
  | { readonly kind: "floats"; readonly value: ArrayLike<number> }
  | { readonly kind: "ints"; readonly value: ArrayLike<number> }
  | { readonly kind: "strings"; readonly value: readonly string[] }
  /** A graph, a type or anything else that no tree ensemble has. */
  | { readonly kind: "other" };

export interface OnnxTensor {
  readonly name: string;
  /** One of ELEMENT_TYPES. */
  readonly elementType: number;
  readonly dims: readonly number[];
  /** The numbers of a float or double tensor inside the file; undefined for any other, and where they were not read. */
  readonly values: ArrayLike<number> | undefined;
}

/** `TensorProto.DataType`, the members that we handle. */
export const ELEMENT_TYPES = { float: 1, int32: 6, int64: 7, string: 8, double: 11 } as const;

/** `AttributeProto.AttributeType`, the members that we handle. */
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

/** An error for a file that breaks ONNX's rules. */
export function toDamaged(what: string, cause?: unknown): TepalError {
  return new TepalError(
    "MODEL_DAMAGED",
    `The ONNX file is damaged: ${what}. Export the model again, or restore the file from a copy.`,
    { cause },
  );
}

/** An error for a graph that our own executor does not compute. */
export function toUnsupported(what: string, advice: string): TepalError {
  return new TepalError("MODEL_UNSUPPORTED", `${what}. ${advice}`);
}

/** Names in a file can be anything; a message shows a readable start of them. */
export function quote(name: string): string {
  return name.slice(0, 64).replace(/[^\p{L}\p{N}\p{P}\p{S} ]/gu, "�");
}
