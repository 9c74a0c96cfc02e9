/**
 * A dashboard with the panel options that Tepal's dashboards do not use. Its values are PromQL formulas of the time, so that they need no
 * metrics.
 */

const COLUMNS = 3;
const [WIDTH, HEIGHT] = [8, 8];

interface Panel {
  readonly title: string;
  readonly type: string;
  readonly targets: readonly Target[];
  readonly defaults?: object;
  readonly overrides?: readonly object[];
  readonly options?: object;
}

interface Target {
  readonly expr: string;
  readonly legendFormat: string;
  readonly instant?: boolean;
  readonly format?: string;
}

const range = (expr: string): Target => ({ expr, legendFormat: "{{name}}" });
const instant = (expr: string): Target => ({ ...range(expr), instant: true });
const table = (expr: string): Target => ({ ...instant(expr), format: "table" });

/** Returns an expression for one series. */
function name(value: string, expr: string): string {
  return `label_replace(${expr}, "name", "${value}", "", "")`;
}

/** Returns an expression for a wave. The parameters are its mean, its amplitude and its period in seconds. */
function wave(series: string, middle: number, amplitude: number, seconds: number): string {
  const radians = `vector(time() * ${(2 * Math.PI) / seconds})`;
  return name(series, `${middle} + ${amplitude} * sin(${radians})`);
}

function constant(series: string, value: number): string {
  return name(series, `vector(${value})`);
}

const three = (scale: number): string =>
  [
    wave("alpha", 3 * scale, scale, 600),
    wave("beta", 2 * scale, 1.5 * scale, 420),
    wave("gamma", scale, 0.4 * scale, 200),
  ].join(" or ");
const values = (scale: number): string =>
  [
    constant("one", 0.3 * scale),
    constant("two", 0.62 * scale),
    constant("three", 0.97 * scale),
  ].join(" or ");

const LIST = { legend: { showLegend: true, displayMode: "list", placement: "bottom", calcs: [] } };
const TABLE = {
  legend: {
    showLegend: true,
    displayMode: "table",
    placement: "bottom",
    calcs: ["lastNotNull", "mean", "max"],
  },
};
const STEPS = {
  mode: "absolute",
  steps: [
    { value: null, color: "green" },
    { value: 50, color: "orange" },
    { value: 80, color: "red" },
  ],
};
const LAST = { reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false } };

/** A time series with options of its type. */
function lines(
  title: string,
  expr: string,
  custom: object,
  {
    unit = "short",
    ...defaults
  }: { readonly unit?: string; readonly [name: string]: unknown } = {},
  options: object = LIST,
): Panel {
  return {
    title,
    type: "timeseries",
    targets: [range(expr)],
    defaults: {
      unit,
      color: { mode: "palette-classic" },
      // Grafana's components expect what Grafana saves with each panel.
      thresholds: STEPS,
      ...defaults,
      custom: { lineWidth: 1, pointSize: 5, showPoints: "auto", ...custom },
    },
    options,
  };
}

const stacked = (mode: string) => ({ stacking: { mode, group: "A" } });
const byName = (options: string, properties: readonly object[]): object => ({
  matcher: { id: "byName", options },
  properties,
});

const TIME_SERIES: readonly Panel[] = [
  lines("Lines, seconds", three(0.001), { lineWidth: 2 }, { unit: "s" }, TABLE),
  lines(
    "Smooth area, bytes",
    three(300_000_000),
    { lineInterpolation: "smooth", fillOpacity: 25 },
    { unit: "bytes" },
  ),
  lines("Stacked area", three(40), { fillOpacity: 40, ...stacked("normal") }, { unit: "reqps" }),
  lines("Stack in percent", three(40), { fillOpacity: 40, ...stacked("percent") }),
  lines("Bars", three(40), { drawStyle: "bars", fillOpacity: 60 }),
  lines("Stacked bars", three(40), { drawStyle: "bars", fillOpacity: 80, ...stacked("normal") }),
  lines("Steps, dashes", three(40), {
    lineInterpolation: "stepAfter",
    lineStyle: { fill: "dash", dash: [10, 10] },
  }),
  lines("Points", three(40), { drawStyle: "points", pointSize: 6 }),
  lines("Lines with points", wave("alpha", 60, 35, 600), { showPoints: "always" }),
  lines(
    "Thresholds as lines and areas",
    wave("alpha", 60, 35, 600),
    { thresholdsStyle: { mode: "line+area" } },
    { thresholds: STEPS, min: 0, max: 100 },
  ),
  lines(
    "Dashed thresholds, colors of values",
    wave("alpha", 60, 35, 600),
    { thresholdsStyle: { mode: "dashed" } },
    { thresholds: STEPS, color: { mode: "thresholds" } },
  ),
  lines(
    "Logarithmic axis",
    [constant("low", 0.5), wave("high", 5_000, 4_900, 600)].join(" or "),
    { scaleDistribution: { type: "log", log: 10 } },
    { unit: "none" },
  ),
  {
    ...lines("Two axes", three(40), {}, { unit: "reqps" }),
    overrides: [
      byName("gamma", [
        { id: "unit", value: "percent" },
        { id: "custom.axisPlacement", value: "right" },
      ]),
    ],
  },
  {
    ...lines("In and out", three(40_000), { fillOpacity: 20 }, { unit: "Bps" }),
    overrides: [byName("beta", [{ id: "custom.transform", value: "negative-Y" }])],
  },
  {
    ...lines("Band", three(40), {}, { unit: "ms" }),
    overrides: [byName("alpha", [{ id: "custom.fillBelowTo", value: "gamma" }])],
  },
  lines("Gaps", `${three(40)} and on() vector(time() % 240) > 60`, { lineWidth: 2 }),
  lines("Bridged gaps", `${three(40)} and on() vector(time() % 240) > 60`, { spanNulls: true }),
  lines("Zero", constant("nothing", 0), {}),
  lines("A constant", constant("same", 1_500), {}, { unit: "short", decimals: 0 }),
  lines("Negative", wave("below", -300, 120, 600), { fillOpacity: 10 }, { unit: "celsius" }),
  lines("Small share", wave("errors", 0.000_4, 0.000_3, 600), {}, { unit: "percentunit" }),
  lines("Gradient: opacity", three(40), { fillOpacity: 60, gradientMode: "opacity" }),
  lines("Gradient: hue", three(40), { fillOpacity: 60, gradientMode: "hue" }),
  lines(
    "Gradient: scheme",
    wave("alpha", 60, 35, 600),
    { fillOpacity: 40, gradientMode: "scheme" },
    { color: { mode: "continuous-GrYlRd" } },
  ),
  lines(
    "Gradient: thresholds",
    wave("alpha", 60, 35, 600),
    { fillOpacity: 40, gradientMode: "scheme" },
    { color: { mode: "thresholds" }, thresholds: STEPS },
  ),
  lines(
    "Soft limits, label of the axis",
    wave("alpha", 40, 5, 600),
    { axisSoftMin: 0, axisSoftMax: 100, axisLabel: "Requests" },
    { unit: "percent" },
  ),
  lines("Large numbers", three(40_000_000), { axisCenteredZero: true }),
  lines("No data", "absent(vector(1))", {}),
];

/** A panel that shows one number for each series. */
function numbers(
  title: string,
  type: string,
  expr: string,
  options: object,
  defaults: object = {},
): Panel {
  return {
    title,
    type,
    targets: [range(expr)],
    defaults: { unit: "percent", color: { mode: "thresholds" }, thresholds: STEPS, ...defaults },
    options: { ...LAST, showUnfilled: true, ...options },
  };
}

const MAPPINGS = [
  { type: "value", options: { 30: { text: "Idle", color: "blue", index: 0 } } },
  { type: "range", options: { from: 60, to: 90, result: { text: "Busy", index: 1 } } },
];

const NUMBERS: readonly Panel[] = [
  numbers("A number", "stat", wave("alpha", 60, 35, 600), {
    graphMode: "area",
    colorMode: "value",
  }),
  numbers("Numbers with names", "stat", values(100), { graphMode: "none", colorMode: "value" }),
  numbers("On their colors", "stat", values(100), { graphMode: "area", colorMode: "background" }),
  numbers("On plain colors", "stat", values(100), {
    graphMode: "none",
    colorMode: "background_solid",
  }),
  numbers(
    "Mapped",
    "stat",
    values(100),
    { graphMode: "none", textMode: "value" },
    { mappings: MAPPINGS },
  ),
  numbers("Names alone", "stat", values(100), {
    graphMode: "none",
    textMode: "name",
    colorMode: "none",
  }),
  numbers("Gauge", "gauge", wave("alpha", 60, 35, 600), {}, { min: 0, max: 100 }),
  numbers("Gauges", "gauge", values(100), {}),
  numbers(
    "Bars across",
    "bargauge",
    values(100),
    { displayMode: "basic", orientation: "horizontal" },
    { min: 0, max: 100 },
  ),
  numbers(
    "Gradients across",
    "bargauge",
    values(100),
    { displayMode: "gradient", orientation: "horizontal" },
    { min: 0, max: 100 },
  ),
  numbers(
    "Cells across",
    "bargauge",
    values(100),
    { displayMode: "lcd", orientation: "horizontal" },
    { min: 0, max: 100 },
  ),
  numbers(
    "Bars upwards",
    "bargauge",
    values(100),
    { displayMode: "basic", orientation: "vertical" },
    { min: 0, max: 100 },
  ),
  numbers(
    "Gradients upwards",
    "bargauge",
    values(100),
    { displayMode: "gradient", orientation: "vertical" },
    { min: 0, max: 100 },
  ),
  numbers(
    "Cells upwards",
    "bargauge",
    values(100),
    { displayMode: "lcd", orientation: "vertical" },
    { min: 0, max: 100 },
  ),
  numbers(
    "Bars of a scheme",
    "bargauge",
    values(100),
    { displayMode: "gradient", orientation: "horizontal" },
    { min: 0, max: 100, color: { mode: "continuous-GrYlRd" } },
  ),
  numbers(
    "Bars without limits, bytes",
    "bargauge",
    values(3e9),
    { displayMode: "gradient", orientation: "horizontal", valueMode: "text" },
    { unit: "bytes", color: { mode: "palette-classic" } },
  ),
];

const cells = (type: string, mode = "basic"): object => ({
  custom: { cellOptions: { type, mode } },
  unit: "percent",
  color: { mode: "thresholds" },
  thresholds: STEPS,
  min: 0,
  max: 100,
});

const TABLES: readonly Panel[] = [
  ["Table", cells("auto")],
  ["Colored text", cells("color-text")],
  ["Colored cells", cells("color-background")],
  ["Cells with gradients", cells("color-background", "gradient")],
  ["Gauges in cells", cells("gauge")],
  ["Gauges with gradients in cells", cells("gauge", "gradient")],
].map(([title, defaults]) => ({
  title: title as string,
  type: "table",
  targets: [table(values(100))],
  overrides: [
    {
      matcher: { id: "byName", options: "Value" },
      properties: toProperties(defaults as Record<string, unknown>),
    },
  ],
  options: { showHeader: true, cellHeight: "sm" },
}));

function toProperties({ custom, ...defaults }: Record<string, unknown>): readonly object[] {
  return [
    ...Object.entries(custom as object).map(([id, value]) => ({ id: `custom.${id}`, value })),
    ...Object.entries(defaults).map(([id, value]) => ({ id, value })),
  ];
}

/** Returns the dashboard as Grafana's JSON. */
export function createFixedDashboard(): object {
  const panels = [...TIME_SERIES, ...NUMBERS, ...TABLES].map(
    ({ defaults = {}, overrides = [], options = {}, targets, ...panel }, index) => ({
      ...panel,
      id: index + 1,
      gridPos: {
        x: (index % COLUMNS) * WIDTH,
        y: Math.floor(index / COLUMNS) * HEIGHT,
        w: WIDTH,
        h: HEIGHT,
      },
      targets: targets.map((target, at) => ({
        ...target,
        refId: String.fromCodePoint("A".codePointAt(0)! + at),
      })),
      fieldConfig: { defaults, overrides },
      options,
    }),
  );
  return {
    uid: "fixed",
    title: "Fixed data",
    panels,
    templating: { list: [] },
    annotations: { list: [] },
    schemaVersion: 42,
  };
}
