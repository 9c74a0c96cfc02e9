import type { Metrics } from "../metrics/metrics.ts";
import type { DropReason, MonitorStatistics } from "./monitor.ts";
import type { RemoteWriteStatistics } from "./remote-write/remote-write.ts";

const REASONS = [
  "series_limit",
  "drift_limit",
  "duplicate",
  "late",
  "ahead",
] as const satisfies readonly DropReason[];

/** Creates a function that sets the monitor's metrics. Counters add up over restarts of the thread. */
export function createStatisticsPublisher(
  metrics: Metrics,
): (statistics: MonitorStatistics) => void {
  const series = metrics.monitorSeries.open([]);
  const bytes = metrics.monitorBytes.open([]);
  const samples = metrics.monitorSamples.open([]);
  const dropped = REASONS.map((reason) => metrics.monitorSamplesDropped.open([reason]));
  let last: MonitorStatistics | undefined;
  let remote: ReturnType<typeof createRemoteWritePublisher> | undefined;

  return (statistics) => {
    metrics.monitorSeries.set(series, statistics.series);
    metrics.monitorBytes.set(bytes, statistics.bytes);
    metrics.monitorSamples.add(samples, toIncrease(statistics.samples, last?.samples));
    for (const [i, reason] of REASONS.entries()) {
      const increase = toIncrease(statistics.dropped[reason], last?.dropped[reason]);
      metrics.monitorSamplesDropped.add(dropped[i]!, increase);
    }
    if (statistics.remoteWrite !== undefined) {
      // Only a monitor with a receiver has these series.
      remote ??= createRemoteWritePublisher(metrics);
      remote(statistics.remoteWrite, last?.remoteWrite);
    }
    last = statistics;
  };
}

function createRemoteWritePublisher(
  metrics: Metrics,
): (now: RemoteWriteStatistics, before: RemoteWriteStatistics | undefined) => void {
  const sent = metrics.remoteWriteSamples.open([]);
  const failed = metrics.remoteWriteSamplesLost.open(["failed"]);
  const dropped = metrics.remoteWriteSamplesLost.open(["dropped"]);
  const retries = metrics.remoteWriteRetries.open([]);
  const pending = metrics.remoteWritePending.open([]);
  const lag = metrics.remoteWriteLag.open([]);
  return (now, before) => {
    metrics.remoteWriteSamples.add(sent, toIncrease(now.sent, before?.sent));
    metrics.remoteWriteSamplesLost.add(failed, toIncrease(now.failed, before?.failed));
    metrics.remoteWriteSamplesLost.add(dropped, toIncrease(now.dropped, before?.dropped));
    metrics.remoteWriteRetries.add(retries, toIncrease(now.retries, before?.retries));
    metrics.remoteWritePending.set(pending, now.pending);
    metrics.remoteWriteLag.set(lag, now.lagSeconds);
  };
}

/** Returns the increase of a count since the last statistics. A lower count comes from a new thread, which started at 0. */
function toIncrease(now: number, before: number | undefined): number {
  return before === undefined || now < before ? now : now - before;
}
