import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { parseDashboard } from "../grafana/dashboard.ts";
import {
  fillExpression,
  formatValue,
  listNumbers,
  NUMBER_NAMES,
  toHistory,
  toHistorySpan,
  withWindow,
} from "./numbers.ts";

const FILE = new URL("../../../deploy/grafana/dashboards/tepal-overview.json", import.meta.url);

describe("the numbers of the Overview", () => {
  it("are panels of the dashboard Overview, with its units", async () => {
    const numbers = listNumbers(parseDashboard(JSON.parse(await readFile(FILE, "utf8"))));
    expect(numbers.map(({ name }) => name)).toEqual(NUMBER_NAMES);
    for (const { expr, panel, unit } of numbers) {
      expect(expr).not.toMatch(/\$/);
      expect(expr).not.toBe("");
      expect(unit).not.toBe("");
      expect(panel).toBeGreaterThan(0);
    }
    const errors = numbers.find(({ name }) => name === "errors");
    expect(formatValue(errors!, 0.0125)).toBe("1.25%");
    expect([undefined, Number.NaN].map((value) => formatValue(errors!, value))).toEqual(["–", "–"]);
  });

  it("fill variables and windows", () => {
    const expr = 'sum(rate(a{job=~"$job", model=~"${model}"}[$__rate_interval])) / b[$__range]';
    const filled = 'sum(rate(a{job=~".*", model=~".*"}[5m])) / b[1h]';
    expect(fillExpression(expr)).toBe(filled);
    expect(withWindow("rate(a[1m]) / rate(b[5m])", "1h", "1h")).toBe(
      "rate(a[1h] offset 1h) / rate(b[1h] offset 1h)",
    );
    expect(withWindow("rate(a[1m])", "1h")).toBe("rate(a[1h])");
  });

  it("have a history with gaps", () => {
    const values = [
      [100, "1"],
      [120, "NaN"],
      [130, "3"],
    ] as const;
    const result = { resultType: "matrix", result: [{ metric: {}, values }] } as const;
    expect(toHistory(result, 100, 10, 5)).toEqual([1, null, null, 3, null]);
    expect(toHistory({ resultType: "vector", result: [] }, 0, 1, 2)).toEqual([null, null]);
  });

  it("have a history of the last hour, or of what there is", () => {
    expect(toHistorySpan(10_000, 1_000, 5)).toEqual({ seconds: 3_600, step: 60 });
    expect(toHistorySpan(10_000, 9_760, 1)).toEqual({ seconds: 240, step: 4 });
    expect(toHistorySpan(10_000, 9_760, 15)).toEqual({ seconds: 240, step: 15 });
    expect(toHistorySpan(10_000, 9_999, 5)).toEqual({ seconds: 60, step: 5 });
    expect(toHistorySpan(10_000, undefined, 5)).toEqual({ seconds: 60, step: 5 });
  });
});
