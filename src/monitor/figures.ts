import type { Metrics } from "../metrics/metrics.ts";
import type { Figures } from "./monitor.ts";

const REASONS = ["series_limit", "duplicate", "late"] as const;

/** Shows a thread's figures as metrics: what it counts since it began adds up over several threads. */
export function createFigures(metrics: Metrics): (figures: Figures) => void {
  const series = metrics.monitorSeries.open([]);
  const bytes = metrics.monitorBytes.open([]);
  const samples = metrics.monitorSamples.open([]);
  const dropped = REASONS.map((reason) => metrics.monitorSamplesDropped.open([reason]));
  let last: Figures | undefined;

  return (figures) => {
    metrics.monitorSeries.set(series, figures.series);
    metrics.monitorBytes.set(bytes, figures.bytes);
    metrics.monitorSamples.add(samples, grow(figures.samples, last?.samples));
    for (const [i, reason] of REASONS.entries()) {
      const growth = grow(figures.dropped[reason], last?.dropped[reason]);
      metrics.monitorSamplesDropped.add(dropped[i]!, growth);
    }
    last = figures;
  };
}

/** What has come to a count since the last figures; a thread that replaced another begins at 0. */
function grow(now: number, before: number | undefined): number {
  return before === undefined || now < before ? now : now - before;
}
