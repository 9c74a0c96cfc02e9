import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readIris } from "../../../test/guard/data.ts";
import { toBin } from "../bins.ts";
import { MAX_FITTED_BINS, fitBins } from "./fit-bins.ts";

const column = fc
  .array(
    fc.oneof(
      fc.integer({ min: 0, max: 9 }),
      fc.double({ noDefaultInfinity: true, noNaN: true }),
      fc.constantFrom(0, 1, Number.NaN, Number.MAX_VALUE, -Number.MAX_VALUE, Number.MIN_VALUE),
    ),
  )
  .map((values) => Float64Array.from(values));

describe("fitted bins", () => {
  test("have ascending edges and the shares of the training values", () => {
    fc.assert(
      fc.property(column, (values) => {
        const { edges, ratios, missing_ratio } = fitBins(values);
        expect(edges.length).toBeLessThan(MAX_FITTED_BINS);
        expect(ratios).toHaveLength(edges.length + 1);
        expect(edges.every((edge) => Number.isFinite(edge))).toBe(true);
        expect(edges.every((edge, b) => b === 0 || edge > (edges[b - 1] ?? edge))).toBe(true);
        expect(ratios.reduce((sum, ratio) => sum + ratio, 0)).toBeCloseTo(1, 12);

        const known = values.filter((value) => !Number.isNaN(value));
        const missing = values.length - known.length;
        expect(missing_ratio).toBe(values.length > 0 ? missing / values.length : 1);
        const counts = ratios.map(() => 0);
        for (const value of known) {
          const bounds = [Number.NEGATIVE_INFINITY, ...edges, Number.POSITIVE_INFINITY];
          const holding = ratios.flatMap((_, b) =>
            value > (bounds[b] ?? 0) && value <= (bounds[b + 1] ?? 0) ? [b] : [],
          );
          expect(holding).toEqual([toBin(edges, value)]);
          counts[holding[0] ?? -1]! += 1;
        }
        const shares = counts.map((count) => count / known.length);
        expect(ratios).toEqual(known.length > 0 ? shares : [1]);
      }),
    );
  });

  test("hold a tenth each where no value repeats", () => {
    const { edges, ratios } = fitBins(Float64Array.from({ length: 200 }, (_, i) => (i * 77) % 200));
    expect(edges).toEqual([19.5, 39.5, 59.5, 79.5, 99.5, 119.5, 139.5, 159.5, 179.5]);
    expect(ratios).toEqual(Array.from({ length: 10 }, () => 0.1));
  });

  test("merge where values repeat, for example the petal widths of Iris", () => {
    const { values } = readIris();
    const widths = values.filter((_, at) => at % 4 === 3);
    const { edges, ratios } = fitBins(widths);
    expect(edges).toEqual([0.25, 0.45, 1.15, 1.35, 1.55, 1.85, 1.95, 2.25]);
    expect(Math.min(...ratios)).toBeGreaterThan(0);
  });

  test("hold the same values after these are rounded to float32", () => {
    const { values } = readIris();
    for (let feature = 0; feature < 4; feature++) {
      const values4 = values.filter((_, at) => at % 4 === feature);
      const { edges } = fitBins(values4);
      for (const value of values4)
        expect(toBin(edges, Math.fround(value))).toBe(toBin(edges, value));
    }
  });

  test("separate a frequent largest or smallest value", () => {
    expect(fitBins(Float64Array.of(1, 10, 10, 10, 10, 10, 10, 10, 10, 10, 10)).edges).toEqual([6]);
    expect(fitBins(Float64Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)).edges).toEqual([0.5]);
  });

  test("show when a constant feature changes", () => {
    const { edges, ratios } = fitBins(Float64Array.of(3, 3, 3));
    expect(ratios).toEqual([0, 1, 0]);
    expect([2.9, 3, Math.fround(3), 3.1].map((value) => toBin(edges, value))).toEqual([0, 1, 1, 2]);
    expect(fitBins(Float64Array.of(0)).ratios).toEqual([0, 1, 0]);
  });

  test("are one bin for a feature without values", () => {
    expect(fitBins(Float64Array.of(Number.NaN))).toEqual({
      edges: [],
      ratios: [1],
      missing_ratio: 1,
    });
  });
});
