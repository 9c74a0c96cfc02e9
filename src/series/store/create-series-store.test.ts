import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSeriesStore } from "./create-series-store.ts";
import { createLabels, toLabelsKey } from "../labels.ts";
import { createMatcher } from "../matcher.ts";
import type { Matcher, SeriesReader, SeriesSamples } from "../series.ts";

/** State by series: `[time, value]`, null for a series that ended. */
type Naive = Map<string, (readonly [number, number | null])[]>;

/** All that a query sees of a store, with an end only after a sample. */
function read(
  store: SeriesReader,
  matchers: readonly Matcher[],
  fromMs: number,
  toMs: number,
): Naive {
  const seen: Naive = new Map();
  for (const { labels, times, values, stale } of store.select(matchers, fromMs, toMs)) {
    expect(values.length).toBe(times.length);
    const key = toLabelsKey(labels);
    expect(seen.has(key)).toBe(false);
    const samples: [number, number | null][] = [];
    for (const [i, time] of times.entries()) {
      if (time < fromMs || time > toMs) continue;
      samples.push([time, stale?.[i] === 1 ? null : values[i]!]);
    }
    seen.set(key, dropRepeatedEnds(samples));
  }
  return new Map([...seen].filter(([, samples]) => samples.length > 0));
}

function dropRepeatedEnds<T extends readonly [number, number | null]>(samples: readonly T[]): T[] {
  return samples.filter(([, value], i) => value !== null || (samples[i - 1]?.[1] ?? null) !== null);
}

const NAMES = ["a", "b", "c", "d"];
const toLabels = (group: string, name: string) => createLabels({ __name__: name, job: group });

const appends = fc.array(
  fc.record({
    group: fc.constantFrom("g", "h"),
    stepMs: fc.integer({ min: 1, max: 9 }),
    names: fc.subarray(NAMES),
    value: fc.double({ noNaN: true }),
    queryMs: fc.option(fc.tuple(fc.nat(300), fc.nat(300)), { freq: 3 }),
  }),
  { maxLength: 80 },
);

describe("the store", () => {
  it("equals a store without compression, blocks and caches, for any appends and queries", () => {
    fc.assert(
      fc.property(appends, fc.constantFrom(0, 2_000, 1e6), (steps, cacheBytes) => {
        const store = createSeriesStore({
          retentionMs: 1e9,
          maxSeries: 100,
          samplesPerBlock: 5,
          cacheBytes,
        });
        const naive: Naive = new Map();
        let nowMs = 1_000;
        for (const { group, stepMs, names, value, queryMs } of steps) {
          nowMs += stepMs;
          const samples = names.map((name, i) => ({
            labels: toLabels(group, name),
            value: value + i,
          }));
          expect(store.append(group, nowMs, samples).stored).toBe(names.length);
          for (const name of NAMES) {
            const key = toLabelsKey(toLabels(group, name));
            const list = naive.get(key) ?? [];
            const at = names.indexOf(name);
            list.push([nowMs, at < 0 ? null : value + at]);
            naive.set(key, list);
          }
          if (queryMs === null) continue;
          const [fromMs, toMs] = [nowMs - queryMs[0], nowMs - queryMs[0] + queryMs[1]];
          const expected = [...naive].map(([key, list]) => {
            const inside = list.filter(([time]) => time >= fromMs && time <= toMs);
            return [key, dropRepeatedEnds(inside)] as const;
          });
          const all = [createMatcher("__name__", "=~", ".+")];
          const seen = read(store, all, fromMs, toMs);
          // A series with only its end in the range may be included or not.
          for (const [key, list] of expected) expect(seen.get(key) ?? []).toEqual(list);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("returns arrays that do not change afterwards", () => {
    const store = createSeriesStore({ retentionMs: 100, maxSeries: 10, samplesPerBlock: 4 });
    const labels = toLabels("g", "a");
    const held: { times: Float64Array; values: Float64Array; copy: string }[] = [];
    const show = (times: Float64Array, values: Float64Array) => `${times.join()} ${values.join()}`;
    for (let i = 1; i < 400; i++) {
      store.append("g", i * 3, [{ labels, value: i }]);
      for (const { times, values } of store.select([], i * 3 - (i % 90), i * 3)) {
        held.push({ times, values, copy: show(times, values) });
      }
    }
    expect(held.length).toBe(399);
    for (const { times, values, copy } of held) expect(show(times, values)).toBe(copy);
  });

  it("returns all samples of a query whose range grows with time", () => {
    const store = createSeriesStore({ retentionMs: 1e9, maxSeries: 10, samplesPerBlock: 4 });
    const labels = toLabels("g", "a");
    const expected: (number | null)[] = [];
    for (let time = 1; time < 200; time++) {
      const isThere = time % 7 > 1 || time === 1;
      store.append("g", time, isThere ? [{ labels, value: time }] : []);
      expected.push(isThere ? time : null);
      const [{ values, stale }] = store.select([], 1, time) as [SeriesSamples];
      expect(Array.from(values, (value, i) => (stale?.[i] === 1 ? null : value))).toEqual(expected);
    }
  });

  it("returns the same array of times for series that are sampled together", () => {
    const store = createSeriesStore({ retentionMs: 1e9, maxSeries: 10, samplesPerBlock: 4 });
    const samples = NAMES.map((name) => ({ labels: toLabels("g", name), value: 1 }));
    for (let i = 1; i < 30; i++) store.append("g", i, samples.slice(i % 2));
    const selected = store.select([], 7, 27);
    expect(selected.length).toBe(4);
    expect(new Set(selected.map(({ times }) => times)).size).toBe(1);
  });

  it("drops blocks, and their series, once all samples are older than the retention", () => {
    const store = createSeriesStore({ retentionMs: 100, maxSeries: 10, samplesPerBlock: 10 });
    const [a, b] = [toLabels("g", "a"), toLabels("g", "b")];
    for (let time = 10; time <= 1_000; time += 10) {
      const samples = time <= 300 ? [a, b] : [a];
      store.append(
        "g",
        time,
        samples.map((labels) => ({ labels, value: time })),
      );
    }
    // Blocks end at 100, 200, …; at 1,000 all that ended before 900 are dropped.
    expect(store.select([], 0, 2_000).map(({ times }) => times[0])).toEqual([810]);
    expect(store.statistics()).toMatchObject({ series: 1, oldestMs: 810, newestMs: 1_000 });
    expect([...store.labelValues("__name__")]).toEqual([["a", 1]]);
    store.expire(2_000);
    expect(store.statistics()).toMatchObject({ series: 0, groups: 0, oldestMs: Infinity });
    expect([...store.labelNames()]).toEqual([]);
    store.append("g", 2_000, [{ labels: toLabels("g", "a"), value: 5 }]);
    expect(store.select([], 0, 3_000).map(({ values }) => [...values])).toEqual([[5]]);
  });

  it("accepts a series that returns after it was dropped", () => {
    const store = createSeriesStore({ retentionMs: 20, maxSeries: 10, samplesPerBlock: 2 });
    const [a, b] = [toLabels("g", "a"), toLabels("g", "b")];
    const equalToB = toLabels("g", "b");
    store.append(
      "g",
      1,
      [a, b, equalToB].map((labels) => ({ labels, value: 1 })),
    );
    for (let time = 2; time < 80; time++) store.append("g", time, [{ labels: a, value: 1 }]);
    for (const labels of [b, equalToB]) {
      const time = labels === b ? 80 : 81;
      store.append("g", time, [{ labels, value: time }]);
      const found = store.select([createMatcher("__name__", "=", "b")], time, time);
      expect(found.map(({ values }) => [...values])).toEqual([[time]]);
    }
  });

  it("stores no series above the cap, and counts the dropped samples", () => {
    const store = createSeriesStore({ retentionMs: 1e9, maxSeries: 2 });
    const samples = NAMES.map((name) => ({ labels: toLabels("g", name), value: 1 }));
    expect(store.append("g", 1, samples)).toEqual({
      stored: 2,
      duplicates: 0,
      aboveCap: 2,
      aboveDriftCap: 0,
      isLate: false,
    });
    expect(store.append("g", 2, samples.slice(0, 3))).toMatchObject({ stored: 2, aboveCap: 1 });
    expect(store.statistics()).toMatchObject({ series: 2, samplesAppended: 4, samplesAboveCap: 3 });
  });

  it("has limits by kind, keeps a part for essential series, and counts down when series expire", () => {
    const kinds = ["report", "essential", "drift", "other"] as const;
    const store = createSeriesStore({
      retentionMs: 10,
      samplesPerBlock: 1,
      maxSeries: 10,
      maxDriftSeries: 3,
      kindOf: (labels) => kinds.find((kind) => kind === labels.get("job")) ?? "other",
    });
    const append = (timeMs: number, kind: string, count: number) => {
      const samples = Array.from({ length: count }, (_, i) => ({
        labels: toLabels(kind, `${kind}${i}`),
        value: 1,
      }));
      const { stored, aboveCap, aboveDriftCap } = store.append(kind, timeMs, samples);
      return [stored, aboveCap, aboveDriftCap];
    };
    expect(append(1, "drift", 5)).toEqual([3, 0, 2]);
    expect(append(1, "other", 12)).toEqual([8, 4, 0]);
    expect(append(1, "essential", 3)).toEqual([2, 1, 0]);
    expect(append(1, "report", 5)).toEqual([5, 0, 0]);
    expect(store.statistics()).toMatchObject({ samplesAboveCap: 5, samplesAboveDriftCap: 2 });
    // All others expire, and leave what they had.
    expect(append(100, "report", 5)).toEqual([5, 0, 0]);
    expect(append(100, "essential", 7)).toEqual([5, 2, 0]);
    expect(append(101, "other", 1)).toEqual([0, 1, 0]);
    expect(append(101, "drift", 3)).toEqual([3, 0, 0]);
  });

  it("keeps the first of two samples, and nothing with a time that is not later", () => {
    const store = createSeriesStore({ retentionMs: 1e9, maxSeries: 2 });
    const labels = toLabels("g", "a");
    const twice = [
      { labels, value: 1 },
      { labels: toLabels("g", "a"), value: 2 },
    ];
    expect(store.append("g", 5, twice)).toMatchObject({ stored: 1, duplicates: 1 });
    for (const time of [5, 4, Number.NaN]) {
      expect(store.append("g", time, twice)).toMatchObject({ stored: 0, isLate: true });
    }
    const [found] = store.select([], 0, 10);
    expect([...found!.times, ...found!.values]).toEqual([5, 1]);
    expect(store.statistics()).toMatchObject({ samplesDuplicate: 1, samplesLate: 6 });
  });

  it("merges series with the same labels in two groups", () => {
    const store = createSeriesStore({ retentionMs: 1e9, maxSeries: 10, samplesPerBlock: 3 });
    const labels = createLabels({ __name__: "rule" });
    store.append("old", 1, [{ labels, value: 1 }]);
    store.append("old", 3, []);
    store.append("new", 2, [{ labels, value: 2 }]);
    store.append("new", 3, [{ labels, value: 3 }]);
    const [found, ...others] = store.select([], 0, 10);
    expect(others).toEqual([]);
    expect([...found!.times]).toEqual([1, 2, 3]);
    expect([...found!.values]).toEqual([1, 2, 3]);
    expect([...found!.stale!]).toEqual([0, 0, 0]);
    expect(store.find([], 0, 10)).toEqual([labels]);
  });

  it("merges series with the same labels in three groups, also after one of them was dropped", () => {
    const store = createSeriesStore({ retentionMs: 10, maxSeries: 10, samplesPerBlock: 2 });
    const labels = createLabels({ __name__: "rule" });
    for (const [i, group] of ["first", "second", "third"].entries()) {
      for (const time of [1, 2]) store.append(group, 6 * i + time, [{ labels, value: i }]);
    }
    // The samples of the first group are older than the retention.
    const found = store.select([], 0, 20).map(({ times, values }) => [[...times], [...values]]);
    expect(found).toEqual([
      [
        [7, 8, 13, 14],
        [1, 1, 2, 2],
      ],
    ]);
  });

  it("finds the same series as a full scan", () => {
    const store = createSeriesStore({ retentionMs: 1e9, maxSeries: 1_000 });
    const all = Array.from({ length: 60 }, (_, i) =>
      createLabels({
        __name__: `m${i % 4}`,
        x: String(i % 5),
        ...(i % 3 === 0 && { y: `v${i % 7}` }),
      }),
    );
    store.append(
      "g",
      1,
      [...new Set(all)].map((labels) => ({ labels, value: 1 })),
    );
    const matcher = fc
      .tuple(
        fc.constantFrom("__name__", "x", "y", "z"),
        fc.constantFrom("=", "!=", "=~", "!~" as const),
        fc.constantFrom("", "m1", "2", "v3", ".*", ".+", "m[12]", "1|2|", "v.*"),
      )
      .map(([name, type, value]) => createMatcher(name, type, value));
    fc.assert(
      fc.property(fc.array(matcher, { maxLength: 3 }), (matchers) => {
        const expected = all.filter((labels) =>
          matchers.every(({ name, matches }) => matches(labels.get(name) ?? "")),
        );
        const found = store.find([matchers], 0, 2).map(toLabelsKey);
        expect(found.toSorted()).toEqual([...new Set(expected.map(toLabelsKey))].toSorted());
        const selected = store.select(matchers, 0, 2).map(({ labels }) => toLabelsKey(labels));
        expect(selected.toSorted()).toEqual(found.toSorted());
      }),
      { numRuns: 500 },
    );
    expect([...store.labelValues("x")].toSorted()).toHaveLength(5);
    expect([...store.labelNames()].toSorted()).toEqual(["__name__", "x", "y"]);
  });
});
