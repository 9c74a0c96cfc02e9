import { describe, expect, it } from "vitest";
import type { LogLine } from "../../../src/load/contract/log-line.ts";
import type { RunReport, SeriesPoint } from "../../../src/load/contract/report.ts";
import type { RunPlan } from "../../../src/load/contract/plan.ts";
import { appendPoints, FIRST_STATE, mergeSecond, reduceLive } from "./live-state.ts";

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
const TIME = {
  count: 0,
  mean_ms: 0,
  min_ms: 0,
  max_ms: 0,
  p50_ms: 0,
  p66_ms: 0,
  p75_ms: 0,
  p80_ms: 0,
  p90_ms: 0,
  p95_ms: 0,
  p98_ms: 0,
  p99_ms: 0,
  p999_ms: 0,
  p9999_ms: 0,
};
const PLAN: RunPlan = {
  host: "http://127.0.0.1:8000",
  profile: { kind: "users", users: 1, spawn_rate: 1 },
  run_time_seconds: null,
  user_classes: [],
  tags: [],
  exclude_tags: [],
  thresholds: [],
  workers: 1,
  seed: 1,
  stop_timeout_seconds: 5,
};
const REPORT: RunReport = {
  id: "",
  state: "running",
  started_at_ms: 0,
  ended_at_ms: null,
  elapsed_seconds: 0,
  plan: PLAN,
  users: 0,
  users_by_class: {},
  stage: "",
  endpoints: [],
  total: {
    method: "",
    name: "",
    requests: 0,
    failures: 0,
    abandoned: 0,
    requests_per_second: 0,
    failures_per_second: 0,
    current_requests_per_second: 0,
    current_failures_per_second: 0,
    received_bytes: 0,
    service_time: TIME,
    response_time: null,
    failure_time: TIME,
  },
  failures: [],
  exceptions: [],
  series: [],
  marks: [],
  thresholds: [],
  generator: {
    processes: 1,
    lateness_p99_ms: 0,
    utilisation_max: 0,
    utilisation_mean: 0,
    cpu_seconds: 0,
    memory_bytes: 0,
    dropped: 0,
    invalid: null,
  },
  recovery: null,
  notes: [],
  verdict: null,
};
const elapsed = (series: readonly SeriesPoint[]) => series.map((each) => each.elapsed_seconds);

describe("merging a second", () => {
  it("appends new points, and keeps lists without new points", () => {
    const series = [point(1), point(2)];
    expect(elapsed(appendPoints(series, [point(3), point(4)]))).toEqual([1, 2, 3, 4]);
    expect(appendPoints(series, [])).toBe(series);
  });

  it("replaces a repeated point", () => {
    const merged = appendPoints([point(1), point(2, 5)], [point(2, 7), point(3)]);
    expect(elapsed(merged)).toEqual([1, 2, 3]);
    expect(merged[1]?.users).toBe(7);
  });

  it("starts over after a reset of the time", () => {
    expect(elapsed(appendPoints([point(1), point(2), point(3)], [point(1)]))).toEqual([1]);
  });

  it("does not mix two runs", () => {
    const { series: _, ...report } = REPORT;
    const before = { ...REPORT, id: "a", series: [point(1), point(2)] };
    const merged = mergeSecond(before, { ...report, id: "b", points: [point(3)], users: 4 });
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

  it("keeps log lines that arrived before the document, each once", () => {
    const document = {
      version: "1.2.3",
      script: { path: "a.ts", user_classes: [], has_shape: false, thresholds: [] },
      defaults: REPORT.plan,
      plan_fields: [],
      profiles: [],
      report: REPORT,
      logs: [line(1), line(2)],
    };
    const before = { ...FIRST_STATE, logs: [line(1), line(3)] };
    const state = reduceLive(before, { type: "document", document });
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
