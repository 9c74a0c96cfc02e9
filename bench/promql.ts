import { createEngine } from "../src/promql/engine.ts";
import { createRandom } from "../src/kernel/random.ts";
import { createLabels } from "../src/series/labels.ts";
import { createMemoryStore } from "../src/series/store/memory-store.ts";
import type { SeriesSamples } from "../src/series/series.ts";
import {
  startBackfilledPrometheus,
  type BackfilledPrometheus,
} from "../test/promql/backfilled-prometheus.ts";
import { createFolder } from "../test/support/folders.ts";
import { hasProgram } from "../test/support/programs.ts";
import { formatSpread, toMedian } from "./statistics.ts";

const ROUNDS = 41;
const WARM_UP = 20;
const INTERVAL_MS = 5_000;
const HOUR_MS = 3_600_000;
const STEP_MS = 15_000;
/** A full minute of 2025, so that the blocks of the real Prometheus are the same in every run. */
const END_MS = 1_750_000_020_000;
const BOUNDS = [
  "0.005",
  "0.01",
  "0.025",
  "0.05",
  "0.1",
  "0.25",
  "0.5",
  "1.0",
  "2.5",
  "5.0",
  "10.0",
  "+Inf",
];

const QUERIES = [
  "rate(requests_total[5m])",
  "sum by (job) (rate(requests_total[5m]))",
  "histogram_quantile(0.95, sum by (le) (rate(latency_seconds_bucket[1m])))",
  "quantile_over_time(0.95, temperature[5m])",
  "sum by (job) (temperature) / on (job) group_left () count by (job) (temperature)",
  "max_over_time(sum by (job) (rate(requests_total[1m]))[10m:1m])",
];
const ALERT =
  'sum(rate(requests_total{path="/3"}[5m])) / sum(rate(requests_total[5m])) > 0.01 and sum(rate(requests_total[1m])) > 1';

/**
 * Compares Tepal's PromQL engine and a real Prometheus, if one is installed, on the same samples: 200 counters, 204 buckets and
 * 200 gauges with a sample every 5 s. Range queries cover one hour in steps of 15 s; the instant query is that of an alert.
 * Prints medians of alternating rounds. The time of Prometheus is the evaluation time that it reports, without HTTP and JSON.
 * CPU time is that of this process: if it is below wall time, another process used the core.
 */
export async function run(_args: readonly string[]): Promise<void> {
  const series = createSeries();
  const store = createMemoryStore();
  for (const { labels, times, values } of series) store.add(labels, times, values);
  const engine = createEngine();
  const range = { startMs: END_MS - HOUR_MS, endMs: END_MS, stepMs: STEP_MS };
  await using folder = await createFolder();
  const stack = new AsyncDisposableStack();
  await using _ = stack;
  const prometheus = hasProgram("prometheus")
    ? stack.use(await startBackfilledPrometheus(folder.path, series))
    : undefined;
  const cases = [
    ...QUERIES.map((query) => ({
      query,
      ours: () => engine.queryRange(store, query, range),
      theirs: (real: BackfilledPrometheus) => real.queryRange(query, range),
    })),
    {
      query: `${ALERT} (instant)`,
      ours: () => engine.queryInstant(store, ALERT, END_MS),
      theirs: (real: BackfilledPrometheus) => real.queryInstant(ALERT, END_MS),
    },
  ];
  const table: Record<string, string>[] = [];
  for (const { query, ours, theirs } of cases) {
    const wall: number[] = [];
    const cpu: number[] = [];
    const other: number[] = [];
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      const used = process.cpuUsage();
      const start = process.hrtime.bigint();
      ours();
      const spent = Number(process.hrtime.bigint() - start) / 1e6;
      const { user, system } = process.cpuUsage(used);
      const evaluated = prometheus === undefined ? undefined : await theirs(prometheus);
      if (evaluated?.error !== undefined) throw new Error(`${query}: ${evaluated.error}`);
      if (round < 0) continue;
      wall.push(spent);
      cpu.push((user + system) / 1_000);
      if (evaluated !== undefined) other.push(evaluated.evaluationMs);
    }
    const ms = toMedian(wall);
    const theirMs = toMedian(other);
    table.push({
      query,
      "tepal, ms": ms.toFixed(2),
      "tepal CPU, ms": toMedian(cpu).toFixed(2),
      "Prometheus, ms": other.length > 0 ? theirMs.toFixed(2) : "not installed",
      "tepal / Prometheus": other.length > 0 ? (ms / theirMs).toFixed(2) : "",
      "tepal CPU (quartiles)": formatSpread(cpu, 2),
    });
  }
  console.table(table);
}

function createSeries(): SeriesSamples[] {
  const random = createRandom(1);
  const count = (HOUR_MS + 15 * 60_000) / INTERVAL_MS;
  // Between full seconds, so that no sample is at the start of a window, which Prometheus 2 includes and 3 does not.
  const times = Float64Array.from(
    { length: count },
    (_, i) => END_MS + 2_137 - (count - i) * INTERVAL_MS,
  );
  const toCounter = (pace: number, begin: number): Float64Array => {
    let value = begin;
    return times.map(() => (value += Math.floor(random.uniform() * pace)));
  };
  const series: SeriesSamples[] = [];
  const add = (labels: Record<string, string>, values: Float64Array): void => {
    series.push({ labels: createLabels(labels), times, values, stale: null });
  };
  for (let i = 0; i < 200; i++) {
    const labels = { job: `job-${i % 10}`, instance: `host-${i % 40}:9100`, path: `/${i}` };
    add({ __name__: "requests_total", ...labels }, toCounter(20, 5_000));
    let degrees = 20;
    add(
      { __name__: "temperature", ...labels },
      times.map(() => (degrees += random.normal())),
    );
  }
  for (let instance = 0; instance < 17; instance++) {
    let below = new Float64Array(count);
    for (const [i, le] of BOUNDS.entries()) {
      const own = toCounter(12 - i, 100);
      below = below.map((value, at) => value + own[at]!);
      add({ __name__: "latency_seconds_bucket", instance: `host-${instance}:9100`, le }, below);
    }
  }
  return series;
}
