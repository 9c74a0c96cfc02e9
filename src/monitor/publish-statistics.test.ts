import { expect, it } from "vitest";
import { createMetrics } from "../metrics/create-metrics.ts";
import type { MonitorStatistics } from "./monitor.ts";
import { createStatisticsPublisher } from "./publish-statistics.ts";

const createStatistics = (samples: number, aboveLimit: number): MonitorStatistics => ({
  series: samples,
  bytes: 2 * samples,
  samples,
  remoteWrite: undefined,
  dropped: { series_limit: aboveLimit, drift_limit: 0, duplicate: 1, late: 0, ahead: 0 },
});

it("adds up the counters of consecutive threads, and replaces gauges", async () => {
  const metrics = createMetrics({ process: false });
  const publish = createStatisticsPublisher(metrics);
  for (const [samples, aboveLimit] of [
    [10, 0],
    [15, 2],
    [15, 3],
    // A new thread starts at 0.
    [4, 1],
    [6, 1],
  ] as const) {
    publish(createStatistics(samples, aboveLimit));
  }
  const exposition = await metrics.render();
  const read = (series: string): string | undefined =>
    exposition
      .split("\n")
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length + 1);
  expect(read("tepal_monitor_series")).toBe("6");
  expect(read("tepal_monitor_samples_total")).toBe("21");
  expect(read('tepal_monitor_samples_dropped_total{reason="series_limit"}')).toBe("4");
  expect(read('tepal_monitor_samples_dropped_total{reason="duplicate"}')).toBe("1");
});
