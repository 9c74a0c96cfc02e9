import { DROPPED } from "../../metrics/metrics.ts";
import { createMetrics } from "../../metrics/create-metrics.ts";
import type { Metrics } from "../../metrics/metrics.ts";
import { readSaved, type Snapshot } from "../../metrics/saved-metrics.ts";

/**
 * Adds up the metrics of all workers, including those that have ended: a counter never goes down because a worker dies. Each
 * file holds totals, so that reading it twice counts nothing twice.
 */
export interface Ledger {
  /** @param descriptor the file that the worker saves its metrics to */
  join(worker: number, descriptor: number): void;
  /** Reads a worker's file for the last time: keeps its counts, drops its gauges. */
  leave(worker: number): void;
  /** Returns the metrics of all workers, as a set of its own. */
  total(): Metrics;
}

/** The last reading of one worker's file. */
interface WorkerRecord {
  readonly descriptor: number;
  snapshot: Snapshot | undefined;
}

export function createLedger(): Ledger {
  const records = new Map<number, WorkerRecord>();
  const kept = createMetrics({ process: false });

  function read(record: WorkerRecord): void {
    const before = record.snapshot;
    record.snapshot = readSaved(record.descriptor, before);
    if (before !== undefined && before.version !== record.snapshot?.version) {
      settleClosed(before, record.snapshot);
    }
  }

  /**
   * Settles the counts of series that a worker has closed because their model was removed. They are kept until the last
   * worker has closed the series; then the series disappears, as on a server of one process.
   */
  function settleClosed(before: Snapshot, after: Snapshot | undefined): void {
    const own = addUp([after]).families;
    const all = addUp([...records.values()].map(({ snapshot }) => snapshot)).families;
    for (const [name, series] of before.families) {
      const family = kept.families.get(name);
      if (family === undefined || family.declaration.type === "gauge") continue;
      for (const [slot, labelValues] of series) {
        if (own.get(name)?.find(labelValues) !== undefined) continue;
        const numbers = before.values.subarray(slot, slot + family.size);
        if (all.get(name)?.find(labelValues) !== undefined) {
          family.absorb(labelValues, numbers);
        } else {
          family.close(family.find(labelValues) ?? DROPPED);
        }
      }
    }
  }

  return {
    join: (worker, descriptor) => void records.set(worker, { descriptor, snapshot: undefined }),
    leave(worker) {
      const record = records.get(worker);
      if (record === undefined) return;
      read(record);
      records.delete(worker);
      if (record.snapshot !== undefined) kept.absorb(record.snapshot, "counts");
    },
    total() {
      for (const record of records.values()) read(record);
      const ordered = [...records]
        .toSorted(([a], [b]) => a - b)
        .map(([, { snapshot }]) => snapshot);
      const all = addUp(ordered);
      all.absorb(kept.snapshot(), "counts");
      return all;
    },
  };
}

function addUp(snapshots: readonly (Snapshot | undefined)[]): Metrics {
  const sum = createMetrics({ process: false });
  for (const snapshot of snapshots) {
    if (snapshot !== undefined) sum.absorb(snapshot, "all");
  }
  return sum;
}
