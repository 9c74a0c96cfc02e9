import { DROPPED } from "../../metrics/family.ts";
import { createMetrics, type Metrics } from "../../metrics/metrics.ts";
import { readSaved, type Snapshot } from "../../metrics/saved-metrics.ts";

/**
 * Adds up what workers have measured, also those that have ended: a counter never goes down because a worker dies. Each
 * file holds totals, so that reading it twice counts nothing twice.
 */
export interface Ledger {
  /** @param descriptor of the file that the worker keeps its measurements in */
  join(worker: number, descriptor: number): void;
  /** Reads a worker's file for the last time: its counts are kept, its gauges are not. */
  leave(worker: number): void;
  /** All together, in a set of metrics of its own. */
  total(): Metrics;
}

interface Page {
  readonly descriptor: number;
  snapshot: Snapshot | undefined;
}

export function createLedger(): Ledger {
  const pages = new Map<number, Page>();
  const kept = createMetrics({ process: false });

  function read(page: Page): void {
    const before = page.snapshot;
    page.snapshot = readSaved(page.descriptor, before);
    if (before !== undefined && before.version !== page.snapshot?.version) {
      settleClosed(before, page.snapshot);
    }
  }

  /**
   * A worker closes the series of a model that is gone. What it had counted stays until the last worker has closed them: then
   * they vanish, as those of a server alone do.
   */
  function settleClosed(before: Snapshot, after: Snapshot | undefined): void {
    const own = addUp([after]).families;
    const anybody = addUp([...pages.values()].map(({ snapshot }) => snapshot)).families;
    for (const [name, series] of before.families) {
      const family = kept.families.get(name);
      if (family === undefined || family.declaration.type === "gauge") continue;
      for (const [slot, labelValues] of series) {
        if (own.get(name)?.find(labelValues) !== undefined) continue;
        const numbers = before.values.subarray(slot, slot + family.size);
        if (anybody.get(name)?.find(labelValues) !== undefined) {
          family.absorb(labelValues, numbers);
        } else {
          family.close(family.find(labelValues) ?? DROPPED);
        }
      }
    }
  }

  return {
    join: (worker, descriptor) => void pages.set(worker, { descriptor, snapshot: undefined }),
    leave(worker) {
      const page = pages.get(worker);
      if (page === undefined) return;
      read(page);
      pages.delete(worker);
      if (page.snapshot !== undefined) kept.absorb(page.snapshot, "counts");
    },
    total() {
      for (const page of pages.values()) read(page);
      const ordered = [...pages].toSorted(([a], [b]) => a - b).map(([, { snapshot }]) => snapshot);
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
