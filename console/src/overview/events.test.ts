import { describe, expect, it } from "vitest";
import type { Labels, MatrixSeries } from "../prometheus/client.ts";
import { listEvents } from "./events.ts";
import { toModelLink } from "./links.ts";

const RANGE = { startSeconds: 1_000, stepSeconds: 10, endSeconds: 2_000 };
const series = (metric: Labels, ...values: (readonly [number, number])[]): MatrixSeries => ({
  metric,
  values: values.map(([time, value]) => [time, String(value)]),
});
const IRIS = { model: "iris", version: "1" };

describe("listEvents", () => {
  it("lists starts with their models, and later loads, newest first", () => {
    const events = listEvents(
      {
        starts: [series({}, [1_000, 500], [1_010, 500], [1_500, 1_490.4], [1_510, 1_490.4])],
        loads: [
          series(IRIS, [1_000, 502], [1_500, 1_491.2]),
          series({ model: "iris", version: "2" }, [1_900, 1_888]),
        ],
        alerts: [],
      },
      RANGE,
    );
    expect(events).toEqual([
      {
        timeMs: 1_888_000,
        kind: "model",
        text: "Loaded iris version 2",
        href: toModelLink("iris"),
      },
      { timeMs: 1_490_000, kind: "start", text: "Server started with iris version 1" },
    ]);
  });

  it("lists when an alert began and ended, but not at the bounds of the range", () => {
    const times = [1_000, 1_010, 1_200, 1_210, 1_220, 1_990, 2_000];
    const metric = { alertname: "FeatureDrift", feature: "petal_length", model: "iris" };
    const alerts = [series(metric, ...times.map((time) => [time, 1] as const))];
    const events = listEvents({ starts: [], loads: [], alerts }, RANGE);
    expect(events.map(({ timeMs, kind, text }) => [timeMs / 1_000, kind, text])).toEqual([
      [1_990, "drift", "FeatureDrift of petal_length fires"],
      [1_230, "end", "FeatureDrift of petal_length ended"],
      [1_200, "drift", "FeatureDrift of petal_length fires"],
      [1_020, "end", "FeatureDrift of petal_length ended"],
    ]);
  });
});
