import { describe, expect, it } from "vitest";
import { toHistoryQuery, toHistoryRange, toTimelines } from "./alert-history.ts";

const MINUTE_MS = 60_000;

describe("the history of an alert", () => {
  it("covers a day in steps that have an evaluation each", () => {
    const nowMs = Date.UTC(2026, 0, 2, 12, 0, 10);
    const range = toHistoryRange(nowMs, 15);
    expect(range).toEqual({
      fromMs: Date.UTC(2026, 0, 1, 12, 0, 30),
      toMs: Date.UTC(2026, 0, 2, 12, 0, 30),
      stepMs: 30_000,
    });
    expect(toHistoryRange(nowMs, 60).stepMs).toBe(120_000);
    // A young history has finer steps.
    expect(toHistoryRange(nowMs, 0.5, nowMs - 10_500)).toEqual({
      fromMs: nowMs - 11_000,
      toMs: nowMs,
      stepMs: 1_000,
    });
    expect(toHistoryQuery({ name: 'a"b' }, range)).toBe(
      'max_over_time(ALERTS{alertname="a\\"b"}[30s])',
    );
    const labels = { severity: "critical", team: "{{ $labels.team }}" };
    expect(toHistoryQuery({ name: "A", labels }, range)).toBe(
      'max_over_time(ALERTS{alertname="A",severity="critical"}[30s])',
    );
  });

  it("joins the points of a state to spans, for each alert", () => {
    const toPoints = (...minutes: readonly number[]) =>
      minutes.map((minute) => [minute * 60, "1"] as const);
    const range = { fromMs: 0, toMs: 20 * MINUTE_MS, stepMs: MINUTE_MS };
    const metric = { __name__: "ALERTS", alertname: "A", instance: "b" };
    const timelines = toTimelines(
      [
        { metric: { ...metric, alertstate: "pending" }, values: toPoints(3, 4, 11) },
        { metric: { ...metric, alertstate: "firing" }, values: toPoints(5, 6, 7, 19, 20) },
        { metric: { alertname: "A", alertstate: "firing" }, values: toPoints(9) },
        { metric: { alertname: "A", alertstate: "other" }, values: toPoints(9) },
      ],
      range,
    );
    const toSpan = (state: string, from: number, to: number, isOpen = false) => ({
      state,
      fromMs: from * MINUTE_MS,
      toMs: to * MINUTE_MS,
      isOpen,
    });
    expect(timelines).toEqual([
      {
        labels: { alertname: "A", instance: "b" },
        spans: [
          toSpan("pending", 2, 4),
          toSpan("firing", 4, 7),
          toSpan("pending", 10, 11),
          toSpan("firing", 18, 20, true),
        ],
      },
      { labels: { alertname: "A" }, spans: [toSpan("firing", 8, 9)] },
    ]);
  });
});
