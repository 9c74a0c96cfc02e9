import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { Kept } from "../../components/kept.tsx";
import { loadUplot } from "../../components/chart-style.ts";
import { moveStep } from "../../components/move-step.ts";
import type { Annotation } from "../../grafana/annotations.ts";
import { asObject, asText, asTexts } from "../../grafana/json.ts";
import { enqueueDrawing } from "../../lib/draw-queue.ts";
import { readColour } from "../../lib/read-colour.ts";
import { useSize } from "../../lib/use-size.ts";
import { findAnnotations } from "../annotations.ts";
import { NotLoaded } from "../not-loaded.tsx";
import { NoValue } from "../no-value.tsx";
import type { PanelProps } from "../panel-props.ts";
import { hasGradient, toChartOptions } from "./chart-options.ts";
import {
  isHiddenByClick,
  listLegendLines,
  MAX_LINES,
  toColumns,
  type Columns,
  type Line,
} from "./columns.ts";
import { Legend } from "./legend.tsx";
import { createTooltip, type Tooltip } from "./tooltip.ts";

/** The content of the canvas. */
interface Drawn {
  readonly lines: readonly Line[];
  readonly columns: Columns;
}

const NONE: readonly Annotation[] = [];

/** Lines, bars and points over time. */
export function TimeSeries(props: PanelProps) {
  const {
    panel,
    frames,
    range,
    palette,
    syncKey,
    sharesTooltip,
    annotations = NONE,
    onZoom,
  } = props;
  const place = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const tooltip = useRef<Tooltip | null>(null);
  const live = useRef<HTMLParagraphElement>(null);
  // A dashboard may have been saved with lines that a click in the legend hides.
  const [hidden, setHidden] = useState<ReadonlySet<string>>(
    () =>
      new Set(
        listLegendLines(frames)
          .filter(({ field }) => isHiddenByClick(field))
          .map(({ title }) => title),
      ),
  );
  const size = useSize(place);
  const [hasFailed, setFailed] = useState(false);

  const all = useMemo(() => listLegendLines(frames).slice(0, MAX_LINES), [frames]);
  const drawn = useMemo((): Drawn => {
    const lines = all.filter(({ title }) => !hidden.has(title));
    return { lines, columns: toColumns(lines) };
  }, [all, hidden]);
  // Callbacks of a chart outlive the props it was created with.
  const now = useRef({ drawn, range, annotations, onZoom });
  now.current = { drawn, range, annotations, onZoom };

  // A chart is created anew for other lines; for other values it gets new data.
  const look = JSON.stringify([
    drawn.lines.map(({ title, field }) => [title, field.colour, field.config]),
    palette.isDark,
    panel.id,
  ]);
  const isSized = size.width > 20 && size.height > 20;
  useEffect(() => {
    const element = place.current;
    if (element === null || !isSized || drawn.lines.length === 0) return;
    let isOver = false;
    let cancel = (): void => {};
    async function create(parent: HTMLElement): Promise<void> {
      const hasGradients = now.current.drawn.lines.some(hasGradient);
      const [Plot, gradients] = await Promise.all([
        loadUplot(),
        hasGradients ? import("./gradients.ts") : undefined,
      ]);
      if (isOver) return;
      cancel = enqueueDrawing(() => {
        const { lines, columns } = now.current.drawn;
        const options = toChartOptions({
          Plot,
          gradients,
          lines,
          range: () => now.current.range,
          ...size,
          palette,
          syncKey,
          colour: (name) => readColour(parent, name),
          annotations: () => now.current.annotations,
          onCursor: showTooltip,
          onZoom: (next) => now.current.onZoom(next),
        });
        chart.current = new Plot(options, toData(columns), parent);
      });
    }
    create(element).catch(() => setFailed(true));
    return () => {
      isOver = true;
      cancel();
      chart.current?.destroy();
      chart.current = null;
      tooltip.current?.remove();
      tooltip.current = null;
    };
  }, [look, isSized, syncKey]);

  useEffect(
    () => enqueueDrawing(() => chart.current?.setData(toData(now.current.drawn.columns))),
    [drawn, range],
  );
  useEffect(() => enqueueDrawing(() => chart.current?.redraw(false)), [annotations]);
  useEffect(() => enqueueDrawing(() => isSized && chart.current?.setSize(size)), [size]);

  /** Shows the tooltip of the chart under the pointer or with the focus; the others share the cursor, and the tooltip on demand. */
  function showTooltip(each: uPlot): void {
    const isOwn = each.root.matches(":hover") || each.root.parentElement === document.activeElement;
    if (!isOwn && !sharesTooltip) tooltip.current?.hide();
    else {
      tooltip.current ??= createTooltip();
      const { lines, columns } = now.current.drawn;
      tooltip.current.show(
        each,
        lines,
        columns,
        findAnnotations(each, now.current.annotations),
        asText(asObject(panel.options["tooltip"])["sort"]) === "desc",
      );
    }
  }

  function onKeyDown(event: KeyboardEvent): void {
    const each = chart.current;
    // Up and down scroll the page.
    if (each === null || event.key === "ArrowUp" || event.key === "ArrowDown") return;
    const { seconds } = drawn.columns;
    const hasCursor = (each.cursor.left ?? -1) >= 0;
    const current = hasCursor ? (each.cursor.idx ?? undefined) : undefined;
    const next = moveStep(event.key, current, seconds.length);
    // Without a cursor, Escape is the page's.
    if (next === "unchanged" || (next === undefined && !hasCursor)) return;
    event.preventDefault();
    each.setCursor(
      next === undefined
        ? { left: -10, top: -10 }
        : { left: each.valToPos(seconds[next] ?? 0, "x"), top: 10 },
    );
    if (live.current !== null) live.current.textContent = tooltip.current?.text() ?? "";
  }

  function toggle(title: string): void {
    const titles = all.map((line) => line.title);
    const isAlone =
      !hidden.has(title) && titles.every((each) => each === title || hidden.has(each));
    setHidden(isAlone ? new Set() : new Set(titles.filter((each) => each !== title)));
  }

  const latest = useRef(toggle);
  latest.current = toggle;
  // Without statistics, new values do not change a legend.
  const hasStatistics = asTexts(asObject(panel.options["legend"])["calcs"]).length > 0;
  const names = JSON.stringify(all.map(({ title, field }) => [title, field.colour]));
  if (hasFailed) return <NotLoaded />;
  const hasLines = all.length > 0;
  const isEmpty = drawn.columns.drawn.every((values) => !values.some(isNumber));
  return (
    <div class="time-series">
      <div
        ref={place}
        class="plot"
        {...(hasLines && {
          tabIndex: 0,
          role: "group",
          "aria-roledescription": "chart",
          "aria-label": `${panel.title}. Arrow keys move the cursor.`,
          onKeyDown,
          onBlur: () => tooltip.current?.hide(),
        })}
      >
        {(!hasLines || (isEmpty && drawn.lines.length > 0)) && <NoValue panel={panel} />}
      </div>
      <p ref={live} class="visually-hidden" role="status" />
      <Kept
        inputs={[panel, hidden, hasStatistics ? all : names]}
        draw={() => (
          <Legend
            panel={panel}
            lines={all}
            hidden={hidden}
            onToggle={(title) => latest.current(title)}
          />
        )}
      />
    </div>
  );
}

function isNumber(value: unknown): value is number {
  return typeof value === "number";
}

function toData({ seconds, drawn }: Columns): uPlot.AlignedData {
  return [seconds, ...drawn] as uPlot.AlignedData;
}
