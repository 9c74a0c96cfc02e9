/**
 * Independent pieces of a file: damage costs only its own frame, and reading continues with the next one.
 *
 *     frame = magic (4 bytes) kind (1) length (4) CRC-32 of kind, length and payload (4) payload
 *
 * Numbers are little-endian. The magic bytes end with the version of the format.
 */
import { crc32 } from "node:zlib";

/** Kinds of frames in history files. */
export const FRAME_KINDS = { block: 1, series: 2, samples: 3, setAside: 4 } as const;

const MAGIC = Buffer.from("TpS\u0001", "latin1");
const HEADER_BYTES = 13;
const KIND_AT = 4;
const LENGTH_AT = 5;
const CRC_AT = 9;

export interface Frame {
  readonly kind: number;
  readonly payload: Buffer;
}

/** The frames of a file, and its number of bytes outside complete frames. */
export interface Frames {
  readonly frames: readonly Frame[];
  readonly damagedBytes: number;
}

export function encodeFrame(kind: number, ...payload: readonly Uint8Array[]): Buffer {
  const frame = Buffer.concat([Buffer.alloc(HEADER_BYTES), ...payload]);
  MAGIC.copy(frame);
  frame.writeUInt8(kind, KIND_AT);
  frame.writeUInt32LE(frame.length - HEADER_BYTES, LENGTH_AT);
  frame.writeUInt32LE(checksum(frame, 0, frame.length), CRC_AT);
  return frame;
}

function checksum(bytes: Buffer, from: number, to: number): number {
  const kindAndLength = bytes.subarray(from + KIND_AT, from + CRC_AT);
  return crc32(bytes.subarray(from + HEADER_BYTES, to), crc32(kindAndLength));
}

export function decodeFrames(bytes: Buffer): Frames {
  const frames: Frame[] = [];
  let whole = 0;
  for (let at = bytes.indexOf(MAGIC); at >= 0;) {
    const end = findEnd(bytes, at);
    if (end === undefined) {
      at = bytes.indexOf(MAGIC, at + 1);
      continue;
    }
    const payload = bytes.subarray(at + HEADER_BYTES, end);
    frames.push({ kind: bytes.readUInt8(at + KIND_AT), payload });
    whole += end - at;
    at = bytes.indexOf(MAGIC, end);
  }
  return { frames, damagedBytes: bytes.length - whole };
}

/** Returns the end of the frame at an offset; undefined if there is no complete frame. */
function findEnd(bytes: Buffer, at: number): number | undefined {
  if (at + HEADER_BYTES > bytes.length) return undefined;
  const end = at + HEADER_BYTES + bytes.readUInt32LE(at + LENGTH_AT);
  if (end > bytes.length || checksum(bytes, at, end) !== bytes.readUInt32LE(at + CRC_AT)) {
    return undefined;
  }
  return end;
}
