import { Counter, Histogram, Registry } from "@prometheus-io/client";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createHistogramFamily, createValueFamily } from "./family.ts";
import type { Sample } from "./exposition.ts";
import { DROPPED, type Family } from "./metrics.ts";
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

const PARTS = { onDropped() {} };

function toSamples(family: Family): Sample[] {
  return Array.from(family.expose(), ({ samples }) => samples).flat();
}

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
        const counts = createValueFamily(COUNTER, PARTS);
        const times = createHistogramFamily(HISTOGRAM, PARTS);
        for (const { label, value } of events) {
          counter.inc({ a: label, b: "z" }, value);
          histogram.observe({ a: label }, value);
          counts.add(counts.open([label, "z"]), value);
          times.observe(times.open([label]), value);
        }
        const theirs = await Promise.all([counter.get(), histogram.get()]);
        const simplify = (values: readonly object[]): object[] =>
          values.map((sample) => ({ metricName: "x_total", ...sample }));
        expect(toSamples(counts)).toEqual(simplify(theirs[0].values));
        const sorted = (values: readonly object[]): string[] =>
          values
            .map((sample) => JSON.stringify(Object.entries(sample).toSorted().map(sortLabels)))
            .toSorted();
        const plain = theirs[1].values.map(({ labels, value, metricName }) => ({
          labels,
          value,
          metricName,
        }));
        expect(sorted(toSamples(times))).toEqual(sorted(plain));
      }),
      { numRuns: 50 },
    );
  });

  it("counts a value on a bound in that bound's bucket, like le in Prometheus", () => {
    const family = createHistogramFamily(HISTOGRAM, PARTS);
    const slot = family.open(["p"]);
    for (const value of [0.1, 0.100001, 1, 10, 10.5]) family.observe(slot, value);
    expect(toSamples(family).map(({ value }) => value)).toEqual([
      1,
      3,
      4,
      5,
      expect.closeTo(21.700001),
      5,
    ]);
  });

  it("keeps a series until each owner has closed it, and then starts at zero", () => {
    const family = createValueFamily(COUNTER, PARTS);
    const first = family.open(["p", "q"]);
    expect(family.open(["p", "q"])).toBe(first);
    family.add(first, 3);
    family.close(first);
    expect(toSamples(family)).toHaveLength(1);
    family.close(first);
    expect(toSamples(family)).toHaveLength(0);
    expect(family.get(family.open(["r", "s"]))).toBe(0);
  });

  it.each([
    ["predictions", 10_000, ["class"]],
    // Three versions of 1,100 features with ten bins and one for missing values fit.
    ["featureBin", 100_000, ["feature", "bin"]],
  ] as const)("of %s hold %d series, drop and count others", async (key, limit, labels) => {
    const metrics = createMetrics({ process: false });
    const family = metrics[key];
    const more = labels.slice(1);
    for (let i = 0; i < limit; i++) family.open(["m", "1", String(i), ...more]);
    const slot = family.open(["m", "1", "one too many", ...more]);
    expect(slot).toBe(DROPPED);
    family.add(slot, 1);
    family.add(family.open(["m", "1", "7", ...more]), 5);
    const text = await metrics.render();
    const { name } = METRICS[key];
    expect(text).toContain(`metrics_series_dropped_total{metric="${name}"} 1`);
    const pairs = labels.map((label, i) => `${label}="${i === 0 ? "7" : label}"`).join(",");
    expect(text).toContain(`${name}{model="m",version="1",${pairs}} 5\n`);
    expect(text).not.toContain("one too many");
    const inference = metrics.inferenceDuration;
    inference.observe(DROPPED, 1);
    expect(toSamples(inference)).toEqual([]);
  });
});

function sortLabels([key, value]: [string, unknown]): unknown[] {
  const isLabels = typeof value === "object" && value !== null;
  return [key, isLabels ? Object.entries(value).toSorted() : value];
}
