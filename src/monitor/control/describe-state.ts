import type { FolderStatistics } from "../../series/disk/history-folder.ts";
import type { StoreStatistics } from "../../series/store/series-store.ts";
import type { MonitorOptions } from "../options.ts";
import type { RemoteWriteStatistics } from "../remote-write/remote-write.ts";

/** Describes the size of the history. @param disk undefined for a history in memory */
export function describeHistory(
  store: StoreStatistics,
  disk: FolderStatistics | undefined,
  { maxSeries, maxDriftSeries, retention }: MonitorOptions,
): object {
  return {
    series: store.series,
    max_series: maxSeries,
    max_drift_series: maxDriftSeries,
    memory_bytes: store.sampleBytes + store.cacheBytes,
    samples: store.samplesAppended,
    dropped: {
      series_limit: store.samplesAboveCap,
      drift_limit: store.samplesAboveDriftCap,
      duplicate: store.samplesDuplicate,
      late: store.samplesLate,
      ahead: store.samplesAhead,
    },
    retention_seconds: retention * 3_600,
    oldest: toTime(store.oldestMs),
    newest: toTime(store.newestMs),
    disk: disk === undefined ? null : { bytes: disk.bytes, failures: disk.failures },
  };
}

/** @returns null without `--remote-write` */
export function describeRemoteWrite(statistics: RemoteWriteStatistics | undefined): object | null {
  if (statistics === undefined) return null;
  const { sent, failed, dropped, retries, pending, lagSeconds } = statistics;
  return { sent, failed, dropped, retries, pending, lag_seconds: lagSeconds };
}

const toTime = (timeMs: number): string | null =>
  Number.isFinite(timeMs) ? new Date(timeMs).toISOString() : null;
