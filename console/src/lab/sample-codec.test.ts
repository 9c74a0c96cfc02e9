import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeSamples, encodeSamples } from "./sample-codec.ts";

const absent = fc.constant(undefined);
const counter = fc.array(fc.oneof(absent, fc.maxSafeInteger(), fc.nat(3)));
const gauge = fc.array(fc.oneof(absent, fc.double(), fc.nat(3)));
/** Sums of seconds, as a histogram has them. */
const sum = fc.array(fc.nat(2 ** 30)).map((steps) => {
  let total = 0;
  return steps.map((nanoseconds) => (total += nanoseconds / 1e9));
});

describe("the codec of samples", () => {
  it("returns every series as it was, to the last bit", () => {
    fc.assert(
      fc.property(fc.oneof(counter, gauge, sum), (samples) => {
        expect(decodeSamples(encodeSamples(samples))).toStrictEqual(samples);
      }),
    );
  });

  it.each([
    [[], "d"],
    [[5, 5, 5, 8], "d5 0*2 3"],
    [[undefined, undefined, 2], "d_*2 2"],
    [[0.5, 0.5, Number.NaN, -0, Infinity], "v0.5*2 NaN -0 Infinity"],
    [[2 ** 53], "v9007199254740992"],
    [
      [0.123456789, 0.123456789 + 0.2, 0.123456789 + 0.2 + 0.1, undefined],
      "n123456789 200000000 100000000 _|0*2 2 _",
    ],
  ])("encodes %j", (samples, text) => {
    expect(encodeSamples(samples)).toBe(text);
  });

  it("rejects a string of another kind", () => {
    expect(() => decodeSamples("1 2 3")).toThrow("Expected encoded samples");
  });
});
