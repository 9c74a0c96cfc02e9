import { useEffect, useRef, useState } from "preact/hooks";
import type uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { formatClock, NO_VALUE } from "../lib/format.ts";
import { CHARTS, TABLE_TOGGLE } from "../lib/table-key.ts";
import { readColour } from "../lib/read-colour.ts";
import { useColourChanges } from "../lib/theme.ts";
import { indexAt, type Columns } from "./chart-data.ts";
import type { ChartMark } from "./chart-marks.ts";
import { Button } from "./button.tsx";
import { ChartTable } from "./chart-table.tsx";
import { DENSE_POINTS, toChartOptions, type ChartLine } from "./chart-options.ts";
import { loadUplot } from "./chart-style.ts";
import "./chart.css";

interface Props {
  readonly title: string;
  readonly lines: readonly ChartLine[];
  readonly columns: Columns;
  readonly marks: readonly ChartMark[];
  /** Charts with the same key share their cursor. */
  readonly syncKey: string;
  readonly formatValue: (value: number) => string;
  readonly formatAxis: (value: number) => string;
  readonly height?: number;
  /** Values in the header without a cursor. @default "last" */
  readonly idle?: "last" | "nothing";
}

/**
 * Lines over the seconds of a run. Its head shows the values at the cursor, otherwise the last ones. The cursor follows the pointer, and
 * the arrow keys when the chart has the focus.
 */
export function Chart(props: Props) {
  const {
    title,
    lines,
    columns,
    marks,
    syncKey,
    formatValue,
    formatAxis,
    height = 220,
    idle = "last",
  } = props;
  const frame = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const peers = useRef<uPlot.SyncPubSub | null>(null);
  const marksNow = useRef(marks);
  const columnsNow = useRef(columns);
  const [cursor, setCursor] = useState<number | null>(null);
  const [hasFailed, setFailed] = useState(false);
  const [isTable, setTable] = useState(false);
  const live = useRef<HTMLParagraphElement>(null);
  const colours = useColourChanges();
  marksNow.current = marks;
  columnsNow.current = columns;

  const isDense = columns[0].length > DENSE_POINTS;
  const look = lines.map(({ label, colour }) => `${label}${colour}`).join();
  useEffect(() => {
    const element = frame.current;
    if (element === null) return;
    const options = toChartOptions({
      lines,
      width: Math.max(element.clientWidth, 120),
      height,
      isDense,
      syncKey,
      formatAxis,
      colour: (name) => readColour(element, name),
      marks: () => marksNow.current,
      onCursor: setCursor,
    });
    const observer = new ResizeObserver(() =>
      chart.current?.setSize({ width: Math.max(element.clientWidth, 120), height }),
    );
    let isOver = false;
    async function draw(place: HTMLElement) {
      const Plot = await loadUplot();
      if (isOver) return;
      chart.current = new Plot(options, toUplotData(columnsNow.current), place);
      peers.current = Plot.sync(syncKey);
      observer.observe(place);
    }
    draw(element).catch(() => setFailed(true));
    return () => {
      isOver = true;
      observer.disconnect();
      chart.current?.destroy();
      chart.current = null;
    };
    // The lines and formats of a chart change only together with its theme.
  }, [colours, look, syncKey, height, isDense, isTable]);

  useEffect(() => {
    chart.current?.setData(toUplotData(columns));
  }, [columns, marks]);

  const [xs, ...ys] = columns;
  const last = idle === "last" ? xs.length - 1 : null;
  const index = cursor === null ? last : indexAt(xs, cursor);
  const at = index === null ? undefined : xs[index];

  function onKeyDown(event: KeyboardEvent) {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const made = chart.current;
    if (made === null || xs.length === 0 || (step === undefined && event.key !== "Escape")) return;
    event.preventDefault();
    const next = Math.min(Math.max((index ?? xs.length - 1) + (step ?? 0), 0), xs.length - 1);
    const left = step === undefined ? -10 : made.valToPos(xs[next] ?? 0, "x");
    // uPlot synchronizes a pointer's cursor with the other charts, but not one set by code.
    for (const plot of peers.current?.plots ?? []) plot.setCursor({ left, top: 10 });
    if (live.current !== null) {
      const text = lines.map(({ label }, line) => `${label} ${toValueText(ys[line]?.[next])}`);
      live.current.textContent =
        step === undefined ? "" : `${formatClock(xs[next] ?? 0)}: ${text.join(", ")}`;
    }
  }

  function toValueText(value: number | null | undefined): string {
    return value === null || value === undefined ? NO_VALUE : formatValue(value);
  }

  return (
    <figure class="chart" {...CHARTS}>
      <figcaption class="chart-head">
        <h3>{title}</h3>
        <ul class="chart-legend">
          {lines.map((line, position) => {
            const value = index === null ? null : (ys[position]?.[index] ?? null);
            return (
              <li key={line.label}>
                <Swatch line={line} />
                {line.label}
                {index !== null && <strong>{toValueText(value)}</strong>}
              </li>
            );
          })}
          <li class={`chart-time${cursor === null ? "" : " is-at-cursor"}`}>
            {at === undefined ? "" : formatClock(at)}
          </li>
        </ul>
        <Button
          look="quiet"
          small
          aria-pressed={isTable}
          aria-label={`${title} as a table`}
          onClick={() => setTable(!isTable)}
          {...TABLE_TOGGLE}
        >
          Table
        </Button>
      </figcaption>
      {isTable ? (
        <ChartTable title={title} lines={lines} columns={columns} toText={toValueText} />
      ) : (
        <div
          ref={frame}
          class="chart-frame"
          style={{ minHeight: `${height}px` }}
          tabIndex={0}
          role="group"
          aria-roledescription="chart"
          aria-label={`${title}: ${lines.map(({ label }) => label).join(", ")} over time. Arrow keys move the cursor.`}
          onKeyDown={onKeyDown}
        />
      )}
      <p ref={live} class="visually-hidden" role="status" />
      {hasFailed && <p class="muted">The chart library could not be loaded. Reload the page.</p>}
    </figure>
  );
}

function Swatch({ line }: { readonly line: ChartLine }) {
  return (
    <svg width="16" height="8" class="chart-swatch" aria-hidden="true">
      <path
        d="M1 4h14"
        stroke={`var(${line.colour})`}
        stroke-width="2.5"
        stroke-linecap="round"
        {...(line.dashed === true && { "stroke-dasharray": "4 4" })}
      />
    </svg>
  );
}

function toUplotData([xs, ...ys]: Columns): uPlot.AlignedData {
  return [[...xs], ...ys.map((column) => [...column])];
}
