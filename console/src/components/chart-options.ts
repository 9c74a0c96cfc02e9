import type uPlot from "uplot";
import { formatClock } from "../lib/format.ts";
import { toAxisStyle, withAlpha } from "./chart-style.ts";
import { drawMarks, type ChartMark } from "./chart-marks.ts";

export interface ChartLine {
  readonly label: string;
  /** A custom property of the theme, for example `--chart-1`. */
  readonly colour: string;
  readonly dashed?: boolean;
  /** Fills the area below the line. */
  readonly filled?: boolean;
}

/** Number of points from which lines are drawn thin. */
export const DENSE_POINTS = 600;

interface OptionsInput {
  readonly lines: readonly ChartLine[];
  readonly width: number;
  readonly height: number;
  readonly isDense: boolean;
  readonly syncKey: string;
  /** Formats a value on the axis, for example `20 ms`. */
  readonly formatAxis: (value: number) => string;
  readonly colour: (name: string) => string;
  readonly marks: () => readonly ChartMark[];
  readonly onCursor: (x: number | null) => void;
}

/** Distances between ticks on the time axis, in seconds. */
const TIME_STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 21_600];
/** Minimum width of the time axis in seconds: a run that has just begun would otherwise fill it with one second. */
const LEAST_SPAN_SECONDS = 30;

/** Returns uPlot's options for lines over the seconds of a run. */
export function toChartOptions(input: OptionsInput): uPlot.Options {
  const { lines, width, height, colour } = input;
  const axis = toAxisStyle(colour);
  return {
    width,
    height,
    padding: [6, 14, 0, 0],
    legend: { show: false },
    cursor: {
      sync: { key: input.syncKey, setSeries: false },
      y: false,
      drag: { x: false, y: false },
      // The cursor snaps to a point, so that its line marks the values in the legend.
      move: (chart, left, top) => {
        const x = left < 0 ? undefined : chart.data[0]?.[chart.posToIdx(left)];
        return [x === undefined ? left : chart.valToPos(x, "x"), top];
      },
      points: { size: 7 },
    },
    scales: {
      x: {
        time: false,
        range: (_chart, min, max) =>
          Number.isFinite(min) && Number.isFinite(max)
            ? [Math.min(min, 0), Math.max(max, Math.min(min, 0) + LEAST_SPAN_SECONDS)]
            : [0, LEAST_SPAN_SECONDS],
      },
      y: { range: (_chart, _min, max) => [0, max > 0 ? max * 1.12 : 1] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        incrs: TIME_STEPS,
        space: 64,
        size: 28,
        values: (_chart, splits) => splits.map(formatClock),
      },
      {
        ...axis,
        space: 34,
        size: 58,
        values: (_chart, splits) => splits.map(input.formatAxis),
      },
    ],
    series: [
      {},
      ...lines.map((line) => {
        const stroke = colour(line.colour);
        return {
          label: line.label,
          stroke,
          width: input.isDense ? 1 : 1.75,
          points: { show: false },
          ...(line.dashed === true && { dash: [6, 4] }),
          ...(line.filled === true && { fill: withAlpha(stroke, 0.1) }),
        };
      }),
    ],
    hooks: {
      draw: [
        (chart) =>
          drawMarks(chart, input.marks(), {
            line: colour("--line-strong"),
            text: colour("--ink-2"),
            background: colour("--sunken"),
          }),
      ],
      setCursor: [
        (chart) => {
          const index = chart.cursor.idx;
          const xs = chart.data[0];
          input.onCursor(index === null || index === undefined ? null : (xs?.[index] ?? null));
        },
      ],
    },
  };
}
