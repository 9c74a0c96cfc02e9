import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { findAttribute } from "../onnx/find-tree-node.ts";
import { ELEMENT_TYPES, ML_DOMAIN, type OnnxGraph } from "../onnx/onnx.ts";
import { readString } from "../onnx/wire.ts";
import type { ClassLabels } from "../model.ts";

/** A ZipMap operator before an output: it makes a dictionary of each row, which is slow and no tensor. */
export interface ZipMap {
  /** Name of the tensor of scores. */
  readonly scores: string;
  /** Name of the output of dictionaries. */
  readonly output: string;
  /** The keys, in the order of the scores. */
  readonly classes: ClassLabels;
}

/** Lists the ZipMap operators whose result is an output. */
export function listZipMaps({ nodes, outputs }: OnnxGraph): readonly ZipMap[] {
  const names = new Set(outputs.map(({ name }) => name));
  return nodes.flatMap((node) => {
    const { opType, domain, inputs, outputs: results } = node;
    const [scores] = inputs;
    const [output] = results;
    if (opType !== "ZipMap" || domain !== ML_DOMAIN || scores === undefined) return [];
    if (output === undefined || !names.has(output)) return [];
    const strings = findAttribute(node, "classlabels_strings")?.value;
    const numbers = findAttribute(node, "classlabels_int64s")?.value;
    const classes =
      strings?.kind === "strings" && strings.value.length > 0
        ? strings.value
        : numbers?.kind === "ints"
          ? Array.from(numbers.value)
          : [];
    return [{ scores, output, classes }];
  });
}

const MODEL_GRAPH = 7;
const GRAPH_NODE = 1;
const NODE_OUTPUT = 2;
const GRAPH_OUTPUT = 12;
const VALUE_NAME = 1;

/**
 * Returns an ONNX file whose outputs are the scores in place of the dictionaries of ZipMap operators. Copies all other bytes.
 * @param bytes a file that `decodeModel` accepts
 * @param outputs names of its outputs
 */
export function cutZipMaps(
  bytes: Uint8Array,
  zipMaps: readonly ZipMap[],
  outputs: readonly string[],
): Uint8Array {
  if (zipMaps.length === 0) return bytes;
  const names = new Set(outputs);
  const scoresOf = new Map(zipMaps.map(({ output, scores }) => [output, scores]));
  return rewrite(bytes, (field, part, writer) => {
    if (field !== MODEL_GRAPH) return false;
    const graph = rewrite(part, (graphField, inner, graphWriter) => {
      if (graphField === GRAPH_NODE) return scoresOf.has(findString(inner, NODE_OUTPUT));
      if (graphField !== GRAPH_OUTPUT) return false;
      const scores = scoresOf.get(findString(inner, VALUE_NAME));
      if (scores === undefined) return false;
      // They may be an output already.
      if (names.has(scores)) return true;
      names.add(scores);
      graphWriter.tag(GRAPH_OUTPUT, WireType.LengthDelimited).bytes(encodeOutput(scores));
      return true;
    });
    writer.tag(MODEL_GRAPH, WireType.LengthDelimited).bytes(graph);
    return true;
  });
}

/**
 * Copies the fields of a message.
 * @param replace called with each part that is a message or bytes; returns true if it has written another one, or leaves it out
 */
function rewrite(
  bytes: Uint8Array,
  replace: (field: number, part: Uint8Array, writer: BinaryWriter) => boolean,
): Uint8Array {
  const reader = new BinaryReader(bytes);
  const writer = new BinaryWriter();
  while (reader.pos < reader.len) {
    const start = reader.pos;
    const [field, wireType] = reader.tag();
    if (wireType === WireType.LengthDelimited) {
      if (replace(field, reader.bytes(), writer)) continue;
    } else reader.skip(wireType, field);
    writer.raw(bytes.subarray(start, reader.pos));
  }
  return writer.finish();
}

/** Returns the first string in a field of a message. */
function findString(bytes: Uint8Array, wanted: number): string {
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === wanted) return readString(reader, wireType);
    reader.skip(wireType, field);
  }
  return "";
}

/** Encodes the declaration of an output of float scores. */
function encodeOutput(name: string): Uint8Array {
  const tensor = new BinaryWriter().tag(1, WireType.Varint).int32(ELEMENT_TYPES.float).finish();
  const type = new BinaryWriter().tag(1, WireType.LengthDelimited).bytes(tensor).finish();
  return new BinaryWriter()
    .tag(VALUE_NAME, WireType.LengthDelimited)
    .string(name)
    .tag(2, WireType.LengthDelimited)
    .bytes(type)
    .finish();
}
