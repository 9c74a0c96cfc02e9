import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareLabels, compareUtf8, createLabels, toLabelsKey } from "./labels.ts";

const text = fc.string({ unit: "grapheme", maxLength: 3 });

describe("labels", () => {
  it("are sorted by UTF-8 bytes, without empty values, also for names of object properties", () => {
    const labels = createLabels([
      ["😀", "1"],
      ["\uffee", "2"],
      ["__proto__", "3"],
      ["none", ""],
      ["10", "4"],
      ["9", "5"],
    ]);
    expect([...labels]).toEqual([
      ["10", "4"],
      ["9", "5"],
      ["__proto__", "3"],
      ["\uffee", "2"],
      ["😀", "1"],
    ]);
  });

  it("compare like their bytes", () => {
    fc.assert(
      fc.property(text, text, (a, b) => {
        expect(Math.sign(compareUtf8(a, b))).toBe(
          Math.sign(Buffer.compare(Buffer.from(a), Buffer.from(b))),
        );
      }),
    );
  });

  it("have the same key only if they are equal", () => {
    const some = fc.array(fc.tuple(text, text), { maxLength: 3 }).map(createLabels);
    fc.assert(
      fc.property(some, some, (a, b) => {
        const same = JSON.stringify([...a]) === JSON.stringify([...b]);
        expect(toLabelsKey(a) === toLabelsKey(b)).toBe(same);
        expect(compareLabels(a, b) === 0).toBe(same);
      }),
    );
    const [one, other] = [createLabels({ a: "b1:c1:d" }), createLabels({ a: "b", c: "d" })];
    expect(toLabelsKey(one)).not.toBe(toLabelsKey(other));
  });
});
