import { describe, expect, it } from "vitest";
import type { LogLine } from "../../../src/load/load.ts";
import type { RunReport, SeriesPoint } from "../../../src/load/report.ts";
import { appendPoints, FIRST_STATE, mergeSecond, reduceLive } from "./live-state.ts";
import type { SecondUpdate } from "./types.ts";

const point = (elapsed: number, users = 1): SeriesPoint => ({
  elapsed_seconds: elapsed,
  users,
  requests_per_second: 1,
  failures_per_second: 0,
  p50_ms: 1,
  p95_ms: 1,
  p99_ms: 1,
  dropped: 0,
  lateness_p99_ms: 0,
  utilisation: 0,
});
const elapsed = (series: readonly SeriesPoint[]) => series.map((each) => each.elapsed_seconds);

describe("merging a second", () => {
  it("puts new points behind the old ones, and keeps what nothing was added to", () => {
    const series = [point(1), point(2)];
    expect(elapsed(appendPoints(series, [point(3), point(4)]))).toEqual([1, 2, 3, 4]);
    expect(appendPoints(series, [])).toBe(series);
  });

  it("takes a point that comes again once, as it came last", () => {
    const merged = appendPoints([point(1), point(2, 5)], [point(2, 7), point(3)]);
    expect(elapsed(merged)).toEqual([1, 2, 3]);
    expect(merged[1]?.users).toBe(7);
  });

  it("begins anew when time does", () => {
    expect(elapsed(appendPoints([point(1), point(2), point(3)], [point(1)]))).toEqual([1]);
  });

  it("does not mix two runs", () => {
    const before = { id: "a", series: [point(1), point(2)] } as unknown as RunReport;
    const update = { id: "b", points: [point(3)], users: 4 } as unknown as SecondUpdate;
    const merged = mergeSecond(before, update);
    expect(elapsed(merged.series)).toEqual([3]);
    expect(merged).toMatchObject({ id: "b", users: 4 });
    expect(merged).not.toHaveProperty("points");
  });
});

describe("logs", () => {
  const line = (time: number): LogLine => ({
    time_ms: time,
    level: "info",
    generator: null,
    message: `line ${time}`,
  });

  it("keeps lines that came while the document was on its way, each once", () => {
    const state = reduceLive({ ...FIRST_STATE, logs: [line(1), line(3)] }, {
      type: "document",
      document: { logs: [line(1), line(2)] },
    } as never);
    expect(state.logs.map(({ time_ms: time }) => time)).toEqual([1, 2, 3]);
  });

  it("keeps the last 1,000", () => {
    let state = FIRST_STATE;
    for (let time = 0; time < 1_005; time++)
      state = reduceLive(state, { type: "log", line: line(time) });
    expect(state.logs).toHaveLength(1_000);
    expect(state.logs[0]?.time_ms).toBe(5);
  });
});
