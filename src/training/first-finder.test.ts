import { describe, expect, it } from "vitest";
import { createFirstFinder, hashNumbers, hashStrings } from "./first-finder.ts";

describe("createFirstFinder", () => {
  it("finds the first equal item, also if all hashes are equal", () => {
    const items = ["a", "b", "a", "c", "b", "a"];
    for (const toHash of [() => 0, (item: number) => items[item]!.charCodeAt(0)]) {
      const find = createFirstFinder(toHash, (left, right) => items[left] === items[right]);
      expect(items.map((_, item) => find(item))).toEqual([
        undefined,
        undefined,
        0,
        undefined,
        1,
        0,
      ]);
    }
  });
});

describe("hashes", () => {
  it("of columns with a single 1 are almost all different", () => {
    const size = 2_000;
    const hashes = Array.from({ length: size }, (_, at) =>
      hashNumbers(Float64Array.from({ length: size }, (_value, i) => (i === at ? 1 : 0))),
    );
    expect(new Set(hashes).size).toBeGreaterThan(size - 10);
  });

  it("are equal for equal values, with any bits of NaN", () => {
    const odd = new Float64Array(new BigUint64Array([0x7ff8000000000001n]).buffer);
    expect(hashNumbers(odd)).toBe(hashNumbers(Float64Array.of(Number.NaN)));
    expect(hashNumbers(Float64Array.of(0))).not.toBe(hashNumbers(Float64Array.of(-0)));
  });

  it("depend on where a string ends", () => {
    expect(hashStrings(["ab", "c"])).not.toBe(hashStrings(["a", "bc"]));
    expect(hashStrings(["ab", "c"])).toBe(hashStrings(["a".concat("b"), "c"]));
  });
});
