import { closeSync } from "node:fs";
import { Counter, Histogram, Registry } from "@prometheus-io/client";
import { Arena } from "../src/metrics/arena.ts";
import { createHistogramFamily, createValueFamily } from "../src/metrics/family.ts";
import { METRICS } from "../src/metrics/names.ts";
import { createSaver } from "../src/metrics/saved-metrics.ts";
import { openUnlinked } from "../src/process/workers/unlinked-file.ts";
import { readCpuMs } from "./cpu-time.ts";
import { formatSpread } from "./statistics.ts";
import { takeTurns } from "./turns.ts";

const ROUNDS = 15;
const RECORDS = 200_000;
const SAVES = 5_000;
const LABELS = { method: "POST", route: "/predict", status: "200" };

/**
 * Measures one update of a counter and of a histogram with three labels: Tepal's, which looks up the series once, and the client
 * library's, which looks it up each time. Prints medians and quartiles of alternating rounds in nanoseconds of CPU. Then measures how long a
 * worker takes to save all its metrics, which it does once per event loop turn.
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
  const records = {
    "counter, tepal": () => values.add(slot, 1),
    "counter, client library": () => counter.inc(LABELS),
    "histogram, tepal": () => times.observe(timeSlot, 0.003),
    "histogram, client library": () => histogram.observe(LABELS, 0.003),
  };
  const sides = Object.entries(records).map(([name, record]): [string, () => number] => [
    name,
    () => 1_000 * timeEach(RECORDS, record),
  ]);
  const recording = await takeTurns(Object.fromEntries(sides), { rounds: ROUNDS, cost: Number });
  for (const [name, list] of Object.entries(recording.measured)) {
    console.log(`${name.padEnd(26)} ${formatSpread(list, 1).padStart(24)} ns`);
  }
  const descriptors = [openUnlinked(), openUnlinked()];
  const saving = await takeTurns(
    Object.fromEntries(
      [700, 10_000].map((numbers, i): [string, () => number] => {
        const save = createSaverOf(numbers, descriptors[i]!);
        return [`saving ${numbers} numbers`, () => timeEach(SAVES, save)];
      }),
    ),
    { rounds: ROUNDS, cost: Number },
  );
  for (const descriptor of descriptors) closeSync(descriptor);
  for (const [name, list] of Object.entries(saving.measured)) {
    console.log(`${name.padEnd(26)} ${formatSpread(list, 1).padStart(24)} µs`);
  }
  console.log(`${recording.warmUp}; ${saving.warmUp}`);
}

/** Returns the microseconds of CPU of a call. */
function timeEach(calls: number, call: () => void): number {
  const start = readCpuMs();
  for (let i = 0; i < calls; i++) call();
  return (1_000 * (readCpuMs() - start)) / calls;
}

function createSaverOf(numbers: number, descriptor: number): () => void {
  const arena = new Arena();
  arena.allocate(numbers);
  return createSaver(descriptor, arena, new Map(), new Set());
}
