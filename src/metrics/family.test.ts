import { Counter, Histogram, Registry } from "@prometheus-io/client";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHistogramFamily, createValueFamily } from "./family.ts";
import { DROPPED } from "./metrics.ts";
import { createMetrics } from "./create-metrics.ts";
import { METRICS } from "./names.ts";

const COUNTER = { name: "x_total", help: "h", type: "counter", labels: ["a", "b"] } as const;
const HISTOGRAM = {
  name: "y_seconds",
  help: "h",
  type: "histogram",
  labels: ["a"],
  buckets: [0.1, 1, 10],
} as const;

describe("families", () => {
  it("render the same samples as the classes of the client library", async () => {
    const event = fc.record({
      label: fc.constantFrom("p", 'q"\\\n', "ü", ""),
      value: fc.oneof(
        fc.constantFrom(0, 0.1, 1, 10, 11),
        fc.double({ min: 0, max: 100, noNaN: true }),
      ),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(event, { minLength: 1, maxLength: 50 }), async (events) => {
        const registers = [new Registry()];
        const counter = new Counter({
          name: "x_total",
          help: "h",
          labelNames: ["a", "b"],
          registers,
        });
        const histogram = new Histogram({
          name: "y_seconds",
          help: "h",
          labelNames: ["a"],
          buckets: [...HISTOGRAM.buckets],
          registers,
        });
        const counts = createValueFamily(COUNTER, () => {});
        const times = createHistogramFamily(HISTOGRAM, () => {});
        for (const { label, value } of events) {
          counter.inc({ a: label, b: "z" }, value);
          histogram.observe({ a: label }, value);
          counts.add(counts.open([label, "z"]), value);
          times.observe(times.open([label]), value);
        }
        const theirs = await Promise.all([counter.get(), histogram.get()]);
        const simplify = (values: readonly object[]): object[] =>
          values.map((sample) => ({ metricName: "x_total", ...sample }));
        expect(counts.samples()).toEqual(simplify(theirs[0].values));
        const sorted = (values: readonly object[]): string[] =>
          values
            .map((sample) => JSON.stringify(Object.entries(sample).toSorted().map(sortLabels)))
            .toSorted();
        const plain = theirs[1].values.map(({ labels, value, metricName }) => ({
          labels,
          value,
          metricName,
        }));
        expect(sorted(times.samples())).toEqual(sorted(plain));
      }),
      { numRuns: 50 },
    );
  });

  it("counts a value on a bound in that bound's bucket, like le in Prometheus", () => {
    const family = createHistogramFamily(HISTOGRAM, () => {});
    const slot = family.open(["p"]);
    for (const value of [0.1, 0.100001, 1, 10, 10.5]) family.observe(slot, value);
    expect(family.samples().map(({ value }) => value)).toEqual([
      1,
      3,
      4,
      5,
      expect.closeTo(21.700001),
      5,
    ]);
  });

  it("keeps a series until each owner has closed it, and then starts at zero", () => {
    const family = createValueFamily(COUNTER, () => {});
    const first = family.open(["p", "q"]);
    expect(family.open(["p", "q"])).toBe(first);
    family.add(first, 3);
    family.close(first);
    expect(family.samples()).toHaveLength(1);
    family.close(first);
    expect(family.samples()).toHaveLength(0);
    expect(family.get(family.open(["r", "s"]))).toBe(0);
  });

  it("holds 10,000 series, drops and counts further ones, and still records the others", async () => {
    const metrics = createMetrics({ process: false });
    const family = metrics.featureBin;
    for (let i = 0; i < 10_000; i++) family.open(["m", "1", String(i), "b"]);
    const slot = family.open(["m", "1", "one too many", "b"]);
    expect(slot).toBe(DROPPED);
    family.add(slot, 1);
    family.add(family.open(["m", "1", "7", "b"]), 5);
    const text = await metrics.render();
    expect(text).toContain(`metrics_series_dropped_total{metric="${METRICS.featureBin.name}"} 1`);
    expect(text).toContain('model_feature_bin_total{model="m",version="1",feature="7",bin="b"} 5');
    const inference = metrics.inferenceDuration;
    inference.observe(DROPPED, 1);
    expect(inference.samples()).toEqual([]);
  });
});

function sortLabels([key, value]: [string, unknown]): unknown[] {
  const isLabels = typeof value === "object" && value !== null;
  return [key, isLabels ? Object.entries(value).toSorted() : value];
}
