import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";

/**
 * Readers of single protobuf fields. Each checks the wire type of its field, and throws a plain error when it differs and
 * when the bytes end; `decodeModel` turns that error into MODEL_DAMAGED.
 */

/** Returns a reader of the nested message that starts here; it cannot read past the end of that message. */
export function enter(reader: BinaryReader, wireType: WireType): BinaryReader {
  expectWireType(wireType, WireType.LengthDelimited);
  return new BinaryReader(reader.bytes());
}

/** Reads a string; bytes that are not UTF-8 become U+FFFD. */
export function readString(reader: BinaryReader, wireType: WireType): string {
  expectWireType(wireType, WireType.LengthDelimited);
  return reader.string();
}

/** Reads an int64, an int32 or an enum; NaN beyond ±2⁵³. */
export function readInt(reader: BinaryReader, wireType: WireType): number {
  expectWireType(wireType, WireType.Varint);
  return readVarint(reader);
}

export function readFloat(reader: BinaryReader, wireType: WireType): number {
  expectWireType(wireType, WireType.Bit32);
  return reader.float();
}

/** A list that numbers are appended to. */
interface NumberSink {
  push(value: number): void;
}

/** Appends one value of a repeated int64 field, or all values of a packed one. */
export function readInts(reader: BinaryReader, wireType: WireType, to: NumberSink): void {
  if (wireType !== WireType.LengthDelimited) {
    to.push(readInt(reader, wireType));
    return;
  }
  const packed = enter(reader, wireType);
  while (packed.pos < packed.len) to.push(readVarint(packed));
}

/** Appends one value of a repeated float field, or all values of a packed one. */
export function readFloats(reader: BinaryReader, wireType: WireType, to: NumberSink): void {
  if (wireType !== WireType.LengthDelimited) {
    to.push(readFloat(reader, wireType));
    return;
  }
  const packed = enter(reader, wireType);
  while (packed.pos < packed.len) to.push(packed.float());
}

/** Appends one value of a repeated double field, or all values of a packed one. */
export function readDoubles(reader: BinaryReader, wireType: WireType, to: NumberSink): void {
  if (wireType !== WireType.LengthDelimited) {
    expectWireType(wireType, WireType.Bit64);
    to.push(reader.double());
    return;
  }
  const packed = enter(reader, wireType);
  while (packed.pos < packed.len) to.push(packed.double());
}

/** A string of a repeated field, with its bytes. */
export interface KnownString {
  readonly bytes: Uint8Array;
  readonly text: string;
}

/** Number of different strings of a field that are remembered: there are seven modes of nodes. */
const MAX_KNOWN = 8;

/**
 * Appends one value of a repeated string field. The modes of a million nodes share few strings: to decode each of them takes most of the
 * time of a file, and most of its memory.
 *
 * @param known the first strings of the field; extended
 */
export function readStrings(
  reader: BinaryReader,
  wireType: WireType,
  to: string[],
  known: KnownString[],
): void {
  expectWireType(wireType, WireType.LengthDelimited);
  const start = reader.pos;
  const bytes = reader.bytes();
  const found = known.find((one) => isEqual(one.bytes, bytes));
  if (found !== undefined) {
    to.push(found.text);
    return;
  }
  reader.pos = start;
  const text = reader.string();
  if (known.length < MAX_KNOWN) known.push({ bytes, text });
  to.push(text);
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

function readVarint(reader: BinaryReader): number {
  const start = reader.pos;
  const low = reader.uint32();
  // Up to 28 bits: nearly all numbers of a file, without a bigint for each.
  if (reader.pos - start <= 4) return low;
  reader.pos = start;
  const value = Number(reader.int64());
  return Number.isSafeInteger(value) ? value : NaN;
}

function expectWireType(actual: WireType, expected: WireType): void {
  if (actual !== expected) throw new Error(`Expected wire type ${expected}, got ${actual}.`);
}
