import { setTimeout as sleep } from "node:timers/promises";
import type { Metrics } from "../../metrics/metrics.ts";
import {
  keepCounts,
  listProcessMetrics,
  renderMerged,
  type ProcessMetric,
} from "../../metrics/process-metrics.ts";
import type { Forked } from "./forked.ts";
import { createLedger } from "./ledger.ts";

/** A worker that does not answer for so long is shown as it was when it last did. */
const PATIENCE_MS = 1_000;

/** The measurements of all workers as those of one server. */
export interface Scrape {
  join(worker: Forked): void;
  /** The worker is gone, but its file is still open. */
  leave(worker: Forked): void;
  render(): Promise<string>;
}

/** @param own measurements of the primary, about the workers */
export function createScrape(own: Metrics): Scrape {
  const ledger = createLedger();
  const workers = new Set<Forked>();
  /** The process metrics of workers that have ended: those that count. */
  let kept: Promise<readonly ProcessMetric[]> = Promise.resolve([]);

  async function renderProcesses(): Promise<string> {
    const primary = await listProcessMetrics();
    let ended: readonly ProcessMetric[];
    let read: typeof kept;
    do {
      read = kept;
      ended = await read;
    } while (read !== kept);
    const running = Array.from(workers, ({ measured }) => measured?.process ?? []);
    return renderMerged([primary.filter(isNotAboutLag), ...running, ended]);
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
    async render() {
      await Promise.all(Array.from(workers, look));
      const all = ledger.total();
      all.absorb(own.snapshot(), "all");
      const clients = Array.from(workers, ({ measured }) => measured?.clients ?? []);
      all.apiUniqueClients.set(all.apiUniqueClients.open([]), new Set(clients.flat()).size);
      return `${await all.render()}\n${await renderProcesses()}`;
    },
  };
}

/** Has a worker save what it has measured. One that is gone, or is late, has saved what it had. */
async function look(worker: Forked): Promise<void> {
  // One that has not begun has measured nothing, and does not answer soon.
  if (worker.started === undefined) return;
  const patience = new AbortController();
  const late = sleep(PATIENCE_MS, undefined, { signal: patience.signal, ref: false });
  const measured = worker.channel.ask("measure");
  await Promise.race([measured, late])
    .then((answer) => (worker.measured = answer ?? worker.measured))
    .catch(() => {});
  patience.abort();
  await Promise.allSettled([late]);
}

/** The primary's event loop has no requests to keep waiting. */
function isNotAboutLag({ name }: ProcessMetric): boolean {
  return !name.startsWith("nodejs_eventloop_lag");
}
