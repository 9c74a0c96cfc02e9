import { toLabelsKey } from "../labels.ts";
import { matchesAll } from "../matcher.ts";
import type { Labels, SeriesReader, SeriesSamples } from "../series.ts";

/** A reader over plain arrays, for tests and for programs that hold all samples in memory. */
export interface MemoryStore extends SeriesReader {
  /**
   * Adds a series. The arrays are referenced, not copied: series with the same `times` array share it.
   *
   * @param times milliseconds since 1970, strictly increasing
   * @param values as many as times
   * @param stale one byte per sample, as in `SeriesSamples`; default null
   *
   * @throws Error if a series with these labels exists, if times do not increase, or if lengths differ
   */
  add(labels: Labels, times: Float64Array, values: Float64Array, stale?: Uint8Array | null): void;
}

/**
 * Creates an empty store.
 *
 * @example
 * ```ts
 * import { createLabels, createMatcher, createMemoryStore } from "tepal/promql";
 *
 * const store = createMemoryStore();
 * store.add(createLabels({ __name__: "up" }), Float64Array.of(0, 5_000), Float64Array.of(1, 0));
 * const [series] = store.select([createMatcher("__name__", "=", "up")], 0, 5_000);
 * console.log(series?.values.length); // 2
 * ```
 */
export function createMemoryStore(): MemoryStore {
  const series = new Map<string, SeriesSamples>();
  return {
    add(labels, times, values, stale = null) {
      const key = toLabelsKey(labels);
      if (series.has(key)) throw new Error("a series with these labels exists already");
      if (times.length !== values.length || (stale !== null && stale.length !== times.length)) {
        throw new Error("times, values and stale markers must have the same length");
      }
      for (let i = 1; i < times.length; i++) {
        if (!(times[i]! > times[i - 1]!))
          throw new Error(`time ${i} is not later than the one before`);
      }
      series.set(key, { labels, times, values, stale });
    },
    select(matchers, fromMs, toMs) {
      const selected: SeriesSamples[] = [];
      for (const one of series.values()) {
        const { length } = one.times;
        if (length === 0 || one.times[0]! > toMs || one.times[length - 1]! < fromMs) continue;
        if (matchesAll(matchers, one.labels)) selected.push(one);
      }
      return selected;
    },
  };
}
