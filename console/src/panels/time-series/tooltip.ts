import type uPlot from "uplot";
import type { Annotation } from "../../grafana/annotations.ts";
import { toText } from "../../grafana/display.ts";
import { formatDate } from "../../grafana/time-units.ts";
import type { Columns, Line } from "./columns.ts";

/** Lines that a tooltip lists at most. */
const MAX_ROWS = 12;

/** A tooltip that follows the cursor, drawn without the framework: it changes with every move of the pointer. */
export interface Tooltip {
  show(
    chart: uPlot,
    lines: readonly Line[],
    columns: Columns,
    annotations: readonly Annotation[],
    isSorted: boolean,
  ): void;
  hide(): void;
  /** Returns what it shows as one string, for screen readers. */
  text(): string;
  remove(): void;
}

export function createTooltip(): Tooltip {
  const element = document.createElement("div");
  element.className = "tooltip";
  element.hidden = true;
  document.body.append(element);
  return {
    show(chart, lines, columns, annotations, isSorted) {
      const { idx, left = -1, top = 0 } = chart.cursor;
      const seconds = idx === null || idx === undefined ? undefined : columns.seconds[idx];
      if (seconds === undefined || left < 0) {
        element.hidden = true;
        return;
      }
      element.replaceChildren(
        toTime(seconds),
        ...annotations.map(toMark),
        ...toRows(lines, columns, idx!, isSorted),
      );
      element.hidden = false;
      place(element, chart.over.getBoundingClientRect(), left, top);
    },
    hide() {
      element.hidden = true;
    },
    text: () =>
      element.hidden ? "" : [...element.children].map((row) => row.textContent).join(", "),
    remove() {
      element.remove();
    },
  };
}

function toTime(seconds: number): HTMLElement {
  const time = document.createElement("div");
  time.className = "tooltip-time";
  time.textContent = formatDate(seconds * 1_000, "YYYY-MM-DD HH:mm:ss", "browser");
  return time;
}

function toMark({ title, text, tags, from, to }: Annotation): HTMLElement {
  const mark = document.createElement("div");
  mark.className = "tooltip-mark";
  const name = document.createElement("strong");
  name.textContent = title;
  const about = [text, ...tags, from === to ? toClock(from) : `${toClock(from)} – ${toClock(to)}`];
  mark.append(name, " ", about.filter((part) => part !== "").join(" · "));
  return mark;
}

function toRows(
  lines: readonly Line[],
  columns: Columns,
  at: number,
  isSorted: boolean,
): HTMLElement[] {
  const rows = lines.flatMap((line, index) => {
    const value = columns.raw[index]?.[at];
    return value === null || value === undefined ? [] : [{ line, value }];
  });
  const ordered = isSorted ? rows.toSorted((a, b) => b.value - a.value) : rows;
  const shown = ordered
    .slice(0, MAX_ROWS)
    .map(({ line, value }) => toRow(line, toText(line.field.display(value))));
  if (ordered.length > MAX_ROWS) {
    const more = document.createElement("div");
    more.className = "tooltip-more";
    more.textContent = `and ${ordered.length - MAX_ROWS} more`;
    shown.push(more);
  }
  return shown;
}

function toClock(time: number): string {
  return formatDate(time, "HH:mm:ss", "browser");
}

function toRow({ title, field }: Line, text: string): HTMLElement {
  const row = document.createElement("div");
  row.className = "tooltip-row";
  const swatch = document.createElement("span");
  swatch.className = "legend-swatch";
  swatch.style.background = field.colour;
  const name = document.createElement("span");
  name.className = "tooltip-name";
  name.textContent = title;
  const value = document.createElement("strong");
  value.textContent = text;
  row.append(swatch, name, " ", value);
  return row;
}

/** Places the tooltip beside the cursor, inside the window. */
function place(element: HTMLElement, over: DOMRect, left: number, top: number): void {
  const { offsetWidth: width, offsetHeight: height } = element;
  const x = over.left + left;
  const isLeft = x + width + 24 > innerWidth;
  const y = Math.min(Math.max(over.top + top - height / 2, 8), innerHeight - height - 8);
  element.style.left = `${Math.max(8, isLeft ? x - width - 14 : x + 14)}px`;
  element.style.top = `${y}px`;
}
