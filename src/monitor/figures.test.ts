import { expect, it } from "vitest";
import { createMetrics } from "../metrics/create-metrics.ts";
import { createFigures } from "./figures.ts";
import type { Figures } from "./monitor.ts";

const figures = (samples: number, aboveLimit: number): Figures => ({
  series: samples,
  bytes: 2 * samples,
  samples,
  dropped: { series_limit: aboveLimit, duplicate: 1, late: 0 },
});

it("what several threads counted adds up, and what they hold does not", async () => {
  const metrics = createMetrics({ process: false });
  const show = createFigures(metrics);
  for (const [samples, aboveLimit] of [
    [10, 0],
    [15, 2],
    [15, 3],
    // Another thread begins anew.
    [4, 1],
    [6, 1],
  ] as const) {
    show(figures(samples, aboveLimit));
  }
  const page = await metrics.render();
  const read = (series: string): string | undefined =>
    page
      .split("\n")
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length + 1);
  expect(read("tepal_monitor_series")).toBe("6");
  expect(read("tepal_monitor_samples_total")).toBe("21");
  expect(read('tepal_monitor_samples_dropped_total{reason="series_limit"}')).toBe("4");
  expect(read('tepal_monitor_samples_dropped_total{reason="duplicate"}')).toBe("1");
});
