import { setTimeout as sleep } from "node:timers/promises";
import type { ExpositionFormat } from "../../metrics/exposition.ts";
import type { Metrics, SavedExemplar } from "../../metrics/metrics.ts";
import {
  keepCounts,
  listProcessMetrics,
  mergeProcessMetrics,
  type ProcessMetric,
} from "../../metrics/process-metrics.ts";
import type { WorkerProcess } from "./fork-worker.ts";
import { createLedger } from "./ledger.ts";

/** A worker that does not reply within this time appears with the values of its last reply. */
const TIMEOUT_MS = 1_000;

/** The metrics of all workers, merged into those of one server. */
export interface MergedMetrics {
  join(worker: WorkerProcess): void;
  /** To be called when the worker has ended, and before its file is closed. */
  leave(worker: WorkerProcess): void;
  render(format: ExpositionFormat): Promise<string>;
  /** Returns the exemplars of all workers, as they were at the last `render`. */
  exemplars(): SavedExemplar[];
}

/** @param own the primary's metrics, about the workers */
export function mergeMetrics(own: Metrics): MergedMetrics {
  const ledger = createLedger();
  const workers = new Set<WorkerProcess>();
  let all = own;
  /** The process counters of workers that have ended. */
  let kept: Promise<readonly ProcessMetric[]> = Promise.resolve([]);

  async function listProcesses(): Promise<readonly ProcessMetric[]> {
    const primary = await listProcessMetrics();
    let ended: readonly ProcessMetric[];
    let read: typeof kept;
    do {
      read = kept;
      ended = await read;
    } while (read !== kept);
    const running = Array.from(workers, ({ measured }) => measured?.process ?? []);
    return mergeProcessMetrics([primary.filter(isNotLag), ...running, ended]);
  }

  return {
    join(worker) {
      workers.add(worker);
      ledger.join(worker.number, worker.descriptor);
    },
    leave(worker) {
      workers.delete(worker);
      ledger.leave(worker.number);
      const last = worker.measured?.process ?? [];
      kept = kept.then((before) => keepCounts(before, last));
    },
    exemplars: () => all.exemplars(),
    async render(format) {
      await Promise.all(Array.from(workers, measureWorker));
      all = ledger.total();
      all.absorb(own.snapshot(), "all");
      const clients = Array.from(workers, ({ measured }) => measured?.clients ?? []);
      all.apiUniqueClients.set(all.apiUniqueClients.open([]), new Set(clients.flat()).size);
      for (const { measured } of workers) all.absorbExemplars(measured?.exemplars ?? []);
      return all.render(format, await listProcesses());
    },
  };
}

/** Has a worker save its metrics. A worker that has ended, or is late, has saved what it had. */
export async function measureWorker(worker: WorkerProcess): Promise<void> {
  // A worker that does not serve yet has measured nothing, and would reply late.
  if (worker.started === undefined) return;
  const timeout = new AbortController();
  const late = sleep(TIMEOUT_MS, undefined, { signal: timeout.signal, ref: false });
  const measured = worker.channel.call("measure");
  await Promise.race([measured, late])
    .then((reply) => (worker.measured = reply ?? worker.measured))
    .catch(() => {});
  timeout.abort();
  await Promise.allSettled([late]);
}

/** The lag of the primary's event loop delays no request. */
function isNotLag({ name }: ProcessMetric): boolean {
  return !name.startsWith("nodejs_eventloop_lag");
}
