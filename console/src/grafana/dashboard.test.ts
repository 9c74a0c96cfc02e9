import { describe, expect, it } from "vitest";
import { parseDashboard, toSections } from "./dashboard.ts";
import { planQueries } from "./panel-query.ts";

const plan = (target: object, panel: object = {}) => {
  const dashboard = parseDashboard({
    panels: [{ type: "timeseries", targets: [target], ...panel }],
  });
  return planQueries(dashboard.panels[0]!, 600, {
    range: { from: 1_000_000_000_007, to: 1_000_003_600_007 },
    selection: new Map(),
    scrapeMs: 15_000,
    zoneMinutes: 0,
  });
};

describe("queries of a panel", () => {
  it("are aligned to their step, with $__rate_interval from the scrape interval", () => {
    expect(
      plan({ refId: "A", expr: "rate(a[$__rate_interval]) + sum_over_time(b[${__range}])" }),
    ).toMatchObject([
      {
        expr: "rate(a[1m]) + sum_over_time(b[3600s])",
        stepMs: 15_000,
        range: { from: 999_999_990_000, to: 1_000_003_590_000 },
      },
    ]);
  });

  it("of one moment are not aligned", () => {
    const [query] = plan({ expr: "up", instant: true, range: false });
    expect([query?.stepMs, query?.range.to]).toEqual([undefined, 1_000_003_600_007]);
  });

  it("of both kinds are two", () => {
    const queries = plan({ refId: "A", expr: "up", instant: true, range: true });
    expect(queries.map(({ target, stepMs }) => [target.refId, stepMs])).toEqual([
      ["A", 15_000],
      ["A-Instant", undefined],
    ]);
  });

  it("are not sent if hidden or empty", () => {
    expect(plan({ expr: "up", hide: true })).toEqual([]);
    expect(plan({ expr: " " })).toEqual([]);
  });

  it("have a minimum step", () => {
    expect(plan({ expr: "rate(a[$__rate_interval])", interval: "1m" })[0]).toMatchObject({
      stepMs: 60_000,
      expr: "rate(a[4m])",
    });
    expect(plan({ expr: "a" }, { interval: "30s" })[0]?.stepMs).toBe(30_000);
  });
});

describe("old dashboards", () => {
  it("have rows of panels, which get positions", () => {
    const { panels } = parseDashboard({
      rows: [
        {
          title: "First",
          height: "250px",
          panels: [
            { span: 6, type: "text" },
            { span: 8, type: "text" },
          ],
        },
        { title: "Second", collapse: true, panels: [{ span: 12, type: "text" }] },
      ],
    });
    expect(panels.map(({ type, grid }) => [type, grid])).toEqual([
      ["row", { x: 0, y: 0, w: 24, h: 1 }],
      ["text", { x: 0, y: 1, w: 12, h: 7 }],
      ["text", { x: 0, y: 8, w: 16, h: 7 }],
      ["row", { x: 0, y: 15, w: 24, h: 1 }],
    ]);
    expect(
      toSections(panels).map(({ row, panels: inside }) => [
        row?.title,
        row?.isCollapsed,
        inside.length,
      ]),
    ).toEqual([
      ["First", false, 2],
      ["Second", true, 1],
    ]);
  });

  it("have graphs, which become time series", () => {
    const { panels } = parseDashboard({
      panels: [
        {
          type: "graph",
          stack: true,
          fill: 4,
          linewidth: 2,
          nullPointMode: "connected",
          steppedLine: true,
          yaxes: [{ format: "bytes", min: "0" }, { format: "percent" }],
          legend: { show: true, values: true, avg: true, current: true },
          seriesOverrides: [{ alias: "/errors/", yaxis: 2, fill: 0 }],
          aliasColors: { total: "#ff0000" },
          targets: [{ expr: "a" }],
        },
      ],
    });
    const [panel] = panels;
    expect(panel).toMatchObject({
      type: "timeseries",
      defaults: {
        unit: "bytes",
        min: 0,
        custom: {
          fillOpacity: 40,
          lineWidth: 2,
          spanNulls: true,
          lineInterpolation: "stepAfter",
          stacking: { mode: "normal" },
        },
      },
      options: { legend: { displayMode: "table", calcs: ["mean", "lastNotNull"] } },
    });
    expect(panel?.overrides.map(({ properties }) => properties)).toEqual([
      [{ id: "color", value: { mode: "fixed", fixedColor: "#ff0000" } }],
      [
        { id: "custom.axisPlacement", value: "right" },
        { id: "unit", value: "percent" },
        { id: "custom.fillOpacity", value: 0 },
      ],
    ]);
  });

  it("have single stats, which become stats or gauges", () => {
    const single = {
      type: "singlestat",
      format: "percent",
      valueName: "current",
      colorValue: true,
      thresholds: "80,90",
      valueMaps: [
        { value: "null", text: "N/A" },
        { value: "1", text: "up" },
      ],
    };
    const { panels } = parseDashboard({
      panels: [single, { ...single, gauge: { show: true, maxValue: 5 } }],
    });
    expect(panels[0]).toMatchObject({
      type: "stat",
      defaults: {
        unit: "percent",
        noValue: "N/A",
        color: { mode: "thresholds" },
        thresholds: { steps: [{ value: null }, { value: 80 }, { value: 90 }] },
        mappings: [{ type: "value", options: { "1": { text: "up" } } }],
      },
      options: { reduceOptions: { calcs: ["lastNotNull"] } },
    });
    expect(panels[1]).toMatchObject({ type: "gauge", defaults: { min: 0, max: 5 } });
  });

  it("have tables with styles, which become overrides", () => {
    const panel = {
      type: "table",
      transform: "timeseries_aggregations",
      columns: [{ text: "Avg", value: "avg" }],
      styles: [
        {
          pattern: "Value",
          alias: "Load",
          type: "number",
          unit: "percentunit",
          decimals: 1,
          colorMode: "cell",
          thresholds: ["0.5"],
          colors: ["green", "red"],
        },
        { pattern: "/.*/", type: "hidden" },
      ],
    };
    const { panels } = parseDashboard({ panels: [panel] });
    expect(panels[0]?.transformations).toMatchObject([
      { id: "reduce", options: { reducers: ["mean"] } },
    ]);
    expect(panels[0]?.overrides.map(({ matcher }) => matcher.by)).toEqual(["regexp", "name"]);
    expect(panels[0]?.overrides[1]?.properties.map(({ id }) => id)).toEqual([
      "displayName",
      "unit",
      "decimals",
      "custom.cellOptions",
      "thresholds",
    ]);
  });

  it("have pies and heat maps of plug-ins", () => {
    const { panels } = parseDashboard({
      panels: [
        { type: "grafana-piechart-panel", pieType: "donut", format: "bytes", valueName: "total" },
        { type: "heatmap", yBucketBound: "auto", dataFormat: "timeseries", yAxis: { format: "s" } },
        { type: "graph", nullPointMode: "null as zero", legend: { sort: "avg", sortDesc: true } },
      ],
    });
    expect(panels).toMatchObject([
      {
        type: "piechart",
        defaults: { unit: "bytes" },
        options: { pieType: "donut", reduceOptions: { calcs: ["sum"] } },
      },
      { options: { calculate: true, yAxis: { unit: "s" } } },
      {
        defaults: { custom: { nullsAsZero: true } },
        options: { legend: { sortBy: "Mean", sortDesc: true } },
      },
    ]);
  });
});
