import { describe, expect, it } from "vitest";
import { interpolate, toSpan, toValues, type TimedValue } from "./server-measurements.ts";

const START_MS = 1_700_000_000_000;
const START = START_MS / 1_000;

describe("the history of a run", () => {
  const run = (seconds: number | null) =>
    ({
      started_at_ms: START_MS,
      ended_at_ms: seconds === null ? null : START_MS + seconds * 1_000,
    }) as Parameters<typeof toSpan>[0];

  it("ends now while the run is in progress, and later than the run by a window", () => {
    expect(toSpan(run(null), 5, START_MS + 20_000)).toEqual({
      start: START,
      end: START + 20,
      step: 5,
      window: 15,
    });
    expect(toSpan(run(60), 5, START_MS + 3_600_000).end).toBe(START + 75);
    expect(toSpan(run(60), 5, START_MS + 62_000).end).toBe(START + 62);
  });

  it("has at most a thousand values", () => {
    const { start, end, step } = toSpan(run(86_400), 5, START_MS + 90_000_000);
    expect((end - start) / step).toBeLessThanOrEqual(1_000);
  });
});

describe("values of the server", () => {
  const span = { start: START, end: START + 60, step: 5, window: 15 };
  const series = [
    {
      metric: {},
      values: [
        [START, "NaN"],
        [START + 5, "1"],
        [START + 10, "+Inf"],
        [START + 15, "3"],
      ] as const,
    },
  ];

  it("lie in the middle of their window", () => {
    expect(toValues(series, span, { isOfWindow: true })).toEqual([
      [-2.5, 1],
      [7.5, 3],
    ]);
    expect(toValues(series, span, { isOfWindow: false })).toEqual([
      [5, 1],
      [15, 3],
    ]);
    expect(toValues([], span, { isOfWindow: true })).toEqual([]);
  });

  it("are interpolated between two scrapes, and end with them", () => {
    const values: readonly TimedValue[] = [
      [0, 10],
      [5, 20],
      [10, 0],
    ];
    expect(interpolate(values, [-6, -1, 0, 1, 5, 7.5, 10, 14, 16], 5)).toEqual([
      null,
      10,
      10,
      12,
      20,
      10,
      0,
      0,
      null,
    ]);
    expect(interpolate([], [1], 5)).toEqual([null]);
  });

  it("have a gap where scrapes are missing", () => {
    const values: readonly TimedValue[] = [
      [0, 1],
      [20, 2],
    ];
    expect(interpolate(values, [0, 4, 6, 19, 20], 5)).toEqual([1, 1, null, null, 2]);
  });
});
