import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatDuration, parseDuration } from "./duration.ts";

const LENIENT = { bareSeconds: true, fractions: true };

describe("parseDuration", () => {
  it.each([
    ["0", 0],
    ["500ms", 500],
    ["90s", 90_000],
    ["5m", 300_000],
    ["1h30m", 5_400_000],
    ["2d", 172_800_000],
    ["1w", 604_800_000],
    ["1y2w3d4h5m6s7ms", 33_019_506_007],
  ])("reads %j as %d ms", (written, ms) => {
    expect(parseDuration(written)).toBe(ms);
    expect(parseDuration(written, LENIENT)).toBe(ms);
  });

  it.each([
    ["90", 90_000],
    ["1h30", 3_630_000],
    ["0.5s", 500],
    ["1.5h", 5_400_000],
    ["1.005", 1_005],
    ["55ms", 55],
    ["0.1ms", 0.1],
  ])("reads %j as %d ms if bare seconds and fractions are allowed", (written, ms) => {
    expect(parseDuration(written, LENIENT)).toBe(ms);
    expect(parseDuration(written)).toBe(written.endsWith("55ms") ? ms : undefined);
  });

  it.each(["", " ", "soon", "5x", "-3", "m", "1m2h", "1m1m", "1e3", "1 m", "1h 30m", "١s", ".5s"])(
    "rejects %j",
    (written) => {
      expect(parseDuration(written)).toBeUndefined();
      expect(parseDuration(written, LENIENT)).toBeUndefined();
    },
  );

  it("rejects durations that 64 bits of nanoseconds cannot hold", () => {
    expect(parseDuration("292y")).toBe(292 * 365 * 24 * 3_600_000);
    expect(parseDuration("293y")).toBeUndefined();
    expect(parseDuration(`${"9".repeat(400)}s`)).toBeUndefined();
  });
});

describe("formatDuration", () => {
  it.each([
    [0, "0s"],
    [1, "1ms"],
    [1_500, "1s500ms"],
    [59_000, "59s"],
    [5_400_000, "1h30m"],
    [86_401_000, "1d1s"],
    [0.5, "0.5ms"],
  ])("formats %d ms as %j", (ms, written) => {
    expect(formatDuration(ms)).toBe(written);
  });

  it("formats what parseDuration reads as the same duration", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 2 ** 43 }), (ms) => {
        expect(parseDuration(formatDuration(ms))).toBe(ms);
      }),
    );
  });
});
