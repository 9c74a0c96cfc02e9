import { join } from "node:path";
import type { Clock } from "../kernel/clock.ts";
import { toMessage } from "../kernel/errors.ts";
import { createSeriesStore } from "./store/create-series-store.ts";
import {
  openHistoryFolder,
  type FolderStatistics,
  type HistoryFolder,
} from "./disk/history-folder.ts";
import { createHttpTarget } from "./scrape/http-target.ts";
import type { Log } from "./log.ts";
import { createFutureGuard } from "./set-aside-future.ts";
import type { SeriesOptions } from "./options.ts";
import { parseScrapeItem } from "./scrape/scrape-option.ts";
import { startScrapeLoop, type TargetStatus } from "./scrape/scrape-loop.ts";
import type { SeriesLimits } from "./store/series-limits.ts";
import type { AppendResult, SeriesStore } from "./store/series-store.ts";
import type { Target } from "./scrape/target.ts";

export interface MonitorStoreParts {
  readonly options: SeriesOptions;
  /** The server's own registry: a target besides those of `--scrape`. Its counters start at 0 with the server. */
  readonly own: Target;
  /** Time before the server counted anything; undefined if this is not its first store. */
  readonly zeroMs: number | undefined;
  /** Returns the kind of a series, which decides its limit. */
  readonly kindOf: SeriesLimits["kindOf"];
  readonly clock: Clock;
  readonly log: Log;
}

/** The history of a server: scraped, persisted and queryable. */
export interface MonitorStore extends AsyncDisposable {
  readonly store: SeriesStore;
  /** In the order of the options. */
  targets(): TargetStatus[];
  /** Scrapes the server once more: it has replied to its last request. */
  finish(): Promise<void>;
  /** Statistics of the history on disk; undefined without persistence. */
  diskStatistics(): FolderStatistics | undefined;
}

const HOUR_MS = 3_600_000;
const FOLDER = "history";

/**
 * Opens the history of the data folder, or falls back to memory, and starts to scrape. Call it in the thread that
 * answers queries: it reads files and compresses samples without yielding.
 */
export function createMonitorStore({
  options,
  own,
  zeroMs,
  kindOf,
  clock,
  log,
}: MonitorStoreParts): MonitorStore {
  const retentionMs = options.retention * HOUR_MS;
  const { maxSeries, maxDriftSeries } = options;
  const store = createSeriesStore({ retentionMs, maxSeries, maxDriftSeries, kindOf });
  let folder: HistoryFolder | undefined;
  if (options.persist) {
    try {
      const path = join(options.dataDir, FOLDER);
      folder = openHistoryFolder(path, store, { retentionMs, log }, clock.nowMs());
    } catch (error) {
      log.warn(`history is kept in memory only: ${toMessage(error)}`);
    }
  }
  const guard = createFutureGuard(store, clock, log);
  // Also samples of an earlier process.
  guard();
  const warnAboutLimits = createLimitWarnings(options, log);
  const guarded: SeriesStore = {
    ...store,
    append(group, timeMs, samples) {
      guard();
      const result = store.append(group, timeMs, samples);
      warnAboutLimits(result);
      return result;
    },
  };
  const named = options.scrape.flatMap((item) => {
    const parsed = parseScrapeItem(item);
    return parsed === undefined ? [] : [createHttpTarget(parsed)];
  });
  const intervalMs = Math.round(options.scrapeInterval * 1_000);
  const loops = dropDuplicates([own, ...named], log).map((target) => {
    const zeros = target === own ? { zeros: { atMs: zeroMs } } : {};
    return startScrapeLoop(target, guarded, { intervalMs, ...zeros }, clock);
  });
  return {
    store: guarded,
    targets: () => loops.map((loop) => loop.status()),
    diskStatistics: () => folder?.statistics(),
    async finish() {
      await loops[0]?.finish();
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(loops.map((loop) => loop.close()));
      folder?.[Symbol.dispose]();
    },
  };
}

/** Returns a function that logs once for each limit that an append has reached. */
function createLimitWarnings(
  { maxSeries, maxDriftSeries }: SeriesOptions,
  log: Log,
): (result: AppendResult) => void {
  const seen = new Set<string>();
  const warn = (option: string, message: string): void => {
    if (seen.has(option)) return;
    seen.add(option);
    log.warn(`${message} Raise ${option}; each series takes about 1 kB of memory, or more.`);
  };
  return ({ aboveCap, aboveDriftCap }) => {
    if (aboveCap > 0) {
      warn(
        "--max-series",
        `The history has ${maxSeries} series and stores no new ones: ${aboveCap} samples of a scrape or a rule were dropped.`,
      );
    }
    if (aboveDriftCap > 0) {
      warn(
        "--max-drift-series",
        `The history has ${maxDriftSeries} series of features and stores no new ones: ${aboveDriftCap} samples of a scrape or a rule were dropped. The drift of some features is not watched.`,
      );
    }
  };
}

/** Two targets with the same job and instance would write the same series. */
function dropDuplicates(targets: readonly Target[], log: Log): Target[] {
  const seen = new Set<string>();
  return targets.filter(({ job, instance, url }) => {
    const key = JSON.stringify([job, instance]);
    if (!seen.has(key)) return Boolean(seen.add(key));
    log.warn(`${url} is not scraped: another target has job ${job} at ${instance} already`);
    return false;
  });
}
