import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteWriter, recycle } from "./byte-writer.ts";

const part = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.string({ unit: "grapheme", maxLength: 2_000 }),
  fc.uint8Array({ max: 127, maxLength: 2_000 }).map((bytes) => Buffer.from(bytes)),
);

function write(writer: ByteWriter, parts: readonly (number | string | Buffer)[]): string {
  let expected = "";
  for (const each of parts) {
    if (typeof each === "number") writer.writeNumber(each);
    else if (typeof each === "string") writer.writeText(each);
    else writer.write(each);
    expected += typeof each === "number" ? JSON.stringify(each) : each.toString();
  }
  return expected;
}

describe("a writer of bytes", () => {
  it("writes what concatenated strings are, and leaves earlier bytes alone", () => {
    const writer = new ByteWriter();
    fc.assert(
      fc.property(fc.array(fc.array(part, { maxLength: 20 }), { maxLength: 4 }), (replies) => {
        const expected: string[] = [];
        const taken = replies.map((parts) => {
          expected.push(write(writer, parts));
          return writer.take();
        });
        expect(taken.map(String)).toEqual(expected);
        const texts = replies.map((parts) => {
          write(writer, parts);
          return writer.takeText();
        });
        expect(texts).toEqual(expected);
      }),
    );
  });

  it("writes into a buffer that was given back, once", () => {
    const text = "x".repeat(100_000);
    const writer = new ByteWriter();
    const next = (): Buffer => {
      writer.writeText(text);
      return writer.take();
    };
    const [first, second] = [next(), next()];
    expect(second.buffer).not.toBe(first.buffer);
    recycle(first);
    const [third, fourth] = [next(), next()];
    expect(third.buffer).toBe(first.buffer);
    expect([second, third, fourth].map(String)).toEqual([text, text, text]);
    expect(new Set([second, third, fourth].map(({ buffer }) => buffer)).size).toBe(3);
  });
});
