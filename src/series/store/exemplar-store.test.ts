import { expect, it } from "vitest";
import { createLabels } from "../labels.ts";
import { createMatcher } from "../matcher.ts";
import { createExemplarStore } from "./exemplar-store.ts";

const toSeries = (route: string) => createLabels({ __name__: "a_bucket", route });
const ALL = [[createMatcher("__name__", "=", "a_bucket")]];

it("keeps the exemplars of a series in order, and those within the times", () => {
  const store = createExemplarStore(100);
  for (const timeMs of [1, 2, 2, 1, 3]) {
    store.add(toSeries("/p"), { labels: { id: `${timeMs}` }, value: timeMs, timeMs });
  }
  store.add(toSeries("/q"), { labels: { id: "q" }, value: 0, timeMs: 2 });
  const times = (fromMs: number, toMs: number) =>
    store.find(ALL, fromMs, toMs).map(({ exemplars }) => exemplars.map(({ timeMs }) => timeMs));
  expect(times(0, 9)).toEqual([[1, 2, 3], [2]]);
  expect(times(3, 9)).toEqual([[3]]);
  expect(times(4, 9)).toEqual([]);
  expect(store.find([[createMatcher("route", "=", "/q")]], 0, 9)).toEqual([
    { series: toSeries("/q"), exemplars: [{ labels: { id: "q" }, value: 0, timeMs: 2 }] },
  ]);
  expect(store.find([], 0, 9)).toEqual([]);
});

it("drops the first exemplars above its limit, and series without any", () => {
  const store = createExemplarStore(5);
  for (let i = 0; i < 100; i++) {
    const labels = { id: String(i) };
    store.add(toSeries(String(i % 10)), { labels, value: i, timeMs: i });
    const kept = store.find(ALL, 0, 1_000).flatMap(({ exemplars }) => exemplars);
    expect(kept.map(({ timeMs }) => timeMs).toSorted((a, b) => a - b)).toEqual(
      Array.from({ length: Math.min(i + 1, 5) }, (_, k) => Math.max(0, i - 4) + k),
    );
  }
});
