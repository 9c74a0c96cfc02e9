import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { loadUplot, toAxisStyle } from "../../components/chart-style.ts";
import { interpolateHex } from "../../grafana/colours.ts";
import { ReadableChart } from "../../components/readable-chart.tsx";
import { asNumber, asObject } from "../../grafana/json.ts";
import { enqueueDrawing } from "../../lib/draw-queue.ts";
import { readColour } from "../../lib/read-colour.ts";
import { useSize } from "../../lib/use-size.ts";
import { drawAnnotations } from "../annotations.ts";
import { NotLoaded } from "../not-loaded.tsx";
import { NoValue } from "../no-value.tsx";
import type { PanelProps } from "../panel-props.ts";
import { formatTick } from "../time-series/chart-options.ts";
import { describeColumn, formatBound } from "./describe-column.ts";
import { calculateCells, toCells, type Cells } from "./cells.ts";

/** From few to many on a light background; reversed on a dark one, so that few are near the background. */
const ORANGES = [
  "#fff5eb",
  "#fee6ce",
  "#fdd0a2",
  "#fdae6b",
  "#fd8d3c",
  "#f16913",
  "#d94801",
  "#a63603",
  "#7f2704",
];
const STEPS = 64;

/** Counts of a histogram's buckets over time. */
export function Heatmap(props: PanelProps) {
  const { panel, frames, range, palette, syncKey, annotations, onZoom } = props;
  const place = useRef<HTMLDivElement>(null);
  const drawn = useRef<uPlot | null>(null);
  const cells = useMemo(
    () =>
      panel.options["calculate"] === true ? calculateCells(frames, panel.options) : toCells(frames),
    [frames, panel.options["calculate"]],
  );
  const isEmpty = cells.max === 0;
  const size = useSize(place, !isEmpty);
  const [hasFailed, setFailed] = useState(false);
  const unit =
    panel.options["yAxis"] === undefined
      ? ""
      : String(asObject(panel.options["yAxis"])["unit"] ?? "");

  useEffect(() => {
    const element = place.current;
    if (element === null || isEmpty || size.width < 20 || size.height < 20) return;
    let chart: uPlot | undefined;
    let isOver = false;
    let cancel = (): void => {};
    const ramp = palette.isDark ? ORANGES.toReversed() : ORANGES;
    const least = asNumber(asObject(panel.options["filterValues"])["le"]) ?? 0;
    async function create(parent: HTMLElement): Promise<void> {
      const Plot = await loadUplot();
      if (isOver) return;
      cancel = enqueueDrawing(() => {
        const axis = {
          ...toAxisStyle((name) => readColour(parent, name)),
          grid: { show: false },
        };
        chart = new Plot(
          {
            ...size,
            padding: [8, 8, 0, 0],
            legend: { show: false },
            cursor: {
              sync: { key: syncKey, setSeries: false },
              y: false,
              drag: { x: true, setScale: false },
            },
            scales: {
              x: { range: () => [range.from / 1_000, range.to / 1_000] },
              y: { range: () => [0, cells.bounds.length] },
            },
            axes: [
              {
                ...axis,
                space: 70,
                size: 26,
                values: (_chart, splits, _axis, _space, step) =>
                  splits.map((at) => formatTick(at, step)),
              },
              {
                ...axis,
                size: 62,
                space: 20,
                incrs: [1, 2, 3, 4, 5, 10],
                values: (_chart, splits) =>
                  splits.map((at) => {
                    const bound = at === 0 ? cells.base : cells.bounds[at - 1];
                    return bound === undefined ? "" : formatBound(bound, unit);
                  }),
              },
            ],
            series: [{}, { show: true, stroke: "" }],
            hooks: {
              draw: [
                (each) => drawCells(each, cells, ramp, least),
                (each) => drawAnnotations(each, annotations ?? [], palette),
              ],
              setSelect: [
                (each) => {
                  const { left, width } = each.select;
                  if (width < 4) return;
                  const toTime = (at: number): number => Math.round(each.posToVal(at, "x") * 1_000);
                  each.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
                  onZoom({ from: toTime(left), to: toTime(left + width) });
                },
              ],
            },
          },
          [cells.times.map((time) => time / 1_000), cells.times.map(() => null)],
          parent,
        );
        drawn.current = chart;
      });
    }
    create(element).catch(() => setFailed(true));
    return () => {
      isOver = true;
      cancel();
      chart?.destroy();
      drawn.current = null;
    };
  }, [cells, range, size, palette, syncKey, annotations]);

  if (hasFailed) return <NotLoaded />;
  if (isEmpty) return <NoValue panel={panel} />;
  function moveCursor(at: number | undefined): void {
    const chart = drawn.current;
    const time = cells.times[at ?? -1];
    const left = time === undefined ? undefined : chart?.valToPos(time / 1_000, "x");
    chart?.setCursor(left === undefined ? { left: -10, top: -10 } : { left, top: 10 });
  }

  return (
    <ReadableChart
      class="is-plot"
      title={panel.title}
      texts={cells.times.map((_time, at) => describeColumn(cells, at, unit))}
      onMove={moveCursor}
    >
      {() => <div ref={place} class="plot" />}
    </ReadableChart>
  );
}

/** A cell is as wide as the time before its sample, and lies under its bound. */
function drawCells(chart: uPlot, cells: Cells, ramp: readonly string[], least: number): void {
  const { ctx, bbox } = chart;
  const { times, counts, max } = cells;
  const step = times.length > 1 ? times[1]! - times[0]! : 15_000;
  ctx.save();
  ctx.beginPath();
  ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
  ctx.clip();
  const y = (index: number): number => chart.valToPos(index, "y", true);
  const x = (time: number): number => chart.valToPos(time / 1_000, "x", true);
  const gap = devicePixelRatio;
  counts.forEach((column, row) => {
    const [top, bottom] = [y(row + 1), y(row)];
    column.forEach((count, at) => {
      if (count === null || count <= least) return;
      const [left, right] = [x(times[at]! - step), x(times[at]!)];
      // A gap in narrow cells would be a pattern of its own.
      const between = right - left < 5 * gap ? 0 : gap;
      const level = Math.min(STEPS - 1, Math.floor((STEPS * count) / max)) / (STEPS - 1);
      ctx.fillStyle = interpolateHex(ramp, level);
      ctx.fillRect(left, top, Math.max(1, right - left - between), Math.max(1, bottom - top - gap));
    });
  });
  ctx.restore();
}
