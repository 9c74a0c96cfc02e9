import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { createServer } from "../src/server.ts";
import { createSeriesStore } from "../src/series/store/create-series-store.ts";
import type { RestorableStore } from "../src/series/store/restorable-store.ts";
import type { Exposition } from "../src/series/scrape/exposition.ts";
import { openHistoryFolder } from "../src/series/disk/history-folder.ts";
import { createLabels } from "../src/series/labels.ts";
import { createMatcher } from "../src/series/matcher.ts";
import { createExpositionParser } from "../src/series/scrape/parse-exposition.ts";
import { METRIC_NAME, type Labels } from "../src/series/series.ts";
import { readCpuMs } from "./cpu-time.ts";
import { connectLoad } from "./http-load.ts";
import { createModelFolder } from "./rows.ts";
import { toMedian } from "./statistics.ts";

const SERIES = 1_000;
const INTERVAL_MS = 5_000;
const DAY_MS = 86_400_000;
const SCRAPES = DAY_MS / INTERVAL_MS;
/** Number of recorded scrapes, and the duration of load before each. */
const RECORDED = 240;
const LOAD_MS = 60;
/** Scales increases between two recorded scrapes to five seconds. */
const STRETCH = INTERVAL_MS / LOAD_MS;
const BODIES = [5.1, 6.3, 7.7, 12].map((length) =>
  JSON.stringify({ sepal_length: length, sepal_width: 3, petal_length: 4, petal_width: 1.2 }),
);

interface Recording {
  readonly text: string;
  readonly expositions: readonly Exposition[];
}

/**
 * Measures a day of history: /metrics of a real server is recorded under load and replayed until there are 24 hours of 1,000
 * series every 5 s. Prints memory, and the CPU time of a scrape and of a query, in memory and on disk.
 */
export async function run(): Promise<void> {
  const recorded = await record();
  measureParser(recorded);
  const play = createPlayer(recorded);
  const collect = toCollector();

  const before = collect();
  const store = createSeriesStore({ retentionMs: DAY_MS, maxSeries: 10 * SERIES });
  const costs = append(store, play);
  const used = collect() - before;
  const { sampleBytes } = store.statistics();
  console.log(`${SERIES} series, ${SCRAPES} scrapes (24 h at ${INTERVAL_MS / 1_000} s)`);
  console.log(
    `  total memory               ${(used / 1e6).toFixed(1)} MB (heap and buffers, after garbage collection)`,
  );
  console.log(
    `  of which samples           ${(sampleBytes / 1e6).toFixed(1)} MB, ${((8 * sampleBytes) / SERIES / SCRAPES).toFixed(1)} bits per sample`,
  );
  showCosts("append one scrape", costs);
  measureSelect(store);

  const folder = await mkdtemp(join(tmpdir(), "tepal-bench-"));
  try {
    await measureDisk(folder, play);
  } finally {
    await rm(folder, { recursive: true });
  }
  measureIndex();
}

async function record(): Promise<Recording> {
  await using models = await createModelFolder();
  const server = await createServer({ port: 0, models: models.path });
  const url = await server.listen();
  const port = Number(new URL(url).port);
  const parser = createExpositionParser();
  const expositions: Exposition[] = [];
  let text = "";
  {
    using driver = await connectLoad(port, { connections: 8, path: "/predict", body: BODIES });
    for (let i = 0; i < RECORDED; i++) {
      await driver.drive(LOAD_MS * (0.5 + 0.5 * Math.sin(i / 20) ** 2));
      text = await (await fetch(`${url}/metrics`)).text();
      expositions.push(parser.parse(text));
    }
  }
  await server.close();
  return { text, expositions };
}

function measureParser({ text, expositions }: Recording): void {
  const count = expositions.at(-1)?.series.length ?? 0;
  const fresh = time(50, () => createExpositionParser().parse(text));
  const parser = createExpositionParser();
  const again = time(50, () => parser.parse(text));
  console.log(`an exposition of ${count} series, ${(text.length / 1e3).toFixed(0)} kB`);
  console.log(`  first parse                ${fresh.toFixed(2)} ms`);
  console.log(`  next parses                ${again.toFixed(2)} ms\n`);
}

/** Returns a function that creates the samples of any scrape of the day: counters continue, gauges alternate in direction. */
function createPlayer({ expositions }: Recording) {
  const last = expositions.at(-1);
  if (last === undefined) throw new Error("The recording is empty.");
  const byLabels = new Map<Labels, Float64Array>(
    last.series.map((labels) => [labels, new Float64Array(RECORDED)]),
  );
  for (const [i, { series, values }] of expositions.entries()) {
    for (const [at, labels] of series.entries()) {
      const row = byLabels.get(labels);
      if (row !== undefined) row[i] = values[at]!;
    }
  }
  const rows = [...byLabels].map(([labels, values]) => {
    const name = labels.get(METRIC_NAME) ?? "";
    const family =
      last.metadata.get(name) ?? last.metadata.get(name.replace(/_(bucket|sum|count)$/, ""));
    return { labels, values, counts: family?.type === "counter" || family?.type === "histogram" };
  });
  // One server has about as many series; a second one adds the rest.
  const all = Array.from({ length: SERIES }, (_, i) => {
    const row = rows[i % rows.length]!;
    const instance = `server-${Math.floor(i / rows.length)}:8000`;
    return {
      ...row,
      labels: createLabels([...row.labels, ["job", "tepal"], ["instance", instance]]),
    };
  });
  return (scrape: number) =>
    all.map(({ labels, values, counts }) => {
      const cycle = Math.floor(scrape / RECORDED);
      const at = scrape % RECORDED;
      if (!counts) return { labels, value: values[cycle % 2 === 0 ? at : RECORDED - 1 - at]! };
      const gain = values[RECORDED - 1]! - values[0]!;
      return { labels, value: values[0]! + STRETCH * (cycle * gain + values[at]! - values[0]!) };
    });
}

type Player = ReturnType<typeof createPlayer>;

/** Appends a day of scrapes. @returns milliseconds of each */
function append(store: RestorableStore, play: Player): number[] {
  const costs: number[] = [];
  for (let i = 0; i < SCRAPES; i++) {
    const samples = play(i);
    const start = readCpuMs();
    store.append("tepal", i * INTERVAL_MS, samples);
    costs.push(readCpuMs() - start);
  }
  return costs;
}

function showCosts(label: string, costs: readonly number[]): void {
  const sorted = costs.toSorted((a, b) => a - b);
  const sum = costs.reduce((total, cost) => total + cost, 0);
  const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(2);
  console.log(
    `  ${label.padEnd(26)} ${at(0.5)} ms median, ${(sum / costs.length).toFixed(2)} ms mean, ${at(0.999)} ms at the 99.9th percentile`,
  );
}

function measureSelect(store: RestorableStore): void {
  const newest = (SCRAPES - 1) * INTERVAL_MS;
  const buckets = [createMatcher(METRIC_NAME, "=~", "api_.*_bucket")];
  const show = (label: string, matchers: typeof buckets, fromMs: number, toMs: number): void => {
    const cold: number[] = [];
    let series = 0;
    let samples = 0;
    for (let i = 0; i < 5; i++) {
      // Reading the whole day evicts everything from the cache.
      store.select([], 0, newest);
      cold.push(
        time(1, () => {
          const selected = store.select(matchers, fromMs, toMs);
          series = selected.length;
          samples = selected.reduce((sum, { times }) => sum + times.length, 0);
        }),
      );
    }
    const warm = time(20, () => store.select(matchers, fromMs, toMs));
    console.log(
      `  ${label.padEnd(26)} ${toMedian(cold).toFixed(2)} ms uncached, ${warm.toFixed(2)} ms cached (${series} series, ${samples} samples)`,
    );
  };
  show("select one hour", buckets, newest - 3_600_000, newest);
  show("select five minutes", [], newest - 300_000, newest);
  const requests = [createMatcher(METRIC_NAME, "=", "api_requests_total")];
  show("select one day", requests, 0, newest);
}

async function measureDisk(folder: string, play: Player): Promise<void> {
  const log = { info() {}, warn: console.log };
  const open = () => {
    const store = createSeriesStore({ retentionMs: DAY_MS, maxSeries: 10 * SERIES });
    const opened = openHistoryFolder(
      folder,
      store,
      { retentionMs: DAY_MS, log },
      (SCRAPES - 1) * INTERVAL_MS,
    );
    return { store, opened };
  };
  console.log("on disk");
  {
    const { store, opened } = open();
    using _ = opened;
    showCosts("append one scrape", append(store, play));
    console.log(`  blocks                     ${(opened.statistics().bytes / 1e6).toFixed(1)} MB`);
  }
  const start = readCpuMs();
  const { store, opened } = open();
  opened[Symbol.dispose]();
  console.log(
    `  reopen                     ${(readCpuMs() - start).toFixed(0)} ms (${store.statistics().series} series)`,
  );
  await Promise.resolve();
}

function measureIndex(): void {
  const store = createSeriesStore({ retentionMs: DAY_MS, maxSeries: 10 * SERIES });
  const samples = Array.from({ length: 10 * SERIES }, (_, i) => ({
    labels: createLabels({
      __name__: `metric_${i % 100}`,
      instance: `i${i % 7}`,
      le: String(i % 70),
      path: `p${i}`,
    }),
    value: i,
  }));
  const start = readCpuMs();
  store.append("many", 1, samples);
  console.log(`${10 * SERIES} series`);
  console.log(`  first append               ${(readCpuMs() - start).toFixed(1)} ms`);
  console.log(
    `  append again               ${time(20, (i) => store.append("many", 2 + i, samples)).toFixed(2)} ms`,
  );
  const matchers = [
    createMatcher(METRIC_NAME, "=", "metric_7"),
    createMatcher("le", "=~", "[1-4]."),
  ];
  console.log(
    `  find one of 100 metrics    ${time(200, () => store.find([matchers], 0, 10)).toFixed(3)} ms`,
  );
  const pattern = [createMatcher("path", "=~", "p1.*5")];
  console.log(
    `  find by regex on all       ${time(20, () => store.find([pattern], 0, 10)).toFixed(2)} ms`,
  );
}

/** Runs the work several times. @returns the median in milliseconds */
function time(runs: number, work: (i: number) => unknown): number {
  const costs = Array.from({ length: runs }, (_, i) => {
    const start = readCpuMs();
    work(i);
    return readCpuMs() - start;
  });
  return toMedian(costs);
}

/** Returns a function that collects garbage and returns the number of bytes in use. */
function toCollector(): () => number {
  setFlagsFromString("--expose-gc");
  const collectGarbage: () => void = runInNewContext("gc");
  return () => {
    for (let i = 0; i < 3; i++) collectGarbage();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
}
