import { BinaryReader } from "@bufbuild/protobuf/wire";
import { TepalError } from "../../kernel/errors.ts";
import type { OnnxGraph, OnnxModel, OnnxNode, OnnxOpset, OnnxTensor, OnnxValue } from "./onnx.ts";
import { toDamaged, toUnsupported } from "./onnx.ts";
import { decodeAttribute, decodeTensor } from "./decode-attribute.ts";
import { enter, readInt, readString } from "./wire.ts";

/**
 * Maximum number of nodes, attributes, values and constants of a file, in total. The largest graphs in use have about ten
 * thousand; without a limit, parts of a few bytes each could exhaust the memory.
 */
const MAX_PARTS = 200_000;

/**
 * Decodes the parts of a `ModelProto` that a tree ensemble can have.
 *
 * @throws TepalError MODEL_DAMAGED when the bytes are not an ONNX file, MODEL_UNSUPPORTED when it has too many parts
 */
export function decodeModel(bytes: Uint8Array): OnnxModel {
  try {
    return decode(bytes);
  } catch (thrown) {
    // The wire reader throws plain errors, for example the RangeError of a DataView.
    throw thrown instanceof TepalError
      ? thrown
      : toDamaged("file", "Expected an ONNX message in protobuf encoding.", thrown);
  }
}

/** Counts the parts of a file. */
interface Budget {
  remaining: number;
}

function spend(budget: Budget): void {
  budget.remaining--;
  if (budget.remaining < 0) {
    throw toUnsupported(
      "graph",
      `Expected at most ${MAX_PARTS} nodes, attributes, values and constants.`,
      "Check that this is the right file: a tree ensemble has about 20.",
    );
  }
}

function decode(bytes: Uint8Array): OnnxModel {
  const budget: Budget = { remaining: MAX_PARTS };
  let irVersion = 0;
  let producerName = "";
  let producerVersion = "";
  let domain = "";
  let modelVersion = 0;
  let docString = "";
  const opsets: OnnxOpset[] = [];
  let graph: OnnxGraph | undefined;
  const metadata = new Map<string, string>();
  let functions = 0;
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    switch (field) {
      case 1:
        irVersion = readInt(reader, wireType);
        break;
      case 2:
        producerName = readString(reader, wireType);
        break;
      case 3:
        producerVersion = readString(reader, wireType);
        break;
      case 4:
        domain = readString(reader, wireType);
        break;
      case 5:
        modelVersion = readInt(reader, wireType);
        break;
      case 6:
        docString = readString(reader, wireType);
        break;
      case 7:
        if (graph !== undefined) throw toDamaged("file", "Expected one graph, got two.");
        graph = decodeGraph(enter(reader, wireType), budget);
        break;
      case 8:
        spend(budget);
        opsets.push(decodeOpset(enter(reader, wireType)));
        break;
      case 14: {
        spend(budget);
        const [key, value] = decodeEntry(enter(reader, wireType));
        metadata.set(key, value);
        break;
      }
      case 25:
        functions++;
        reader.skip(wireType, field);
        break;
      default:
        reader.skip(wireType, field);
    }
  }
  if (graph === undefined) throw toDamaged("file", "Expected one graph, got none.");
  return {
    irVersion,
    producerName,
    producerVersion,
    domain,
    modelVersion,
    docString,
    opsets,
    graph,
    metadata,
    functions,
  };
}

function decodeOpset(reader: BinaryReader): OnnxOpset {
  let domain = "";
  let version = 0;
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) domain = readString(reader, wireType);
    else if (field === 2) version = readInt(reader, wireType);
    else reader.skip(wireType, field);
  }
  return { domain, version };
}

function decodeEntry(reader: BinaryReader): [key: string, value: string] {
  let key = "";
  let value = "";
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) key = readString(reader, wireType);
    else if (field === 2) value = readString(reader, wireType);
    else reader.skip(wireType, field);
  }
  return [key, value];
}

function decodeGraph(reader: BinaryReader, budget: Budget): OnnxGraph {
  let name = "";
  const nodes: OnnxNode[] = [];
  const inputs: OnnxValue[] = [];
  const outputs: OnnxValue[] = [];
  const initializers: OnnxTensor[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    switch (field) {
      case 1:
        nodes.push(decodeNode(enter(reader, wireType), budget));
        break;
      case 2:
        name = readString(reader, wireType);
        break;
      case 5:
        spend(budget);
        initializers.push(decodeTensor(enter(reader, wireType)));
        break;
      case 11:
        spend(budget);
        inputs.push(decodeValue(enter(reader, wireType)));
        break;
      case 12:
        spend(budget);
        outputs.push(decodeValue(enter(reader, wireType)));
        break;
      default:
        reader.skip(wireType, field);
    }
  }
  return { name, nodes, inputs, outputs, initializers };
}

function decodeNode(reader: BinaryReader, budget: Budget): OnnxNode {
  spend(budget);
  const inputs: string[] = [];
  const outputs: string[] = [];
  let name = "";
  let opType = "";
  const attributes: OnnxNode["attributes"][number][] = [];
  let domain = "";
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    switch (field) {
      case 1:
        inputs.push(readString(reader, wireType));
        break;
      case 2:
        outputs.push(readString(reader, wireType));
        break;
      case 3:
        name = readString(reader, wireType);
        break;
      case 4:
        opType = readString(reader, wireType);
        break;
      case 5:
        spend(budget);
        attributes.push(decodeAttribute(enter(reader, wireType)));
        break;
      case 7:
        domain = readString(reader, wireType);
        break;
      default:
        reader.skip(wireType, field);
    }
  }
  return { name, opType, domain, inputs, outputs, attributes };
}

function decodeValue(reader: BinaryReader): OnnxValue {
  let name = "";
  let elementType = 0;
  let shape: OnnxValue["shape"];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === 1) name = readString(reader, wireType);
    else if (field === 2) ({ elementType, shape } = decodeType(enter(reader, wireType)));
    else reader.skip(wireType, field);
  }
  return { name, elementType, shape };
}

/** Decodes a `TypeProto`: the type of a tensor is its field 1; sequences and maps are skipped. */
function decodeType(reader: BinaryReader): Pick<OnnxValue, "elementType" | "shape"> {
  let elementType = 0;
  let shape: (number | undefined)[] | undefined;
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field !== 1) {
      reader.skip(wireType, field);
      continue;
    }
    const tensor = enter(reader, wireType);
    while (tensor.pos < tensor.len) {
      const [tensorField, tensorWireType] = tensor.tag();
      if (tensorField === 1) elementType = readInt(tensor, tensorWireType);
      else if (tensorField === 2) shape = decodeShape(enter(tensor, tensorWireType));
      else tensor.skip(tensorWireType, tensorField);
    }
  }
  return { elementType, shape };
}

function decodeShape(reader: BinaryReader): (number | undefined)[] {
  const shape: (number | undefined)[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field !== 1) {
      reader.skip(wireType, field);
      continue;
    }
    const dimension = enter(reader, wireType);
    let size: number | undefined;
    while (dimension.pos < dimension.len) {
      const [dimensionField, dimensionWireType] = dimension.tag();
      if (dimensionField === 1) size = readInt(dimension, dimensionWireType);
      else dimension.skip(dimensionWireType, dimensionField);
    }
    shape.push(size);
  }
  return shape;
}
