import { toInvalidNative } from "./native.ts";

const MAX_DEPTH = 64;

/**
 * Parses universal binary JSON (UBJ), as XGBoost writes it. Memory is linear in the size of the bytes.
 *
 * @throws TepalError MODEL_DAMAGED
 */
export function parseUbj(bytes: Uint8Array): unknown {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const value = readValue(readMarker(), 0);
  return value;

  function fail(message: string): Error {
    return toInvalidNative("XGBoost", `byte ${at}`, message);
  }

  function take(count: number): number {
    const start = at;
    if (!(count >= 0 && start + count <= bytes.length))
      throw fail("Expected more bytes, got the end.");
    at += count;
    return start;
  }

  function readMarker(): string {
    return String.fromCharCode(bytes[take(1)]!);
  }

  function readNumber(marker: string): number | undefined {
    switch (marker) {
      case "i":
        return view.getInt8(take(1));
      case "U":
        return view.getUint8(take(1));
      case "I":
        return view.getInt16(take(2));
      case "l":
        return view.getInt32(take(4));
      case "L":
        return Number(view.getBigInt64(take(8)));
      case "d":
        return view.getFloat32(take(4));
      case "D":
        return view.getFloat64(take(8));
      default:
        return undefined;
    }
  }

  function readLength(): number {
    const length = readNumber(readMarker());
    if (length !== undefined && Number.isInteger(length) && length >= 0) return length;
    throw fail("Expected a length.");
  }

  function readString(): string {
    const length = readLength();
    const start = take(length);
    return Buffer.from(bytes.subarray(start, start + length)).toString("utf8");
  }

  function readValue(marker: string, depth: number): unknown {
    if (depth > MAX_DEPTH) throw fail(`Expected at most ${MAX_DEPTH} levels.`);
    const number = readNumber(marker);
    if (number !== undefined) return number;
    switch (marker) {
      case "S":
        return readString();
      case "T":
      case "F":
        return marker === "T";
      case "Z":
        return null;
      case "[":
        return readArray(depth);
      case "{":
        return readObject(depth);
      default:
        throw fail("Expected a type of UBJ.");
    }
  }

  function readArray(depth: number): unknown[] {
    const items: unknown[] = [];
    let type: string | undefined;
    if (bytes[at] === 0x24) {
      at += 1;
      type = readMarker();
    }
    if (bytes[at] === 0x23) {
      at += 1;
      const count = readLength();
      // Each item has one byte or more.
      if (count > bytes.length - at) throw fail("Expected as many items as the array states.");
      for (let i = 0; i < count; i++) items.push(readValue(type ?? readMarker(), depth + 1));
      return items;
    }
    if (type !== undefined) throw fail("Expected the count of a typed array.");
    for (let marker = readMarker(); marker !== "]"; marker = readMarker()) {
      items.push(readValue(marker, depth + 1));
    }
    return items;
  }

  function readObject(depth: number): unknown {
    const entries = new Map<string, unknown>();
    let remaining = Number.POSITIVE_INFINITY;
    if (bytes[at] === 0x23) {
      at += 1;
      remaining = readLength();
    }
    for (; remaining > 0; remaining--) {
      if (bytes[at] === 0x7d) break;
      const key = readString();
      entries.set(key, readValue(readMarker(), depth + 1));
    }
    if (remaining === Number.POSITIVE_INFINITY || bytes[at] === 0x7d) take(1);
    return Object.fromEntries(entries);
  }
}
