import { crc32 } from "node:zlib";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { catchTepalError } from "../../test/guard/data.ts";
import { decodeReference, encodeReference } from "./reference.ts";
import type { Reference } from "./reference.ts";

const finite = fc.double({ noDefaultInfinity: true, noNaN: true });
const numbers = (length: number): fc.Arbitrary<Float64Array> =>
  fc.array(finite, { minLength: length, maxLength: length }).map((list) => Float64Array.from(list));
const references: fc.Arbitrary<Reference> = fc
  .tuple(fc.integer({ min: 1, max: 5 }), fc.nat({ max: 6 }))
  .chain(([width, count]) =>
    fc.record({
      method: fc.constantFrom("knn" as const, "mahalanobis" as const),
      whitening: fc.record({
        width: fc.constant(width),
        centre: numbers(width),
        matrix: numbers((width * (width + 1)) / 2),
      }),
      rows: numbers(width * count),
      calibration: fc
        .array(fc.double({ min: 0, noNaN: true }))
        .map((scores) => Float64Array.from(scores).toSorted()),
    }),
  );

const sample: Reference = {
  method: "knn",
  whitening: { width: 2, centre: Float64Array.of(1, 2), matrix: Float64Array.of(3, 4, 5) },
  rows: Float64Array.of(1, 2, 3, 4, 5, 6),
  calibration: Float64Array.of(0.5, 1, Number.POSITIVE_INFINITY),
};

/** Returns the code and message for damaged bytes; null when they can be decoded. */
function catchDamage(bytes: Uint8Array): string | null {
  const error = catchTepalError(() => decodeReference(bytes));
  return error === null ? null : `${error.code}: ${error.message}`;
}

/** Returns an encoded reference with changes and a matching checksum. */
function forge(change: (view: DataView) => void, source = sample): Uint8Array {
  const bytes = encodeReference(source);
  const view = new DataView(bytes.buffer);
  change(view);
  view.setUint32(28, crc32(bytes.subarray(32), crc32(bytes.subarray(0, 28))), true);
  return bytes;
}

describe("reference.bin", () => {
  test("decodes to the encoded reference", () => {
    fc.assert(
      fc.property(references, (reference) => {
        expect(decodeReference(encodeReference(reference))).toEqual(reference);
      }),
    );
  });

  test("is decoded from the middle of a larger buffer", () => {
    const bytes = encodeReference(sample);
    const larger = new Uint8Array(bytes.length + 6);
    larger.set(bytes, 3);
    expect(decodeReference(larger.subarray(3, 3 + bytes.length))).toEqual(sample);
  });

  test("has the documented layout", () => {
    const bytes = encodeReference(sample);
    const view = new DataView(bytes.buffer);
    expect(new TextDecoder().decode(bytes.subarray(0, 8))).toBe("TEPALREF");
    expect([8, 12, 16, 20, 24].map((at) => view.getUint32(at, true))).toEqual([1, 0, 2, 3, 3]);
    expect(view.getFloat64(32, true)).toBe(1);
    expect(bytes.length).toBe(32 + 8 * (2 + 3 + 6 + 3));
  });

  test("is rejected with any byte changed", () => {
    const good = encodeReference(sample);
    fc.assert(
      fc.property(
        fc.nat({ max: good.length - 1 }),
        fc.integer({ min: 1, max: 255 }),
        (at, mask) => {
          const bytes = good.slice();
          bytes[at]! ^= mask;
          expect(catchDamage(bytes)).toMatch(/^MODEL_DAMAGED: /);
        },
      ),
    );
  });

  test("is rejected with any other length", () => {
    const good = encodeReference(sample);
    for (let length = 0; length < good.length; length++) {
      expect(catchDamage(good.subarray(0, length))).not.toBeNull();
    }
    expect(catchDamage(Uint8Array.of(...good, 0))).toMatch(
      /Expected 144 bytes according to its header, got 145/,
    );
  });

  test("is rejected when its bytes are random, with or without a valid header", () => {
    const header = encodeReference(sample).subarray(0, 16);
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (tail, headed) => {
        const bytes = headed ? Uint8Array.of(...header, ...tail) : tail;
        expect(catchDamage(bytes)).toMatch(/^MODEL_DAMAGED: /);
      }),
    );
  });

  test("is rejected before allocation when its header claims a huge size", () => {
    for (const at of [16, 20, 24]) {
      const bytes = forge((view) => view.setUint32(at, 0xffffffff, true));
      expect(catchDamage(bytes)).toMatch(/according to its header/);
    }
  });

  test("is rejected with the problem when content and checksum match but values are invalid", () => {
    expect(catchDamage(forge((view) => view.setUint8(0, 0)))).toMatch(/start with "TEPALREF"/);
    expect(catchDamage(forge((view) => view.setUint32(8, 2, true)))).toMatch(/version 1, got 2/);
    expect(catchDamage(forge((view) => view.setUint32(12, 2, true)))).toMatch(/header/);
    for (const number of [Number.NaN, Number.POSITIVE_INFINITY]) {
      for (const at of [32, 48, 72]) {
        expect(catchDamage(forge((view) => view.setFloat64(at, number, true)))).toMatch(
          /finite numbers/,
        );
      }
    }
    const scores = 32 + 8 * 11;
    for (const first of [Number.NaN, -1, 2]) {
      expect(catchDamage(forge((view) => view.setFloat64(scores, first, true)))).toMatch(
        /ascending/,
      );
    }
    const empty = {
      ...sample,
      whitening: { width: 0, centre: new Float64Array(0), matrix: new Float64Array(0) },
      rows: new Float64Array(0),
    };
    expect(catchDamage(forge((view) => view.setUint32(20, 0, true), empty))).toMatch(/header/);
  });
});
