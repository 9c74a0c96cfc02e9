import { expect, it } from "vitest";
import { createRandom } from "../../src/kernel/random.ts";
import { createEngine } from "../../src/promql/engine.ts";
import type { QueryResult } from "../../src/promql/promql.ts";
import { createSeriesStore } from "../../src/series/store/create-series-store.ts";
import { createLabels, toLabelsKey } from "../../src/series/labels.ts";
import { createMemoryStore } from "../../src/series/store/memory-store.ts";
import type { Labels } from "../../src/series/series.ts";

const QUERIES = [
  "m",
  "m offset 40s",
  'm{series=~"[1-3]"} > 5',
  "rate(m[1m])",
  "sum by (group) (increase(m[2m]))",
  "count_over_time(m[50s])",
  "avg_over_time(m[1m] offset 20s)",
  "changes(m[3m])",
  "irate(m[1m])",
  "last_over_time(m[30s])",
  "timestamp(m)",
  "absent_over_time(m[30s])",
  "quantile_over_time(0.7, m[2m])",
  "count(m) or vector(0)",
  "max_over_time(sum(m)[1m:10s])",
];

/** One series as a scraper without shared times stores it: its samples, and its end once. */
interface Own {
  readonly labels: Labels;
  readonly times: number[];
  readonly values: number[];
  readonly stale: number[];
}

function sortResult({ value }: QueryResult): unknown {
  const text = (one: unknown): string => JSON.stringify(one);
  const toPlain = (_: string, one: unknown): unknown =>
    one instanceof Map
      ? toLabelsKey(one as Labels)
      : ArrayBuffer.isView(one)
        ? [...(one as Float64Array)].map(String)
        : one;
  const plain: { series?: unknown[]; samples?: unknown[] } = JSON.parse(
    JSON.stringify(value, toPlain),
  );
  for (const list of Object.values(plain))
    if (Array.isArray(list)) list.sort((a, b) => (text(a) < text(b) ? -1 : 1));
  return plain;
}

it("PromQL over the store equals PromQL over separately stored series, for any coming and going series", () => {
  const random = createRandom(11);
  const engine = createEngine();
  for (let round = 0; round < 12; round++) {
    const store = createSeriesStore({
      retentionMs: 1e9,
      maxSeries: 100,
      samplesPerBlock: 9,
      cacheBytes: round % 2 === 0 ? 1e6 : 0,
    });
    const own = new Map<Labels, Own>();
    const series = Array.from({ length: 6 }, (_, i) =>
      createLabels({ __name__: "m", series: String(i), group: String(i % 2) }),
    );
    for (const labels of series) own.set(labels, { labels, times: [], values: [], stale: [] });
    const present = new Set<Labels>();
    const nextMs = [1e6, 1e6 + 1_700];
    for (let scrape = 0; scrape < 160; scrape++) {
      const group = random.below(2);
      const timeMs = (nextMs[group]! += random.below(8) === 0 ? 61_000 : 5_000);
      const members = series.filter((_, i) => i % 2 === group);
      for (const labels of members) {
        if (random.below(9) === 0) {
          if (present.has(labels)) present.delete(labels);
          else present.add(labels);
        }
      }
      const samples = members
        .filter((labels) => present.has(labels))
        .map((labels) => ({ labels, value: random.below(3) === 0 ? random.below(9) : scrape }));
      store.append(String(group), timeMs, samples);
      for (const labels of members) {
        const { times, values, stale } = own.get(labels)!;
        const sample = samples.find((one) => one.labels === labels);
        if (sample === undefined && (stale.length === 0 || stale.at(-1) === 1)) continue;
        times.push(timeMs);
        values.push(sample?.value ?? Number.NaN);
        stale.push(sample === undefined ? 1 : 0);
      }
    }
    const plain = createMemoryStore();
    for (const { labels, times, values, stale } of own.values()) {
      if (times.length === 0) continue;
      plain.add(
        labels,
        Float64Array.from(times),
        Float64Array.from(values),
        Uint8Array.from(stale),
      );
    }
    const lastMs = Math.max(...nextMs);
    for (const query of QUERIES) {
      const startMs = 1e6 - 30_000 + random.below(lastMs - 1e6);
      const range = { startMs, endMs: startMs + 400_000, stepMs: 1_000 + random.below(20_000) };
      for (const ask of [
        (reader: typeof store | typeof plain) => engine.queryRange(reader, query, range),
        (reader: typeof store | typeof plain) => engine.queryInstant(reader, query, startMs),
      ]) {
        expect([query, range, sortResult(ask(store))]).toEqual([
          query,
          range,
          sortResult(ask(plain)),
        ]);
      }
    }
  }
});
