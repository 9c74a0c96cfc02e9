import type { Clock } from "../kernel/clock.ts";
import { toMessage } from "../kernel/errors.ts";
import { createSeriesStore } from "../series/create-series-store.ts";
import { openHistoryFolder } from "../series/history-folder.ts";
import type { Log } from "../series/log.ts";
import type { SeriesStore } from "../series/series-store.ts";
import type { MonitorOptions } from "./options.ts";

/** The store of the monitor, with what it had before when it keeps that. */
interface History {
  readonly store: SeriesStore;
  close(): void;
}

const HOUR_MS = 3_600_000;

/** A folder that cannot be had is logged, and memory does alone. */
export function openHistory(options: MonitorOptions, log: Log, clock: Clock): History {
  const retentionMs = options.retention * HOUR_MS;
  const store = createSeriesStore({ retentionMs, maxSeries: options.maxSeries });
  if (!options.persist) return { store, close: () => {} };
  try {
    const folder = openHistoryFolder(options.dataDir, store, { retentionMs, log }, clock.nowMs());
    return { store, close: () => folder[Symbol.dispose]() };
  } catch (error) {
    log.warn(`history is kept in memory alone: ${toMessage(error)}`);
    return { store, close: () => {} };
  }
}
