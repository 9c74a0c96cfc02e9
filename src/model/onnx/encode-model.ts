import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import type {
  OnnxAttribute,
  OnnxGraph,
  OnnxModel,
  OnnxNode,
  OnnxTensor,
  OnnxValue,
} from "./onnx.ts";
import { ATTRIBUTE_TYPES, ELEMENT_TYPES } from "./onnx.ts";

/**
 * Encodes a model. The same model gives the same bytes. Repeated numbers of attributes are written one by one, not as
 * packed fields: AttributeProto is a proto2 message, and old readers accept no other form.
 *
 * Initializers, functions and attributes of kind "other" cannot be encoded; no model that Tepal writes has any.
 */
export function encodeModel(model: OnnxModel): Uint8Array {
  const writer = new BinaryWriter();
  writer.tag(1, WireType.Varint).int64(model.irVersion);
  writeString(writer, 2, model.producerName);
  writeString(writer, 3, model.producerVersion);
  if (model.domain !== "") writeString(writer, 4, model.domain);
  if (model.modelVersion !== 0) writer.tag(5, WireType.Varint).int64(model.modelVersion);
  if (model.docString !== "") writeString(writer, 6, model.docString);
  writeMessage(writer, 7, () => writeGraph(writer, model.graph));
  for (const { domain, version } of model.opsets) {
    writeMessage(writer, 8, () => {
      writeString(writer, 1, domain);
      writer.tag(2, WireType.Varint).int64(version);
    });
  }
  for (const [key, value] of model.metadata) {
    writeMessage(writer, 14, () => {
      writeString(writer, 1, key);
      writeString(writer, 2, value);
    });
  }
  return writer.finish();
}

/**
 * Sets the model version of an encoded model, which is known only when it is stored. In protobuf the last value of a field counts, so the
 * other bytes stay.
 */
export function withModelVersion(model: Uint8Array, version: number): Uint8Array {
  const field = new BinaryWriter().tag(5, WireType.Varint).int64(version).finish();
  const bytes = new Uint8Array(model.length + field.length);
  bytes.set(model);
  bytes.set(field, model.length);
  return bytes;
}

function writeMessage(writer: BinaryWriter, field: number, write: () => void): void {
  writer.tag(field, WireType.LengthDelimited).fork();
  write();
  writer.join();
}

function writeString(writer: BinaryWriter, field: number, value: string): void {
  writer.tag(field, WireType.LengthDelimited).string(value);
}

function writeGraph(writer: BinaryWriter, graph: OnnxGraph): void {
  for (const node of graph.nodes) writeMessage(writer, 1, () => writeNode(writer, node));
  writeString(writer, 2, graph.name);
  for (const input of graph.inputs) writeMessage(writer, 11, () => writeValue(writer, input));
  for (const output of graph.outputs) writeMessage(writer, 12, () => writeValue(writer, output));
}

function writeNode(writer: BinaryWriter, node: OnnxNode): void {
  for (const input of node.inputs) writeString(writer, 1, input);
  for (const output of node.outputs) writeString(writer, 2, output);
  writeString(writer, 3, node.name);
  writeString(writer, 4, node.opType);
  for (const attribute of node.attributes) {
    writeMessage(writer, 5, () => writeAttribute(writer, attribute));
  }
  writeString(writer, 7, node.domain);
}

function writeAttribute(writer: BinaryWriter, { name, value }: OnnxAttribute): void {
  if (value.kind === "other") throw new Error(`The attribute ${name} cannot be encoded.`);
  writeString(writer, 1, name);
  switch (value.kind) {
    case "float":
      writer.tag(2, WireType.Bit32).float(Math.fround(value.value));
      break;
    case "int":
      writer.tag(3, WireType.Varint).int64(value.value);
      break;
    case "string":
      writeString(writer, 4, value.value);
      break;
    case "tensor":
      writeMessage(writer, 5, () => writeTensor(writer, value.value));
      break;
    case "floats":
      for (let i = 0; i < value.value.length; i++) {
        writer.tag(7, WireType.Bit32).float(Math.fround(value.value[i]!));
      }
      break;
    case "ints":
      for (let i = 0; i < value.value.length; i++) {
        writer.tag(8, WireType.Varint).int64(value.value[i]!);
      }
      break;
    case "strings":
      for (const item of value.value) writeString(writer, 9, item);
      break;
  }
  writer.tag(20, WireType.Varint).int32(ATTRIBUTE_TYPES[value.kind]);
}

function writeTensor(writer: BinaryWriter, tensor: OnnxTensor): void {
  const values = tensor.values ?? [];
  for (const size of tensor.dims) writer.tag(1, WireType.Varint).int64(size);
  writer.tag(2, WireType.Varint).int32(tensor.elementType);
  const isFloat = tensor.elementType === ELEMENT_TYPES.float;
  writer.tag(isFloat ? 4 : 10, WireType.LengthDelimited).fork();
  for (let i = 0; i < values.length; i++) {
    if (isFloat) writer.float(Math.fround(values[i]!));
    else writer.double(values[i]!);
  }
  writer.join();
  writeString(writer, 8, tensor.name);
}

function writeValue(writer: BinaryWriter, value: OnnxValue): void {
  writeString(writer, 1, value.name);
  writeMessage(writer, 2, () =>
    writeMessage(writer, 1, () => {
      writer.tag(1, WireType.Varint).int32(value.elementType);
      const { shape } = value;
      if (shape === undefined) return;
      writeMessage(writer, 2, () => {
        for (const size of shape) {
          writeMessage(writer, 1, () => {
            if (size === undefined) writeString(writer, 2, "N");
            else writer.tag(1, WireType.Varint).int64(size);
          });
        }
      });
    }),
  );
}
