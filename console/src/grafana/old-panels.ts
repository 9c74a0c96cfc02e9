import { toReducerLabel } from "./reducers.ts";
import { asFlag, asNumber, asObject, asObjects, asText, asTexts, type Json } from "./json.ts";

/** Panels per line of 12 columns ("span") are doubled to 24. */
const OLD_COLUMNS = 12;
/** Pixels of a grid unit with its gap. */
const GRID_PX = 38;

/** Converts the rows of dashboards before Grafana 5 to panels with positions. */
export function flattenRows(rows: unknown): readonly Json[] {
  const panels: Json[] = [];
  let y = 0;
  for (const row of asObjects(rows)) {
    const inside = asObjects(row["panels"]);
    const height = toRowHeight(row["height"]);
    const isCollapsed = asFlag(row["collapse"]);
    const placed: Json[] = [];
    let x = 0;
    let line = y + 1;
    for (const panel of inside) {
      const w = Math.min(24, Math.round(((asNumber(panel["span"]) ?? 4) * 24) / OLD_COLUMNS));
      if (x + w > 24) {
        x = 0;
        line += height;
      }
      placed.push({ ...panel, gridPos: { x, y: line, w, h: height } });
      x += w;
    }
    const title = asText(row["title"]);
    const hasRow = title !== "" || isCollapsed;
    if (hasRow) {
      panels.push({
        type: "row",
        title,
        collapsed: isCollapsed,
        gridPos: { x: 0, y, w: 24, h: 1 },
        panels: isCollapsed ? placed : [],
      });
    }
    if (!isCollapsed) panels.push(...placed);
    y = line + height;
  }
  return panels;
}

function toRowHeight(value: unknown): number {
  const px = asNumber(asText(value).replace(/px$/, "")) ?? 250;
  return Math.max(3, Math.round(px / GRID_PX));
}

/** Converts a panel that an older version drew (`graph`, `singlestat`, `table-old`) to one of today. */
export function convertPanel(raw: Json): Json {
  switch (raw["type"]) {
    case "graph":
      return convertGraph(raw);
    case "singlestat":
      return convertSingleStat(raw);
    case "table-old":
      return convertTable({ ...raw, type: "table" });
    case "table":
      return raw["styles"] === undefined ? raw : convertTable(raw);
    case "heatmap":
      return raw["yBucketBound"] === undefined ? raw : convertHeatmap(raw);
    case "grafana-piechart-panel":
      return convertPie(raw);
    default:
      return raw;
  }
}

const CALCS: Readonly<Record<string, string>> = {
  min: "min",
  max: "max",
  avg: "mean",
  current: "lastNotNull",
  total: "sum",
};

function convertGraph(raw: Json): Json {
  const [left = {}, right = {}] = asObjects(raw["yaxes"]);
  const legend = asObject(raw["legend"]);
  const nulls = asText(raw["nullPointMode"]);
  const isStacked = asFlag(raw["stack"]);
  const isPercent = isStacked && asFlag(raw["percentage"]);
  const isLine = asFlag(raw["lines"], true);
  const custom = {
    drawStyle: asFlag(raw["bars"]) ? "bars" : isLine ? "line" : "points",
    lineWidth: asNumber(raw["linewidth"]) ?? 1,
    fillOpacity: isLine ? (asNumber(raw["fill"]) ?? 1) * 10 : 0,
    lineInterpolation: asFlag(raw["steppedLine"]) ? "stepAfter" : "linear",
    showPoints: asFlag(raw["points"]) ? "always" : "never",
    spanNulls: nulls === "connected",
    nullsAsZero: nulls === "null as zero",
    stacking: { mode: isPercent ? "percent" : isStacked ? "normal" : "none", group: "A" },
    axisLabel: asText(left["label"]),
    ...toScale(left),
  };
  const unit = asText(left["format"]);
  return {
    ...raw,
    type: "timeseries",
    fieldConfig: {
      defaults: {
        ...(unit !== "" && { unit }),
        ...toBounds(left),
        ...(asNumber(raw["decimals"]) !== undefined && { decimals: asNumber(raw["decimals"]) }),
        color: { mode: "palette-classic" },
        custom,
      },
      overrides: [
        ...toAliasColours(raw["aliasColors"]),
        ...toSeriesOverrides(raw["seriesOverrides"], right),
      ],
    },
    options: {
      legend: {
        showLegend: legend["show"] !== false,
        displayMode: asFlag(legend["alignAsTable"]) || asFlag(legend["values"]) ? "table" : "list",
        placement: asFlag(legend["rightSide"]) ? "right" : "bottom",
        calcs: Object.entries(CALCS).flatMap(([name, calc]) =>
          asFlag(legend[name]) ? [calc] : [],
        ),
        sortBy: toReducerLabel(CALCS[asText(legend["sort"])] ?? ""),
        sortDesc: asFlag(legend["sortDesc"]),
      },
      tooltip: { mode: asFlag(asObject(raw["tooltip"])["shared"], true) ? "multi" : "single" },
    },
  };
}

function toBounds(axis: Json): Json {
  const [min, max] = [asNumber(axis["min"]), asNumber(axis["max"])];
  return { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
}

function toScale(axis: Json): Json {
  const base = asNumber(axis["logBase"]) ?? 1;
  return base > 1 ? { scaleDistribution: { type: "log", log: base } } : {};
}

function toAliasColours(aliases: unknown): readonly Json[] {
  return Object.entries(asObject(aliases)).map(([name, colour]) => ({
    matcher: { id: "byName", options: name },
    properties: [{ id: "color", value: { mode: "fixed", fixedColor: asText(colour) } }],
  }));
}

function toSeriesOverrides(overrides: unknown, right: Json): readonly Json[] {
  return asObjects(overrides).map((override) => {
    const alias = asText(override["alias"]);
    const isPattern = alias.startsWith("/");
    const properties: Json[] = [];
    const set = (id: string, value: unknown): void => void properties.push({ id, value });
    for (const [name, value] of Object.entries(override)) {
      if (name === "yaxis" && value === 2) {
        set("custom.axisPlacement", "right");
        if (asText(right["format"]) !== "") set("unit", right["format"]);
        for (const [bound, limit] of Object.entries(toBounds(right))) set(bound, limit);
      } else if (name === "fill") set("custom.fillOpacity", (asNumber(value) ?? 0) * 10);
      else if (name === "linewidth") set("custom.lineWidth", value);
      else if (name === "color") set("color", { mode: "fixed", fixedColor: value });
      else if (name === "bars" && value === true) set("custom.drawStyle", "bars");
      else if (name === "dashes" && value === true) {
        set("custom.lineStyle", { fill: "dash", dash: [10, 10] });
      } else if (name === "stack") {
        set("custom.stacking", {
          mode: value === false ? "none" : "normal",
          group: asText(value, "A"),
        });
      } else if (name === "transform" && value === "negative-Y") set("custom.transform", value);
      else if (name === "legend" && value === false) set("custom.hideFrom", { legend: true });
    }
    return { matcher: { id: isPattern ? "byRegexp" : "byName", options: alias }, properties };
  });
}

/** Transformations that stand for the ways in which old tables read series. */
const TABLE_TRANSFORMS: Readonly<Record<string, string>> = {
  table: "merge",
  timeseries_to_rows: "seriesToRows",
  timeseries_to_columns: "seriesToColumns",
  timeseries_aggregations: "reduce",
};

function convertTable(raw: Json): Json {
  const transform = TABLE_TRANSFORMS[asText(raw["transform"])];
  const calcs = asObjects(raw["columns"]).map(({ value }) => CALCS[asText(value)] ?? asText(value));
  return {
    ...raw,
    transformations: [
      ...asObjects(raw["transformations"]),
      ...(transform === undefined ? [] : [{ id: transform, options: { reducers: calcs } }]),
    ],
    fieldConfig: {
      defaults: {},
      // The first style that fits a column won.
      overrides: asObjects(raw["styles"]).toReversed().map(toColumnStyle),
    },
  };
}

function toColumnStyle(style: Json): Json {
  const pattern = asText(style["pattern"]);
  const alias = asText(style["alias"]);
  const type = asText(style["type"]);
  const limits = asTexts(style["thresholds"]).flatMap((limit) => asNumber(limit) ?? []);
  const names = asTexts(style["colors"]);
  const cell = { cell: "color-background", value: "color-text", row: "color-background" }[
    asText(style["colorMode"])
  ];
  const properties: Json[] = [];
  const set = (id: string, value: unknown): void => void properties.push({ id, value });
  if (alias !== "") set("displayName", alias);
  if (type === "hidden") set("custom.hidden", true);
  if (type === "number" && asText(style["unit"]) !== "") set("unit", style["unit"]);
  if (type === "number" && asNumber(style["decimals"]) !== undefined) {
    set("decimals", style["decimals"]);
  }
  if (cell !== undefined) {
    set("custom.cellOptions", { type: cell });
    set("thresholds", {
      mode: "absolute",
      steps: [null, ...limits].map((value, index) => ({ value, color: names[index] ?? "red" })),
    });
  }
  const isPattern = pattern.startsWith("/");
  return { matcher: { id: isPattern ? "byRegexp" : "byName", options: pattern }, properties };
}

function convertHeatmap(raw: Json): Json {
  const options = asObject(raw["options"]);
  return {
    ...raw,
    options: {
      calculate: raw["dataFormat"] === "timeseries",
      yAxis: { unit: asText(asObject(raw["yAxis"])["format"]) },
      ...options,
    },
  };
}

function convertPie(raw: Json): Json {
  const unit = asText(raw["format"]);
  return {
    ...raw,
    type: "piechart",
    fieldConfig: {
      defaults: unit === "" ? {} : { unit },
      overrides: toAliasColours(raw["aliasColors"]),
    },
    options: {
      pieType: raw["pieType"] === "donut" ? "donut" : "pie",
      reduceOptions: { calcs: [STAT_CALCS[asText(raw["valueName"])] ?? "lastNotNull"] },
      legend: {
        showLegend: asObject(raw["legend"])["show"] !== false,
        values: ["value", "percent"],
      },
    },
  };
}

const STAT_CALCS: Readonly<Record<string, string>> = {
  ...CALCS,
  first: "firstNotNull",
  name: "lastNotNull",
  delta: "delta",
  diff: "diff",
  range: "range",
};

function convertSingleStat(raw: Json): Json {
  const gauge = asObject(raw["gauge"]);
  const isGauge = asFlag(gauge["show"]);
  const limits = asText(raw["thresholds"])
    .split(",")
    .flatMap((part) => asNumber(part) ?? []);
  const names = asTexts(raw["colors"]);
  const steps = [null, ...limits].map((value, index) => ({
    value,
    color: names[index] ?? ["green", "orange", "red"][index] ?? "red",
  }));
  const isColoured = asFlag(raw["colorBackground"]) || asFlag(raw["colorValue"]) || isGauge;
  const unit = asText(raw["format"]);
  const decimals = asNumber(raw["decimals"]);
  const noValue = asObjects(raw["valueMaps"]).find(({ value }) => value === "null")?.["text"];
  return {
    ...raw,
    type: isGauge ? "gauge" : "stat",
    fieldConfig: {
      defaults: {
        ...(unit !== "" && { unit }),
        ...(decimals !== undefined && { decimals }),
        ...(asText(noValue) !== "" && { noValue: asText(noValue) }),
        ...(isGauge && {
          min: asNumber(gauge["minValue"]) ?? 0,
          max: asNumber(gauge["maxValue"]) ?? 100,
        }),
        thresholds: { mode: "absolute", steps },
        color: isColoured ? { mode: "thresholds" } : { mode: "fixed", fixedColor: "text" },
        mappings: toValueMappings(raw["valueMaps"], raw["rangeMaps"]),
      },
      overrides: [],
    },
    options: {
      reduceOptions: {
        calcs: [STAT_CALCS[asText(raw["valueName"])] ?? "mean"],
        fields: "",
        values: false,
      },
      graphMode: asFlag(asObject(raw["sparkline"])["show"]) ? "area" : "none",
      colorMode: asFlag(raw["colorBackground"]) ? "background" : "value",
    },
  };
}

function toValueMappings(values: unknown, ranges: unknown): readonly Json[] {
  const byValue = asObjects(values)
    .filter(({ value }) => value !== "null" && asText(value) !== "")
    .map(({ value, text }) => ({ type: "value", options: { [asText(value)]: { text } } }));
  const byRange = asObjects(ranges)
    .filter(({ from }) => from !== "null" && asText(from) !== "")
    .map(({ from, to, text }) => ({
      type: "range",
      options: { from: asNumber(from), to: asNumber(to), result: { text } },
    }));
  return [...byValue, ...byRange];
}
