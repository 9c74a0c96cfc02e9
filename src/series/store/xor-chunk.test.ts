import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BitReader, BitWriter } from "./bits.ts";
import { decodeChunk, encodeChunk } from "./xor-chunk.ts";

const out = new BitWriter();

function encode(values: readonly number[], absent: readonly boolean[]): Uint8Array {
  encodeChunk(out, Float64Array.from(values), Uint8Array.from(absent, Number), 0, values.length);
  return out.take();
}

/** A value, or undefined for an absent one. */
function decode(bytes: Uint8Array, at: number, count: number): (number | undefined)[] {
  const values = new Float64Array(count);
  const absent = new Uint8Array(count);
  const some = decodeChunk(bytes, at, count, values, absent, 0);
  // Damaged bytes may claim absent samples without having any.
  if (!some) expect(absent).not.toContain(1);
  return Array.from(values, (value, i) => (absent[i] === 1 ? undefined : value));
}

const anyValue = fc.oneof(
  fc.double(),
  fc.integer().map((n) => n / 8),
  fc.constantFrom(
    0,
    -0,
    Infinity,
    -Infinity,
    Number.NaN,
    Number.MIN_VALUE,
    -5e-324,
    2 ** 53,
    1e308,
  ),
);
/** Values as in real series: random, repeated, or counting up. */
const anyValues = fc.oneof(
  fc.array(anyValue, { minLength: 1, maxLength: 130 }),
  fc
    .tuple(anyValue, fc.nat(130))
    .map(([value, count]) => Array.from({ length: count }, () => value)),
  fc.array(fc.nat(1_000), { minLength: 1, maxLength: 130 }).map((steps) => {
    let sum = 1e6;
    return steps.map((step) => (sum += step));
  }),
);

describe("a compressed chunk", () => {
  it("restores every sample bit for bit, and which are absent", () => {
    fc.assert(
      fc.property(
        anyValues,
        fc.infiniteStream(fc.boolean()),
        fc.nat(3),
        (values, gaps, gapless) => {
          const absent = values.map(() => gaps.next().value && gapless === 0);
          const expected = values.map((value, i) => (absent[i] ? undefined : value));
          const decoded = decode(encode(values, absent), 0, values.length);
          expect(decoded.length).toBe(expected.length);
          for (const [i, value] of decoded.entries())
            expect(Object.is(value, expected[i])).toBe(true);
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it("can follow other chunks", () => {
    const bytes = Buffer.concat([
      encode([1, 2, 3], [false, true, false]),
      encode([7, 8], [false, false]),
    ]);
    expect(decode(bytes, encode([1, 2, 3], [false, true, false]).length, 2)).toEqual([7, 8]);
  });

  it("takes nine bytes if all values are equal, one without values", () => {
    const many = Array.from({ length: 120 }, () => 3.5);
    expect(
      encode(
        many,
        many.map(() => false),
      ).length,
    ).toBe(9);
    expect(
      encode(
        many,
        many.map(() => true),
      ).length,
    ).toBe(1);
  });

  it("is decoded to its end for any bytes", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(200), (bytes, at) => {
        expect(decode(bytes, at, 120).length).toBe(120);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe("bits", () => {
  it("are decoded as they were written", () => {
    const parts = fc.array(fc.tuple(fc.integer({ min: 1, max: 32 }), fc.nat(0xffffffff)));
    fc.assert(
      fc.property(parts, (written) => {
        const writer = new BitWriter();
        for (const [count, bits] of written) writer.write(bits, count);
        const reader = new BitReader(writer.take(), 0);
        for (const [count, bits] of written) {
          expect(reader.read(count)).toBe(count === 32 ? bits : bits % 2 ** count);
        }
      }),
    );
  });
});
