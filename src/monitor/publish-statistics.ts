import type { Metrics } from "../metrics/metrics.ts";
import type { DropReason, MonitorStatistics } from "./monitor.ts";

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

  return (statistics) => {
    metrics.monitorSeries.set(series, statistics.series);
    metrics.monitorBytes.set(bytes, statistics.bytes);
    metrics.monitorSamples.add(samples, toIncrease(statistics.samples, last?.samples));
    for (const [i, reason] of REASONS.entries()) {
      const increase = toIncrease(statistics.dropped[reason], last?.dropped[reason]);
      metrics.monitorSamplesDropped.add(dropped[i]!, increase);
    }
    last = statistics;
  };
}

/** Returns the increase of a count since the last statistics. A lower count comes from a new thread, which started at 0. */
function toIncrease(now: number, before: number | undefined): number {
  return before === undefined || now < before ? now : now - before;
}
