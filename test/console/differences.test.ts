import { describe, expect, it } from "vitest";
import { LIGHT, toReadable } from "../../console/src/grafana/colours.ts";
import { createFixedDashboard } from "../../scripts/look/compare/fixed-dashboard.ts";
import { listDifferences } from "../../scripts/look/compare/list-differences.ts";
import type { Reading } from "../../scripts/look/compare/read-panels.ts";
import { checkDashboard } from "../../scripts/look/coverage.ts";

const AXES = {
  times: ["10:00", "10:05"],
  left: ["0 s", "1 s", "2 s"],
  right: [],
  colors: ["#73bf69"],
};
const READING: Reading = {
  id: "1",
  text: "",
  axes: AXES,
  legend: [{ name: "up", color: "#73bf69", statistics: ["1"] }],
  items: [{ text: "up30%", colors: ["#73bf69"] }],
  rows: [["name"], ["up"]],
};

/** Compares a panel of Grafana's components with one of the console, which differs in some parts. */
function compare(type: string, changes: Partial<Reading>) {
  return listDifferences("P", type, READING, { ...READING, ...changes }).map(
    ({ part, reason }) => [part, reason !== undefined] as const,
  );
}

describe("the comparison with Grafana's components", () => {
  it("finds nothing in equal panels", () => {
    expect(compare("timeseries", {})).toEqual([]);
  });

  it.each([
    ["an axis with another unit", "left axis", { ...AXES, left: ["0 ms", "1 ms", "2 ms"] }],
    ["an axis without labels", "left axis", { ...AXES, left: [] }],
    ["an axis with one other label", "left axis", { ...AXES, left: ["0 s", "1 s", "3 s"] }],
    ["another color", "colors", { ...AXES, colors: ["#f2495c"] }],
  ])("reports %s", (_name, part, axes) => {
    expect(compare("timeseries", { axes })).toEqual([[part, false]]);
  });

  it("gives the reason for an axis with fewer labels", () => {
    expect(compare("timeseries", { axes: { ...AXES, left: ["0 s", "2 s"] } })).toEqual([
      ["left axis", true],
    ]);
  });

  it("gives the reason for text that is readable", () => {
    const readable = toReadable("#73bf69", LIGHT);
    expect(readable).not.toBe("#73bf69");
    expect(compare("bargauge", { items: [{ text: "up30%", colors: [readable] }] })).toEqual([
      ["colors of values", true],
    ]);
  });

  it("reports names, colors and statistics of legends, values and rows", () => {
    const legend = [{ name: "down", color: "#000000", statistics: ["2"] }];
    expect(compare("timeseries", { legend })).toEqual([
      ["legend", false],
      ["legend colors", false],
      ["legend statistics", false],
    ]);
    expect(compare("bargauge", { items: [{ text: "up31%", colors: [] }] })).toEqual([
      ["values", false],
      ["colors of values", false],
    ]);
    expect(compare("table", { rows: [["name"], ["down"]] })).toEqual([["rows", false]]);
  });
});

it("has a dashboard of fixed data, whose panels the console draws", () => {
  const { panels, drawn, gaps } = checkDashboard(createFixedDashboard());
  expect(panels).toBeGreaterThan(40);
  expect([drawn, [...gaps]]).toEqual([panels, []]);
});
