import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NumberList } from "./number-list.ts";

function collect(type: ConstructorParameters<typeof NumberList>[0], values: Iterable<number>) {
  const list = new NumberList(type);
  for (const value of values) list.push(value);
  return list.toArray();
}

describe("NumberList", () => {
  it("returns the numbers that were appended, of any size and in any order", () => {
    const odd = fc.constantFrom(NaN, 2 ** 31, -(2 ** 31) - 1, Number.MAX_SAFE_INTEGER);
    const value = fc.oneof({ weight: 50, arbitrary: fc.integer() }, { weight: 1, arbitrary: odd });
    fc.assert(
      fc.property(fc.array(value, { maxLength: 200 }), (values) => {
        expect([...collect("int", values)]).toEqual(values);
        expect([...collect("float64", values)]).toEqual(values);
        expect([...collect("float32", values)]).toEqual(values.map(Math.fround));
      }),
    );
  });

  it("takes 4 bytes for an int32, over several chunks, and 8 after the first other number", () => {
    const many = Array.from({ length: 300_000 }, (_, i) => i - 7);
    expect(collect("int", many)).toEqual(Int32Array.from(many));
    expect(collect("int", [...many, 2 ** 40, 1])).toEqual(Float64Array.from([...many, 2 ** 40, 1]));
    expect(collect("int", [])).toEqual(new Int32Array());
  });
});
