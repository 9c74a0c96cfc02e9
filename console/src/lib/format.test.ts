import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatChange,
  formatClock,
  formatCount,
  formatMs,
  formatNumber,
  formatPlural,
  formatPoints,
  formatShare,
  formatSpan,
} from "./format.ts";

describe("formats of numbers", () => {
  it.each([
    [0, "0"],
    [0.001, "<0.01"],
    [0.25, "0.25"],
    [9.994, "9.99"],
    [9.996, "10.0"],
    [48.26, "48.3"],
    [99.96, "100"],
    [1_234.5, "1,235"],
    [-3.21, "−3.21"],
    [Number.NaN, "–"],
  ])("rounds %d to three digits: %s", (value, text) => {
    expect(formatNumber(value)).toBe(text);
  });

  it("formats counts as integers", () => {
    expect(formatCount(12_345)).toBe("12,345");
    expect(formatPlural(1, "process", "processes")).toBe("1 process");
    expect(formatPlural(2_000, "request")).toBe("2,000 requests");
  });

  it.each([
    [null, "–"],
    [0.42, "0.42 ms"],
    [12.34, "12.3 ms"],
    [999.4, "999 ms"],
    [1_500, "1.50 s"],
    [61_000, "61.0 s"],
  ])("gives %s ms its unit: %s", (value, text) => {
    expect(formatMs(value)).toBe(text);
  });

  it.each([
    [0, "0 %"],
    [0.000_01, "<0.01 %"],
    [0.0035, "0.35 %"],
    [0.145, "14.5 %"],
    [0.999_99, ">99.99 %"],
    [1, "100 %"],
    [Number.NaN, "–"],
  ])("never rounds a share to 0 % or 100 %: %d is %s", (share, text) => {
    expect(formatShare(share)).toBe(text);
  });

  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1_000, "1.00 kB"],
    [48_300_000, "48.3 MB"],
    [999_600_000, "1.00 GB"],
  ])("%d bytes are %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });
});

describe("spans", () => {
  it.each([
    [0, "0:00"],
    [7.9, "0:07"],
    [750, "12:30"],
    [3_723, "1:02:03"],
    [-1, "0:00"],
  ])("%d s on a clock are %s", (seconds, text) => {
    expect(formatClock(seconds)).toBe(text);
  });

  it.each([
    [0.5, "0.5 s"],
    [30, "30 s"],
    [90, "1 min 30 s"],
    [5_400, "1 h 30 min"],
  ])("%d s in words are %s", (seconds, text) => {
    expect(formatSpan(seconds)).toBe(text);
  });
});

describe("changes", () => {
  it.each([
    [10, 12, "+20.0 %"],
    [10, 9.6, "−4.0 %"],
    [10, 10.001, "0 %"],
    [2, 25, "×12.5"],
    [0, 0, "0 %"],
    [0, 5, "–"],
  ])("from %d to %d is %s", (base, value, text) => {
    expect(formatChange(base, value)).toBe(text);
  });

  it("of shares are in percentage points", () => {
    expect(formatPoints(0, 0.145)).toBe("+14.50 points");
    expect(formatPoints(0.02, 0.01)).toBe("−1.00 points");
    expect(formatPoints(0.02, 0.02)).toBe("0");
  });
});
