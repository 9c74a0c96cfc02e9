import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeText,
  findOtherEncoding,
  hasUtf16Mark,
  toUtf8,
  type TextEncoding,
} from "./text-encoding.ts";

const TABLE = "größe,art\n1.5,é\n2,山\n";
const swap = (bytes: Buffer): Buffer => Buffer.from(bytes).swap16();
const LITTLE = Buffer.from(TABLE, "utf16le");
const MARK = Buffer.from([0xff, 0xfe]);

describe("findOtherEncoding", () => {
  it.each([
    ["little-endian", LITTLE],
    ["big-endian", swap(LITTLE)],
    ["little-endian with a mark", Buffer.concat([MARK, LITTLE])],
    ["big-endian with a mark", swap(Buffer.concat([MARK, LITTLE]))],
    ["one short line", Buffer.from("a,b", "utf16le")],
  ])("recognizes UTF-16: %s", (_what, bytes) => {
    const found = { encoding: "utf-16", message: "Expected UTF-8, got UTF-16." };
    expect(findOtherEncoding(bytes)).toEqual(found);
  });

  it.each([
    ["a,b\n1,2\r\n3,é\n", 'the byte 0xe9 on line 3 ("é" in Latin-1)'],
    ["é\r1,2", 'the byte 0xe9 on line 1 ("é" in Latin-1)'],
    ["a\r\r\n\u0080", 'the byte 0x80 on line 3 ("€" in Latin-1)'],
    ["a,Ã©,ö\n", 'the byte 0xf6 on line 1 ("ö" in Latin-1)'],
    ["a\nÃ", 'the byte 0xc3 on line 2 ("Ã" in Latin-1)'],
  ])("names the first byte that is not UTF-8 in %j, and its line", (text, message) => {
    const found = findOtherEncoding(Buffer.from(text, "latin1"));
    expect(found).toEqual({ encoding: "latin-1", message: `Expected UTF-8, got ${message}.` });
  });

  it("leaves the line out on request", () => {
    expect(findOtherEncoding(Buffer.from([0xe9]), null)?.message).not.toContain("line");
  });

  it("takes no UTF-8 for another encoding", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const bytes = Buffer.from(text.replaceAll("\0", ""));
        expect(findOtherEncoding(bytes)).toBeUndefined();
      }),
    );
  });
});

describe("decoding", () => {
  const CASES: readonly [TextEncoding, Buffer][] = [
    ["utf-8", Buffer.from(`\ufeff${TABLE}`)],
    ["utf-16", LITTLE],
    ["utf-16", swap(Buffer.concat([MARK, LITTLE]))],
  ];

  it.each(CASES)("reads %s, whole and in chunks of any size", async (encoding, bytes) => {
    expect(decodeText(bytes, encoding)).toBe(TABLE);
    for (let size = 2; size < 9; size++) {
      const chunks = (async function* () {
        for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
      })();
      const parts = await Array.fromAsync(toUtf8(chunks, encoding));
      expect(Buffer.concat(parts).toString()).toBe(TABLE);
    }
  });

  it("gives every byte of Latin-1 a character, those of Windows-1252 too", () => {
    expect(decodeText(Buffer.from([0x80, 0xe9, 0x41]), "latin-1")).toBe("€éA");
  });

  it("knows the marks of UTF-16", () => {
    expect([MARK, swap(MARK), Buffer.from("ab"), Buffer.alloc(0)].map(hasUtf16Mark)).toEqual([
      true,
      true,
      false,
      false,
    ]);
  });
});
