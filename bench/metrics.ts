import { closeSync } from "node:fs";
import { Counter, Histogram, Registry } from "@prometheus-io/client";
import { Arena } from "../src/metrics/arena.ts";
import { createHistogramFamily, createValueFamily } from "../src/metrics/family.ts";
import { METRICS } from "../src/metrics/names.ts";
import { createSaver } from "../src/metrics/saved-metrics.ts";
import { openUnlinked } from "../src/process/workers/unlinked-file.ts";
import { readCpuMs } from "./cpu-time.ts";
import { toMedian } from "./statistics.ts";

const ROUNDS = 15;
const RECORDS = 200_000;
const SAVES = 5_000;
const LABELS = { method: "POST", route: "/predict", status: "200" };

/**
 * Measures one update of a counter and of a histogram with three labels: Tepal's, which looks up the series once, and the client
 * library's, which looks it up each time. Prints medians of alternating rounds in nanoseconds of CPU. Then measures how long a worker
 * takes to save all its metrics, which it does once per event loop turn.
 */
export async function run(): Promise<void> {
  const registers = [new Registry()];
  const labelNames = Object.keys(LABELS);
  const { apiRequests, apiRequestLatency } = METRICS;
  const counter = new Counter({
    name: apiRequests.name,
    help: apiRequests.help,
    labelNames,
    registers,
  });
  const histogram = new Histogram({
    name: apiRequestLatency.name,
    help: apiRequestLatency.help,
    labelNames,
    buckets: [...apiRequestLatency.buckets],
    registers,
  });
  const values = createValueFamily(apiRequests, { onDropped() {} });
  const times = createHistogramFamily(apiRequestLatency, { onDropped() {} });
  const slot = values.open(Object.values(LABELS));
  const timeSlot = times.open(Object.values(LABELS));
  const sides = [
    ["counter, tepal", () => values.add(slot, 1)],
    ["counter, client library", () => counter.inc(LABELS)],
    ["histogram, tepal", () => times.observe(timeSlot, 0.003)],
    ["histogram, client library", () => histogram.observe(LABELS, 0.003)],
  ] as const;

  const nanoseconds = sides.map((): number[] => []);
  for (let round = -2; round < ROUNDS; round++) {
    for (const [side, [, record]] of sides.entries()) {
      const start = readCpuMs();
      for (let i = 0; i < RECORDS; i++) record();
      const spent = (1e6 * (readCpuMs() - start)) / RECORDS;
      if (round >= 0) nanoseconds[side]?.push(spent);
    }
  }
  for (const [side, [name]] of sides.entries()) {
    console.log(
      `${name.padEnd(26)} ${toMedian(nanoseconds[side] ?? [])
        .toFixed(1)
        .padStart(8)} ns`,
    );
  }
  for (const numbers of [700, 10_000]) measureSaving(numbers);
}

function measureSaving(numbers: number): void {
  const descriptor = openUnlinked();
  const arena = new Arena();
  arena.allocate(numbers);
  const save = createSaver(descriptor, arena, new Map(), new Set());
  const microseconds: number[] = [];
  for (let round = -2; round < ROUNDS; round++) {
    const start = readCpuMs();
    for (let i = 0; i < SAVES; i++) save();
    const spent = (1_000 * (readCpuMs() - start)) / SAVES;
    if (round >= 0) microseconds.push(spent);
  }
  closeSync(descriptor);
  const name = `saving ${numbers} numbers`;
  console.log(`${name.padEnd(26)} ${toMedian(microseconds).toFixed(1).padStart(8)} µs`);
}
