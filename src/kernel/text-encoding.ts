import { isAscii, isUtf8 } from "node:buffer";

/** Encodings of text files that Tepal reads. Latin-1 means Windows-1252, which adds characters such as € to it. */
export const TEXT_ENCODINGS = ["utf-8", "utf-16", "latin-1"] as const;
export type TextEncoding = (typeof TEXT_ENCODINGS)[number];

/** Bytes at the start of a file that show its encoding. */
const HEAD_BYTES = 4_096;

/**
 * Finds the encoding of bytes that are not UTF-8.
 *
 * UTF-16 shows in its byte-order mark, or in zero bytes: a table has digits and separators, which have one. Other bytes that are not UTF-8
 * are taken for Latin-1, in which every byte is a character.
 *
 * @param firstLine number of the first line; null leaves the line out of the message
 * @returns undefined for UTF-8; the message is a sentence without advice
 */
export function findOtherEncoding(
  bytes: Uint8Array,
  firstLine: number | null = 1,
): { readonly encoding: TextEncoding; readonly message: string } | undefined {
  const buffer = toBuffer(bytes);
  if (findByteOrder(buffer) !== undefined) {
    return { encoding: "utf-16", message: "Expected UTF-8, got UTF-16." };
  }
  if (isUtf8(buffer)) return undefined;
  const { line, byte } = findInvalidByte(buffer);
  const at = firstLine === null ? "" : ` on line ${firstLine + line}`;
  const character = JSON.stringify(decodeText(Uint8Array.of(byte), "latin-1"));
  const message = `Expected UTF-8, got the byte 0x${byte.toString(16)}${at} (${character} in Latin-1).`;
  return { encoding: "latin-1", message };
}

/** Notice about a file whose byte-order mark determined its encoding. */
export const UTF16_NOTICE =
  "read as UTF-16 (detected by its byte-order mark; --encoding overrides this).";

/** Returns the sentence that follows the message of `findOtherEncoding` about a file. */
export function toEncodingAdvice(encoding: TextEncoding): string {
  return `Set --encoding ${encoding}, or convert the file to UTF-8.`;
}

/** True if text starts with a byte-order mark of UTF-16, which nothing else does. */
export function hasUtf16Mark(bytes: Uint8Array): boolean {
  const [first, second] = bytes;
  return (first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff);
}

/** Decodes a whole text. Invalid bytes become U+FFFD; a byte-order mark is left out. */
export function decodeText(bytes: Uint8Array, encoding: TextEncoding): string {
  return createDecoder(encoding, bytes).decode(bytes);
}

/** Turns the bytes of a text into UTF-8 as they arrive, without a byte-order mark. */
export async function* toUtf8(
  chunks: AsyncIterable<Buffer>,
  encoding: TextEncoding,
): AsyncGenerator<Buffer> {
  let decoder: TextDecoder | undefined;
  for await (const chunk of chunks) {
    decoder ??= createDecoder(encoding, chunk);
    const text = decoder.decode(chunk, { stream: true });
    if (text !== "") yield Buffer.from(text);
  }
  const rest = decoder?.decode() ?? "";
  if (rest !== "") yield Buffer.from(rest);
}

function createDecoder(encoding: TextEncoding, head: Uint8Array): TextDecoder {
  if (encoding === "latin-1") return new TextDecoder("windows-1252");
  if (encoding === "utf-8") return new TextDecoder("utf-8");
  return new TextDecoder(findByteOrder(toBuffer(head)) ?? "utf-16le");
}

/** Returns the form of UTF-16 that bytes are in; undefined if they are not. */
function findByteOrder(bytes: Buffer): "utf-16le" | "utf-16be" | undefined {
  if (hasUtf16Mark(bytes)) return bytes[0] === 0xff ? "utf-16le" : "utf-16be";
  const head = bytes.subarray(0, HEAD_BYTES);
  const zeros = [0, 0];
  for (let at = 0; at < head.length; at++) if (head[at] === 0) zeros[at % 2]! += 1;
  const [even = 0, odd = 0] = zeros;
  // Half of the characters of a table are ASCII, and binary data has zeros at both.
  const needed = Math.max(1, head.length / 8);
  if (odd >= needed && even * 8 < odd) return "utf-16le";
  return even >= needed && odd * 8 < even ? "utf-16be" : undefined;
}

const SEQUENCES =
  /^(?:[^\u0080-\u00ff]|[\u00c2-\u00df][\u0080-\u00bf]|[\u00e0-\u00ef][\u0080-\u00bf]{2}|[\u00f0-\u00f4][\u0080-\u00bf]{3})*/;

/** Returns the first byte that is not UTF-8, and the number of lines before it. */
function findInvalidByte(bytes: Buffer): { readonly line: number; readonly byte: number } {
  let line = 0;
  let begin = 0;
  for (;;) {
    const end = findLineEnd(bytes, begin);
    const part = bytes.subarray(begin, end);
    if (!isAscii(part) && !isUtf8(part)) {
      const valid = SEQUENCES.exec(part.toString("latin1"))?.[0].length ?? 0;
      return { line, byte: part[Math.min(valid, part.length - 1)]! };
    }
    if (end >= bytes.length) return { line, byte: bytes[begin] ?? 0 };
    begin = end + (bytes[end] === CR && bytes[end + 1] === LF ? 2 : 1);
    line += 1;
  }
}

const [LF, CR] = [10, 13];

function findLineEnd(bytes: Buffer, from: number): number {
  let at = from;
  while (at < bytes.length && bytes[at] !== LF && bytes[at] !== CR) at += 1;
  return at;
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}
