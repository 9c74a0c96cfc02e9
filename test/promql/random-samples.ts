import { createRandom } from "../../src/kernel/random.ts";
import { compareLabels, createLabels } from "../../src/series/labels.ts";
import type { SeriesSamples } from "../../src/series/series.ts";
import type { Vocabulary } from "./random-query.ts";

/** The samples lie within these two hours, which are one block of Prometheus. */
export const SAMPLES = { startMs: 1_699_999_200_000, endMs: 1_700_006_400_000 } as const;

const JOBS = ["api", "worker", "batch"];
const INSTANCES = ["host-1", "host-2", "host-3"];
const BOUNDS = ["0.1", "0.5", "1.0", "5.0", "+Inf"];

export const VOCABULARY: Vocabulary = {
  counters: ["requests_total", "errors_total", "latency_bucket"],
  distinct: ["load"],
  gauges: ["load", "temperature", "queue", "version_info", "odd"],
  buckets: ["latency_bucket"],
  labels: {
    job: [...JOBS, "none"],
    instance: INSTANCES,
    zone: ["a", "b"],
    le: ["1.0", "+Inf"],
  },
  times: [SAMPLES.startMs + 1_800_500, SAMPLES.startMs + 4_000_500, SAMPLES.endMs + 3_600_500],
  durations: ["20s", "45s", "1m", "3m", "5m", "10m", "17m", "1h"],
};

/**
 * Counters with resets, gauges with gaps, series that begin late and end early, unusual values, a histogram. Values are
 * multiples of an eighth, so that sums are exact in any order. Samples lie within the first half of a second and
 * queries at the half of one: nothing lies on the edge of a window or on a step of a subquery, where 2.x includes both
 * edges and 3.x one.
 */
export function createSamples(seed: number): SeriesSamples[] {
  const random = createRandom(seed);
  const series: SeriesSamples[] = [];
  const add = (
    labels: Record<string, string>,
    next: (i: number) => number | undefined,
    [from, to]: readonly [number, number] = [0, 1],
  ): void => {
    const times: number[] = [];
    const values: number[] = [];
    const length = SAMPLES.endMs - SAMPLES.startMs;
    const jitter = 100 + random.below(399);
    let i = 0;
    for (let at = from * length; at < to * length - 15_000; at += 15_000, i++) {
      const value = next(i);
      if (value === undefined) continue;
      times.push(SAMPLES.startMs + Math.floor(at / 1_000) * 1_000 + jitter);
      values.push(value);
    }
    const [t, v] = [Float64Array.from(times), Float64Array.from(values)];
    series.push({ labels: createLabels(labels), times: t, values: v, stale: null });
  };
  // High enough that extrapolation never reaches zero, where 2.42 and later versions differ (see `isKnownDifference`).
  const createCounter = () => {
    let value = 50_000 + random.below(1_000);
    return () => {
      if (random.uniform() < 0.004) value = 40_000 + random.below(1_000);
      return (value += random.below(20));
    };
  };
  for (const [j, job] of JOBS.entries()) {
    for (const [i, instance] of INSTANCES.entries()) {
      const labels = { job, instance, zone: i % 2 === 0 ? "a" : "b" };
      add({ __name__: "requests_total", ...labels }, createCounter());
      if (i < 2) add({ __name__: "errors_total", job, instance }, createCounter(), [0, 1]);
      let degrees = 20;
      let gap = 0;
      add({ __name__: "temperature", ...labels }, () => {
        if (random.uniform() < 0.01) gap = 10 + random.below(40);
        degrees += (random.below(33) - 16) / 8;
        return gap-- > 0 ? undefined : degrees;
      });
      add({ __name__: "load", ...labels }, () => random.below(2 ** 29) / 2 ** 20);
      const part = [random.below(50) / 100, 0.5 + random.below(50) / 100] as const;
      add({ __name__: "queue", ...labels }, (at) => (at * 7 + i * 3 + j) % 13, part);
    }
    add({ __name__: "version_info", job, version: `v${j}` }, () => 1);
    const odd = [Number.NaN, Infinity, -Infinity, 0, 1, -1, 2.5];
    add({ __name__: "odd", job }, () => odd[random.below(odd.length)]!);
    const counters = BOUNDS.map(createSteadyCounter);
    for (const [b, le] of BOUNDS.entries()) {
      add({ __name__: "latency_bucket", job, le }, (at) => {
        let sum = 100_000 * (b + 1);
        for (let below = 0; below <= b; below++) sum += counters[below]!(at);
        return sum;
      });
    }
  }
  // The order in which Prometheus reads them, which decides between equal values in topk.
  return series.toSorted((a, b) => compareLabels(a.labels, b.labels));

  function createSteadyCounter(): (i: number) => number {
    const paces = Array.from({ length: 600 }, () => random.below(8));
    const sums = new Float64Array(paces.length);
    for (let i = 1; i < sums.length; i++) sums[i] = sums[i - 1]! + paces[i]!;
    return (i) => sums[i] ?? 0;
  }
}
