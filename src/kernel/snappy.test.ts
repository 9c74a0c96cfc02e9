import fc from "fast-check";
import { expect, it } from "vitest";
import { decompressSnappy } from "../../test/support/snappy.ts";
import { compressSnappy } from "./snappy.ts";

const roundTrip = (bytes: Uint8Array): Uint8Array => decompressSnappy(compressSnappy(bytes));

it("restores any bytes, also repeated ones across blocks of 64 KiB", () => {
  const pieces = fc.array(
    fc.tuple(
      fc.uint8Array({ maxLength: 80 }),
      fc.oneof(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 3_000 })),
    ),
    { maxLength: 12 },
  );
  fc.assert(
    fc.property(pieces, (parts) => {
      const bytes = Buffer.concat(
        parts.flatMap(([piece, times]) => Array.from({ length: times }, () => piece)),
      );
      expect(Buffer.compare(roundTrip(bytes), bytes)).toBe(0);
    }),
    { numRuns: 60 },
  );
});

it("writes literals and copies of every length", () => {
  for (let length = 0; length < 300; length++) {
    const distinct = Uint8Array.from({ length }, (_, i) => (i * 7_919) >> 3);
    for (const bytes of [distinct, Buffer.concat([distinct, distinct, Buffer.alloc(20)])]) {
      expect(Buffer.compare(roundTrip(bytes), bytes)).toBe(0);
    }
  }
});

it("encodes as the format's description states", () => {
  expect([...compressSnappy(new Uint8Array())]).toEqual([0]);
  expect([...compressSnappy(Uint8Array.of(7))]).toEqual([1, 0, 7]);
  // A literal of one byte, then copies of 64 bytes from one byte before.
  const zeros = compressSnappy(new Uint8Array(200_000));
  expect([...zeros.subarray(0, 9)]).toEqual([0xc0, 0x9a, 0x0c, 0, 0, 0xfe, 1, 0, 0xfe]);
  expect(zeros.length).toBeLessThan(200_000 / 20);
});

it("does not become longer than the bound, if nothing repeats", () => {
  let state = 1;
  const bytes = Uint8Array.from({ length: 150_000 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 24;
  });
  expect(compressSnappy(bytes).length).toBeLessThan(bytes.length + 100);
  expect(Buffer.compare(roundTrip(bytes), bytes)).toBe(0);
});
