import type uPlot from "uplot";
import { CHART_FONT, toAxisStyle, withAlpha } from "../../components/chart-style.ts";
import type { Annotation } from "../../grafana/annotations.ts";
import { resolveColour, type Palette } from "../../grafana/colours.ts";
import { toText } from "../../grafana/display.ts";
import type { FieldConfig } from "../../grafana/field-config.ts";
import { asNumber, asObject, asText, asList } from "../../grafana/json.ts";
import type { TimeRange } from "../../grafana/time-range.ts";
import { formatDate, type FormattedValue } from "../../grafana/time-units.ts";
import { formatUnit } from "../../grafana/units.ts";
import { drawAnnotations } from "../annotations.ts";
import { findLower, findStack, listBands, readNumber, type Line } from "./columns.ts";
import type * as gradients from "./gradients.ts";
import { isOnRight, isPercentStack, toScaleOptions, toScales, type Scale } from "./scales.ts";

type Plot = typeof uPlot;

export interface ChartInput {
  readonly Plot: Plot;
  /** The module of gradients, if a line has one. */
  readonly gradients: typeof gradients | undefined;
  readonly lines: readonly Line[];
  readonly range: () => TimeRange;
  readonly width: number;
  readonly height: number;
  readonly palette: Palette;
  readonly syncKey: string;
  /** A custom property of the theme, resolved. */
  readonly colour: (name: string) => string;
  readonly annotations: () => readonly Annotation[];
  readonly onCursor: (chart: uPlot) => void;
  readonly onZoom: (range: TimeRange) => void;
}

/** In a plot of at most this height, in CSS pixels, labels of values stand closer. */
const LOW_PLOT = 150;

/** Powers of two, for bytes in IEC units. */
const BINARY_STEPS = Array.from({ length: 61 }, (_each, index) => 2 ** (index - 10));
const BINARY_UNITS = /^(?:bytes|kbytes|mbytes|gbytes|bits|binBps|binbps|KiBs|MiBs)$/;

/** 1, 2, 2.5 and 5 times the powers of ten. */
const DECIMAL_STEPS = Array.from({ length: 28 }, (_each, index) => 10 ** (index - 9)).flatMap(
  (power) =>
    power < 10 ? [power, 2 * power, 5 * power] : [power, 2 * power, 2.5 * power, 5 * power],
);

/** Returns uPlot's options for the lines of a panel. */
export function toChartOptions(input: ChartInput): uPlot.Options {
  const { lines, width, height, colour, palette } = input;
  const scales = toScales(lines);
  const axis = toAxisStyle(colour);
  return {
    width,
    height,
    // On the right, half of a label such as 11:23:00.
    padding: [8, 25, 0, 0],
    legend: { show: false },
    focus: { alpha: 1 },
    cursor: {
      sync: { key: input.syncKey, setSeries: false },
      y: false,
      drag: { x: true, y: false, setScale: false },
      points: { one: true, size: 7 },
    },
    scales: {
      x: { time: true, range: () => [input.range().from / 1_000, input.range().to / 1_000] },
      ...Object.fromEntries(scales.map((scale) => [scale.key, toScaleOptions(scale, input.Plot)])),
    },
    axes: [
      {
        ...axis,
        space: 70,
        size: 26,
        values: (_chart, splits, _axis, _space, increment) =>
          splits.map((at) => formatTick(at, increment)),
      },
      ...scales.map((scale, index): uPlot.Axis => {
        const [{ field }] = scale.lines as [Line];
        const isRight = isOnRight(scale, index);
        const { custom } = field.config;
        const label = asText(custom["axisLabel"]);
        const format = isPercentStack(custom) ? formatShare : field.display;
        return {
          ...axis,
          scale: scale.key,
          show: custom["axisPlacement"] !== "hidden",
          side: isRight ? 1 : 3,
          grid: index === 0 && custom["axisGridShow"] !== false ? axis.grid : { show: false },
          ...(label !== "" && { label, labelSize: 18, labelGap: 2, labelFont: CHART_FONT }),
          space: (_chart, _axis, _min, _max, length) => (length <= LOW_PLOT ? 15 : 30),
          size: (_chart, values) => measureAxis(values),
          ...toIncrements(field.config),
          values: (_chart, splits, _axis, _space, increment) => {
            const decimals = findDecimals(increment);
            return splits.map((value) => (value === null ? "" : toText(format(value, decimals))));
          },
        };
      }),
    ],
    bands: listBands(lines).map(([upper, lower]) => ({ series: [upper + 1, lower + 1] })),
    series: [{}, ...lines.map((line) => toSeries(line, scales, input))],
    hooks: {
      drawClear: [(chart) => drawThresholds(chart, scales, palette, true)],
      draw: [
        (chart) => drawThresholds(chart, scales, palette, false),
        (chart) => drawAnnotations(chart, input.annotations(), palette),
      ],
      setCursor: [input.onCursor],
      setSelect: [
        (chart) => {
          const { left, width: span } = chart.select;
          if (span < 4) return;
          const [from, to] = [left, left + span].map((at) =>
            Math.round(chart.posToVal(at, "x") * 1_000),
          );
          chart.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          input.onZoom({ from: from!, to: to! });
        },
      ],
    },
  };
}

/** Formats a share of a stack, for its axis. */
function formatShare(value: number, decimals = 0): FormattedValue {
  return formatUnit("percentunit", value, Math.max(0, decimals - 2));
}

function toSeries(
  line: Line,
  scales: readonly Scale[],
  { lines: all, Plot, palette, gradients: paints }: ChartInput,
): uPlot.Series {
  const { custom } = line.field.config;
  const { colour } = line.field;
  const isStacked = findStack(line) !== undefined;
  const opacity = readNumber(line, "fillOpacity", 0) / 100 || findBandOpacity(line, all);
  const style = asText(custom["drawStyle"], "line");
  const showPoints = asText(custom["showPoints"], "auto");
  const dash = asObject(custom["lineStyle"]);
  const { paths } = Plot;
  const gradient = toGradientMode(line);
  const stroke = paints?.paintLine(gradient, line.field, palette) ?? colour;
  return {
    label: line.title,
    scale: scales.find(({ lines }) => lines.includes(line))!.key,
    stroke: style === "points" ? "" : stroke,
    width: style === "points" ? 0 : readNumber(line, "lineWidth", 1),
    ...(opacity > 0 && {
      fill: paints?.paintArea(gradient, line.field, opacity, palette) ?? withAlpha(colour, opacity),
    }),
    ...(dash["fill"] === "dash" && {
      dash: asList(dash["dash"]).map((part) => asNumber(part) ?? 10),
    }),
    ...(dash["fill"] === "dot" && { dash: [1, 5] }),
    spanGaps: custom["spanNulls"] === true,
    points:
      style === "points" || showPoints === "always"
        ? { show: true, size: readNumber(line, "pointSize", 5), stroke, fill: stroke }
        : // Only values between two gaps, which no line shows.
          { size: 4, stroke, fill: stroke, show: false, filter: filterLone },
    ...(isStacked || style !== "points" ? { paths: pickPaths(custom, paths) } : {}),
  };
}

function toGradientMode({ field: { config } }: Line): string {
  return asText(config.custom["gradientMode"], "none");
}

/** True if a line has a gradient. */
export function hasGradient(line: Line): boolean {
  return toGradientMode(line) !== "none";
}

/** The area between two lines is filled also if nothing else is. */
function findBandOpacity(line: Line, lines: readonly Line[]): number {
  return findLower(line, lines) === undefined ? 0 : 0.35;
}

function filterLone(chart: uPlot, series: number): number[] {
  return findLone(chart.data[series] ?? []);
}

/** Returns the indices of values without a neighbor. Between the times of a line, undefined is no gap. */
export function findLone(values: ArrayLike<number | null | undefined>): number[] {
  const lone: number[] = [];
  /** Index of the last value if there is none before it; -1 otherwise. */
  let candidate = -1;
  let isAfterGap = true;
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (value === undefined) continue;
    if (value === null) {
      if (candidate >= 0) lone.push(candidate);
      candidate = -1;
      isAfterGap = true;
    } else {
      candidate = isAfterGap ? index : -1;
      isAfterGap = false;
    }
  }
  if (candidate >= 0) lone.push(candidate);
  return lone;
}

function pickPaths(custom: FieldConfig["custom"], paths: Plot["paths"]): uPlot.Series.PathBuilder {
  if (custom["drawStyle"] === "bars") {
    const align = asNumber(custom["barAlignment"]);
    return paths.bars!({
      size: [asNumber(custom["barWidthFactor"]) ?? 0.6, asNumber(custom["barMaxWidth"]) ?? 200],
      align: align === 1 || align === -1 ? align : 0,
    });
  }
  switch (custom["lineInterpolation"]) {
    case "smooth":
      return paths.spline!();
    case "stepBefore":
      return paths.stepped!({ align: -1 });
    case "stepAfter":
      return paths.stepped!({ align: 1 });
    default:
      return paths.linear!();
  }
}

/** Draws thresholds as areas (behind the lines) or as lines. */
function drawThresholds(
  chart: uPlot,
  scales: readonly Scale[],
  palette: Palette,
  isArea: boolean,
): void {
  const drawn = new Set<string>();
  for (const { key, lines } of scales) {
    for (const { field } of lines) {
      const { thresholds, custom } = field.config;
      const mode = asText(asObject(custom["thresholdsStyle"])["mode"], "off");
      const isWanted = isArea ? mode.includes("area") : /line|dashed/.test(mode);
      if (!isWanted || thresholds === undefined) continue;
      const { min = 0, max = 100 } = chart.scales[key] ?? {};
      // A threshold in percent is a place on the axis.
      const toValue = (from: number): number =>
        thresholds.mode === "percentage"
          ? (min ?? 0) + (from / 100) * ((max ?? 100) - (min ?? 0))
          : from;
      const id = JSON.stringify([key, thresholds]);
      if (drawn.has(id)) continue;
      drawn.add(id);
      const { ctx, bbox } = chart;
      ctx.save();
      ctx.beginPath();
      ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
      ctx.clip();
      thresholds.steps.forEach(({ from, colour }, index) => {
        const y =
          from === -Infinity ? bbox.top + bbox.height : chart.valToPos(toValue(from), key, true);
        if (isArea) {
          const next = thresholds.steps[index + 1]?.from;
          const top = next === undefined ? bbox.top : chart.valToPos(toValue(next), key, true);
          ctx.globalAlpha = 0.15;
          ctx.fillStyle = resolveColour(colour, palette);
          ctx.fillRect(bbox.left, top, bbox.width, y - top);
        } else if (from !== -Infinity) {
          ctx.globalAlpha = 0.7;
          ctx.strokeStyle = resolveColour(colour, palette);
          ctx.lineWidth = 2 * devicePixelRatio;
          ctx.setLineDash(
            mode.includes("dashed") ? [10 * devicePixelRatio, 10 * devicePixelRatio] : [],
          );
          ctx.beginPath();
          ctx.moveTo(bbox.left, y);
          ctx.lineTo(bbox.left + bbox.width, y);
          ctx.stroke();
        }
      });
      ctx.restore();
    }
  }
}

/** Returns the distances between ticks where they are not any: powers of two for bytes, and none that rounding would hide. */
function toIncrements({ unit = "", decimals }: FieldConfig): Pick<uPlot.Axis, "incrs"> {
  if (BINARY_UNITS.test(unit)) return { incrs: BINARY_STEPS };
  if (decimals === undefined || !/^(?:short|none|)$/.test(unit)) return {};
  return { incrs: DECIMAL_STEPS.filter((step) => step >= 0.999 * 10 ** -decimals) };
}

/**
 * Returns the decimals with which two ticks differ. They are undefined for integers, of which each has the decimals of its own unit: 1.25 GiB
 * above 1 GiB.
 */
export function findDecimals(increment: number): number | undefined {
  const text = String(+increment.toPrecision(6));
  const [, exponent] = text.split("e-");
  return exponent === undefined ? text.split(".")[1]?.length : Number(exponent);
}

/** Formats a time on the x axis. */
export function formatTick(seconds: number, increment: number): string {
  const pattern = increment >= 86_400 ? "MM-DD" : increment >= 60 ? "HH:mm" : "HH:mm:ss";
  const text = formatDate(seconds * 1_000, pattern, "browser");
  return text === "00:00" ? formatDate(seconds * 1_000, "MM-DD", "browser") : text;
}

const widths = new Map<string, number>();
let canvas: CanvasRenderingContext2D | null | undefined;

/** Returns the width of an axis with these labels; null before they are known. */
function measureAxis(values: readonly string[] | null): number {
  canvas ??= document.createElement("canvas").getContext("2d");
  let widest = 24;
  for (const value of values ?? []) {
    let width = widths.get(value);
    if (width === undefined && canvas !== null && canvas !== undefined) {
      canvas.font = CHART_FONT;
      width = canvas.measureText(value).width;
      // Labels change with the data; the cache must not grow with them forever.
      if (widths.size > 2_000) widths.clear();
      widths.set(value, width);
    }
    widest = Math.max(widest, width ?? 0);
  }
  return Math.ceil(widest) + 14;
}
