import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Histogram, toBuckets } from "./histogram.ts";

/** The error in the documentation, with a margin. */
const ERROR = 0.008;
const seconds = fc.double({ min: 1e-6, max: 60, noNaN: true });
/** As likely a microsecond as a minute. */
const spread = fc.double({ min: Math.log(1e-6), max: Math.log(60), noNaN: true }).map(Math.exp);
const samples = fc.array(fc.oneof(seconds, spread), { minLength: 1, maxLength: 200 });
const share = fc.double({ min: 0, max: 1, noNaN: true });

function record(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

describe("Histogram", () => {
  it("gives any quantile from 1 µs to 60 s within 0.8 % of the sample at its rank", () => {
    fc.assert(
      fc.property(samples, share, (values, q) => {
        const sorted = values.toSorted((a, b) => a - b);
        const exact = sorted[Math.max(1, Math.ceil(q * values.length)) - 1] ?? 0;
        const got = record(values).quantile(q);
        expect(Math.abs(got - exact)).toBeLessThanOrEqual(ERROR * exact);
      }),
      { numRuns: 2_000 },
    );
  });

  it("gives no quantile below the least or above the greatest, and the greatest for p100", () => {
    fc.assert(
      fc.property(samples, share, (values, q) => {
        const histogram = record(values);
        expect(histogram.quantile(q)).toBeGreaterThanOrEqual(Math.min(...values));
        expect(histogram.quantile(q)).toBeLessThanOrEqual(Math.max(...values));
        expect(histogram.quantile(1)).toBe(Math.max(...values));
      }),
    );
  });

  it("gives a higher share no lower quantile", () => {
    fc.assert(
      fc.property(samples, share, share, (values, a, b) => {
        const histogram = record(values);
        expect(histogram.quantile(Math.min(a, b))).toBeLessThanOrEqual(
          histogram.quantile(Math.max(a, b)),
        );
      }),
    );
  });

  it("adds up to one histogram of all values, in any order", () => {
    fc.assert(
      fc.property(samples, samples, (left, right) => {
        const whole = record([...left, ...right]).toCounts();
        for (const [one, other] of [
          [left, right],
          [right, left],
        ] as const) {
          const sum = record(one);
          sum.add(record(other).toCounts());
          const { sum: total, ...rest } = sum.toCounts();
          expect(rest.counts).toEqual(whole.counts);
          expect([rest.first, rest.count, rest.min, rest.max]).toEqual([
            whole.first,
            whole.count,
            whole.min,
            whole.max,
          ]);
          expect(total).toBeCloseTo(whole.sum, 9);
        }
      }),
    );
  });

  it("is empty after it was cleared, and keeps what is shorter or longer than its buckets", () => {
    const histogram = record([0, 1e-9, 500]);
    expect(histogram.count).toBe(3);
    expect(histogram.min).toBe(0);
    expect(histogram.quantile(0.1)).toBeLessThan(1e-6);
    expect(histogram.quantile(1)).toBe(500);
    histogram.clear();
    expect(histogram.quantile(0.5)).toBe(0);
    expect(histogram.toCounts()).toMatchObject({ count: 0, sum: 0, min: 0, max: 0 });
    expect(histogram.toCounts().counts).toHaveLength(0);
  });

  it("counts values in coarser buckets", () => {
    const counts = record([0.001, 0.002, 0.02, 0.2, 70]).toCounts();
    expect(toBuckets(counts, [0.005, 0.05, 0.5])).toEqual([2, 1, 1, 1]);
    expect(toBuckets(new Histogram().toCounts(), [1])).toEqual([0, 0]);
  });
});
