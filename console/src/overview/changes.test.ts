import { describe, expect, it } from "vitest";
import { findChanges, isComparable, type Hour } from "./changes.ts";

const CALM: Hour = {
  coveredSeconds: 3_600,
  requestRate: 10,
  errorShare: 0.001,
  p95Seconds: 0.004,
  rowRate: 10,
  outlierShare: 0.01,
  classRates: new Map([
    ["setosa", 5],
    ["virginica", 5],
  ]),
  memoryBytes: 100 * 1_048_576,
};
const find = (hour: Partial<Hour>, before: Partial<Hour> = {}) =>
  findChanges({ ...CALM, ...hour }, { ...CALM, ...before }).map(({ text, tone }) => [tone, text]);

describe("findChanges", () => {
  it("is silent about an hour like the one before", () => {
    expect(find({})).toEqual([]);
    expect(find({ requestRate: 10.5, errorShare: 0.0012, outlierShare: 0.0105 })).toEqual([]);
  });

  it.each([
    [{ requestRate: 24 }, ["plain", "Requests rose from 10.0 to 24.0 per second."]],
    [{ requestRate: 2 }, ["plain", "Requests fell from 10.0 to 2.00 per second."]],
    [{ errorShare: 0.02 }, ["bad", "Errors rose from 0.10 % to 2.0 % of requests."]],
    [{ errorShare: 0 }, ["good", "Errors fell from 0.10 % to 0 % of requests."]],
    [{ outlierShare: 0.05 }, ["bad", "Outliers rose from 1.0 % to 5.0 % of rows."]],
    [{ p95Seconds: 0.009 }, ["bad", "The p95 latency rose from 4.00 to 9.00 ms."]],
    [{ memoryBytes: 150 * 1_048_576 }, ["bad", "Memory rose from 100 to 150 MiB."]],
  ] as const)("reports %j", (change, sentence) => {
    expect(find(change)).toEqual([sentence]);
  });

  it("reports classes whose share changed", () => {
    const classRates = new Map([
      ["setosa", 9],
      ["virginica", 1],
    ]);
    expect(find({ classRates }).map(([, text]) => text)).toEqual([
      "Predictions of setosa: 90.0 % of rows, 50.0 % before.",
      "Predictions of virginica: 10.0 % of rows, 50.0 % before.",
    ]);
  });

  it("does not take chance for a change", () => {
    // Two errors in 36 requests instead of none.
    expect(
      find({ requestRate: 0.01, errorShare: 0.05 }, { requestRate: 0.01, errorShare: 0 }),
    ).toEqual([]);
    expect(find({ requestRate: 0.004 }, { requestRate: 0.002 })).toEqual([]);
    expect(find({ requestRate: 0.01, p95Seconds: 1 }, { requestRate: 0.01 })).toEqual([]);
    // Below a millisecond, a bucket more or less is noise.
    expect(find({ p95Seconds: 0.0009 }, { p95Seconds: 0.0004 })).toEqual([]);
  });

  it("compares rates by the time that was measured, and nothing below half an hour", () => {
    expect(find({ coveredSeconds: 1_900, requestRate: 10 * (1_900 / 3_600) })).toEqual([]);
    expect(find({ errorShare: 0.5, coveredSeconds: 1_000 })).toEqual([]);
    expect(isComparable(CALM, { ...CALM, coveredSeconds: 0 })).toBe(false);
  });

  it("has no sentence for a number without a base", () => {
    expect(find({ errorShare: undefined, p95Seconds: undefined, outlierShare: undefined })).toEqual(
      [],
    );
    expect(find({ classRates: new Map(), memoryBytes: undefined })).toEqual([]);
  });
});
