import { toLabelsKey } from "../labels.ts";
import { matchesAll } from "../matcher.ts";
import type { Labels, SeriesReader, SeriesSamples } from "../series.ts";

/** A reader over plain arrays, for tests and for whoever has all samples at hand. */
export interface MemoryStore extends SeriesReader {
  /**
   * Adds a series. The arrays are kept and not copied: series that are given the same `times` share them.
   *
   * @throws Error when there is one with these labels already, or times do not increase
   */
  add(labels: Labels, times: Float64Array, values: Float64Array, stale?: Uint8Array | null): void;
}

export function createMemoryStore(): MemoryStore {
  const series = new Map<string, SeriesSamples>();
  return {
    add(labels, times, values, stale = null) {
      const key = toLabelsKey(labels);
      if (series.has(key)) throw new Error("there is a series with these labels already");
      if (times.length !== values.length || (stale !== null && stale.length !== times.length)) {
        throw new Error("times, values and stale markers are not equally many");
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
