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

/** Decodes a `TensorProto` whose values are inside the file. */
export function decodeTensor(reader: BinaryReader): OnnxTensor {
  const dims: number[] = [];
  let elementType = 0;
  let name = "";
  let raw: Uint8Array | undefined;
  let external = false;
  const floats = new NumberList("float32");
  const doubles = new NumberList("float64");
  const integers = new NumberList("int");
  const strings: string[] = [];
  const knownStrings: KnownString[] = [];
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
      // int32_data, which also holds int8, uint8 and bool, and int64_data
      case 5:
      case 7:
        readInts(reader, wireType, integers);
        break;
      case 6:
        readStrings(reader, wireType, strings, knownStrings);
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
  const isString = elementType === ELEMENT_TYPES.string && !external;
  return {
    name,
    elementType,
    dims,
    values: external ? undefined : toValues(),
    ...(isString ? { strings } : {}),
  };

  function toValues(): ArrayLike<number> | undefined {
    const size = RAW_SIZES.get(elementType);
    if (size === undefined) return undefined;
    if (raw !== undefined) return decodeRaw(raw, elementType, size);
    if (elementType === ELEMENT_TYPES.float) return floats.toArray();
    return elementType === ELEMENT_TYPES.double ? doubles.toArray() : integers.toArray();
  }
}

/** Bytes of one number in raw data, by element type. */
const RAW_SIZES: ReadonlyMap<number, number> = new Map([
  [ELEMENT_TYPES.float, 4],
  [ELEMENT_TYPES.uint8, 1],
  [ELEMENT_TYPES.int32, 4],
  [ELEMENT_TYPES.int64, 8],
  [ELEMENT_TYPES.bool, 1],
  [ELEMENT_TYPES.double, 8],
]);

/** Decodes little-endian numbers. An incomplete last number is left out, so that the result does not fit `dims`. */
function decodeRaw(raw: Uint8Array, elementType: number, size: number): ArrayLike<number> {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const length = Math.floor(raw.length / size);
  if (elementType === ELEMENT_TYPES.float) {
    return Float32Array.from({ length }, (_, i) => view.getFloat32(4 * i, true));
  }
  return Float64Array.from({ length }, (_, i) => readNumber(view, size * i, elementType));
}

function readNumber(view: DataView, at: number, elementType: number): number {
  switch (elementType) {
    case ELEMENT_TYPES.int32:
      return view.getInt32(at, true);
    case ELEMENT_TYPES.int64: {
      const value = Number(view.getBigInt64(at, true));
      return Number.isSafeInteger(value) ? value : Number.NaN;
    }
    case ELEMENT_TYPES.double:
      return view.getFloat64(at, true);
    default:
      return view.getUint8(at);
  }
}
