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

/** Writes a number of bytes with a new writer. */
function fill(bytes: number): Buffer {
  const writer = new ByteWriter();
  writer.write(Buffer.alloc(bytes, "x"));
  return writer.take();
}

/** Uses all buffers that earlier tests gave back. */
function useSpare(): void {
  for (let i = 0; i < 10; i++) fill(1);
}

/** Gives back six buffers. Returns the number of them in which later replies of a size are written. */
function countReused(givenBytes: number, bytes: number): number {
  useSpare();
  const given = Array.from({ length: 6 }, () => fill(givenBytes));
  given.forEach(recycle);
  const memory = new Set(given.map(({ buffer }) => buffer));
  const next = given.map(() => fill(bytes));
  for (const reply of next) expect(reply.equals(Buffer.alloc(bytes, "x"))).toBe(true);
  return next.filter(({ buffer }) => memory.has(buffer)).length;
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

  it("writes all digits of the longest number wherever its space ends", () => {
    useSpare();
    for (let before = 990; before <= 1_024; before++) {
      const writer = new ByteWriter();
      writer.write(Buffer.alloc(before, "x"));
      writer.writeNumber(-2.2250738585072014e-308);
      expect(writer.take().toString().slice(before)).toBe("-2.2250738585072014e-308");
    }
  });

  it("keeps four buffers of a middle size, and uses those that are large enough", () => {
    expect(countReused(20_000, 20_000)).toBe(4);
    expect(countReused(20_000, 10)).toBe(4);
    expect(countReused(20_000, 50_000)).toBe(0);
    expect(countReused(10_000, 10)).toBe(0);
    expect(countReused(5_000_000, 10)).toBe(0);
  });
});
