import { describe, expect, it } from "vitest";
import { parseDuration, toDurationText } from "./duration.ts";

describe("durations as people type them", () => {
  it.each([
    ["90", 90],
    ["90s", 90],
    ["5m", 300],
    ["5 min", 300],
    ["1h30m", 5_400],
    [" 1 H 2 M 3 S ", 3_723],
    ["0.5s", 0.5],
  ])("%j is %d s", (text, seconds) => {
    expect(parseDuration(text)).toBe(seconds);
  });

  it.each(["", "soon", "5x", "-3", "m", "1m2h", "1e3"])("%j is none", (text) => {
    expect(parseDuration(text)).toBeNull();
  });

  it.each([0, 0.5, 1, 59, 60, 90, 3_600, 5_400, 86_401])("reads what it wrote: %d s", (seconds) => {
    expect(parseDuration(toDurationText(seconds))).toBe(seconds);
  });
});
