import { type BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { OnnxAttribute, OnnxAttributeValue, OnnxTensor } from "./onnx.ts";
import { ATTRIBUTE_TYPES, ELEMENT_TYPES } from "./onnx.ts";
import { NumberList } from "./number-list.ts";
import {
  enter,
  readDoubles,
  readFloat,
  readFloats,
  readInt,
  readInts,
  readString,
  readStrings,
  type KnownString,
} from "./wire.ts";

/** Decodes an `AttributeProto`. Its field `type` selects the value. */
export function decodeAttribute(reader: BinaryReader): OnnxAttribute {
  let name = "";
  let type = 0;
  let float = 0;
  let int = 0;
  let string = "";
  let tensor: OnnxTensor | undefined;
  const floats = new NumberList("float32");
  const ints = new NumberList("int");
  const strings: string[] = [];
  const knownStrings: KnownString[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    switch (field) {
      case 1:
        name = readString(reader, wireType);
        break;
      case 2:
        float = readFloat(reader, wireType);
        break;
      case 3:
        int = readInt(reader, wireType);
        break;
      case 4:
        string = readString(reader, wireType);
        break;
      case 5:
        tensor = decodeTensor(enter(reader, wireType));
        break;
      case 7:
        readFloats(reader, wireType, floats);
        break;
      case 8:
        readInts(reader, wireType, ints);
        break;
      case 9:
        readStrings(reader, wireType, strings, knownStrings);
        break;
      case 20:
        type = readInt(reader, wireType);
        break;
      default:
        reader.skip(wireType, field);
    }
  }
  return { name, value: toValue() };

  function toValue(): OnnxAttributeValue {
    switch (type) {
      case ATTRIBUTE_TYPES.float:
        return { kind: "float", value: float };
      case ATTRIBUTE_TYPES.int:
        return { kind: "int", value: int };
      case ATTRIBUTE_TYPES.string:
        return { kind: "string", value: string };
      case ATTRIBUTE_TYPES.tensor:
        return tensor === undefined ? { kind: "other" } : { kind: "tensor", value: tensor };
      case ATTRIBUTE_TYPES.floats:
        return { kind: "floats", value: floats.toArray() };
      case ATTRIBUTE_TYPES.ints:
        return { kind: "ints", value: ints.toArray() };
      case ATTRIBUTE_TYPES.strings:
        return { kind: "strings", value: strings };
      default:
        return { kind: "other" };
    }
  }
}

/** Decodes a `TensorProto`, with the numbers only of float and double tensors inside the file. */
export function decodeTensor(reader: BinaryReader): OnnxTensor {
  const dims: number[] = [];
  let elementType = 0;
  let name = "";
  let raw: Uint8Array | undefined;
  let external = false;
  const floats = new NumberList("float32");
  const doubles = new NumberList("float64");
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    switch (field) {
      case 1:
        readInts(reader, wireType, dims);
        break;
      case 2:
        elementType = readInt(reader, wireType);
        break;
      case 4:
        readFloats(reader, wireType, floats);
        break;
      case 8:
        name = readString(reader, wireType);
        break;
      case 9:
        if (wireType !== WireType.LengthDelimited) throw new Error("Expected raw data as bytes.");
        raw = reader.bytes();
        break;
      case 10:
        readDoubles(reader, wireType, doubles);
        break;
      case 14:
        external = readInt(reader, wireType) !== 0;
        break;
      default:
        reader.skip(wireType, field);
    }
  }
  return { name, elementType, dims, values: external ? undefined : toValues() };

  function toValues(): ArrayLike<number> | undefined {
    if (elementType === ELEMENT_TYPES.float)
      return raw === undefined ? floats.toArray() : toFloats(raw);
    if (elementType === ELEMENT_TYPES.double)
      return raw === undefined ? doubles.toArray() : toDoubles(raw);
    return undefined;
  }
}

/** Decodes little-endian float32 numbers. An incomplete last number is left out, so that the result does not fit `dims`. */
function toFloats(raw: Uint8Array): Float32Array {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Float32Array.from({ length: Math.floor(raw.length / 4) }, (_, i) =>
    view.getFloat32(4 * i, true),
  );
}

function toDoubles(raw: Uint8Array): Float64Array {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  return Float64Array.from({ length: Math.floor(raw.length / 8) }, (_, i) =>
    view.getFloat64(8 * i, true),
  );
}
