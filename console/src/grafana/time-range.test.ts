import { describe, expect, it } from "vitest";
import { alignRange, formatInterval, parseInterval } from "./interval.ts";
import { describeRange, parseTime, resolveRange, widenRange } from "./time-range.ts";

const NOW = new Date(2026, 10, 28, 13, 30, 15, 500).getTime();
const local = (...parts: readonly [number, number, number, number?, number?]): number =>
  new Date(parts[0], parts[1], parts[2], parts[3] ?? 0, parts[4] ?? 0).getTime();

describe("time ranges", () => {
  it.each([
    ["now", false, NOW],
    ["now-1h", false, NOW - 3_600_000],
    ["now-1d/d", false, local(2026, 10, 27)],
    ["now/d", true, local(2026, 10, 29) - 1],
    ["now/w", false, local(2026, 10, 23)],
    ["now/M", false, local(2026, 10, 1)],
    ["now-1h/h", false, local(2026, 10, 28, 12)],
    ["1795869015500", false, 1_795_869_015_500],
    ["2026-11-28 13:30", false, local(2026, 10, 28, 13, 30)],
    ["now-1x", false, undefined],
    ["yesterday", false, undefined],
  ])("parse %s", (text, isEnd, expected) => {
    expect(parseTime(text, NOW, isEnd)).toBe(expected);
  });

  it("are not empty", () => {
    expect(resolveRange({ from: "now-5m", to: "now" }, NOW)).toEqual({
      from: NOW - 300_000,
      to: NOW,
    });
    expect(resolveRange({ from: "now", to: "now-5m" }, NOW)).toBeUndefined();
  });

  it("have names", () => {
    expect(describeRange({ from: "now-30m", to: "now" })).toBe("Last 30 minutes");
    expect(describeRange({ from: "now-1h", to: "now" })).toBe("Last hour");
    expect(describeRange({ from: "now-1h", to: "now-5m" })).toBeUndefined();
  });

  it("are aligned in local time", () => {
    const day = 86_400_000;
    expect(alignRange({ from: day + 1, to: 2 * day + 1 }, day, 3_600_000)).toEqual({
      from: day - 3_600_000,
      to: 2 * day - 3_600_000,
    });
  });
});

describe("intervals", () => {
  it.each([
    ["30s", 30_000],
    ["1h30m", 5_400_000],
    [">10s", 10_000],
    ["15", 15_000],
    ["1.5m", 90_000],
    ["$x", undefined],
    ["", undefined],
  ])("parse %j", (text, expected) => {
    expect(parseInterval(text)).toBe(expected);
  });

  it("have one unit, without the rest", () => {
    expect([500, 15_000, 90_000, 7_200_000, 86_400_000].map(formatInterval)).toEqual([
      "500ms",
      "15s",
      "1m",
      "2h",
      "1d",
    ]);
  });
});

describe("a wider range", () => {
  it("has twice the length around the middle, and ends now at the latest", () => {
    expect(widenRange({ from: 1_000, to: 2_000 }, 9_000)).toEqual({ from: 500, to: 2_500 });
    expect(widenRange({ from: 1_000, to: 2_000 }, 2_100)).toEqual({ from: 100, to: 2_100 });
    expect(widenRange({ from: 1_000, to: 2_000 }, 1_500)).toEqual({ from: 0, to: 2_000 });
  });
});
