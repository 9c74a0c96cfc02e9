import type { Mark, SeriesPoint } from "../../contract/report.ts";
import { formatNumber } from "../format-number.ts";
import { html, type Html } from "./html.ts";

export interface Line {
  readonly name: string;
  /** Name of a colour in the style sheet. */
  readonly color: "a" | "b" | "c" | "bad";
  /** Returns null for a gap. */
  readonly value: (point: SeriesPoint) => number | null;
}

export interface Chart {
  /** Includes the unit. */
  readonly title: string;
  readonly lines: readonly Line[];
}

const WIDTH = 760;
const HEIGHT = 190;
const LEFT = 56;
const RIGHT = 12;
const TOP = 8;
const BOTTOM = 26;
/** A screen cannot show more points. */
const MAX_POINTS = 380;

/** Draws lines over the time of a run as SVG, with its marks. If there are more seconds than points, each point is the maximum of its seconds. */
export function drawChart(
  { title, lines }: Chart,
  series: readonly SeriesPoint[],
  marks: readonly Mark[],
): Html {
  const end = Math.max(1, series.at(-1)?.elapsed_seconds ?? 0);
  const step = Math.max(1, Math.ceil(series.length / MAX_POINTS));
  const values = lines.map(({ value }) => toHighest(series.map(value), step));
  const highest = values.flat().reduce<number>((top, value) => Math.max(top, value ?? 0), 0);
  const ticks = toTicks(highest);
  const top = ticks.at(-1) ?? 1;
  const x = (seconds: number): number => LEFT + (seconds / end) * (WIDTH - LEFT - RIGHT);
  const y = (value: number): number => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
  const times = toHighest(
    series.map((point) => point.elapsed_seconds),
    step,
  ).map((time) => time!);

  const toPath = (own: readonly (number | null)[]): string => {
    let path = "";
    let isDrawing = false;
    for (const [index, value] of own.entries()) {
      const at = times[index]!;
      if (value === null) isDrawing = false;
      else {
        path += `${isDrawing ? "L" : "M"}${x(at).toFixed(1)} ${y(value).toFixed(1)}`;
        isDrawing = true;
      }
    }
    return path;
  };

  return html`<figure>
    <figcaption>
      <b>${title}</b
      >${lines.map(({ name, color }) => html` <span class="key ${color}">${name}</span>`)}
    </figcaption>
    <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}">
      ${ticks.map(
        (tick) =>
          html`<line
              class="grid"
              x1="${LEFT}"
              x2="${WIDTH - RIGHT}"
              y1="${y(tick).toFixed(1)}"
              y2="${y(tick).toFixed(1)}"
            />
            <text class="tick" text-anchor="end" x="${LEFT - 6}" y="${(y(tick) + 4).toFixed(1)}"
              >${formatNumber(tick)}</text
            >`,
      )}
      ${toTimes(end).map(
        (at) =>
          html`<text class="tick" text-anchor="middle" x="${x(at).toFixed(1)}" y="${HEIGHT - 8}"
            >${at} s</text
          >`,
      )}
      ${marks.map(
        ({ elapsed_seconds: at, kind, text }) =>
          html`<line
            class="mark"
            x1="${x(Math.min(at, end)).toFixed(1)}"
            x2="${x(Math.min(at, end)).toFixed(1)}"
            y1="${TOP}"
            y2="${HEIGHT - BOTTOM}"
            ><title>${at.toFixed(0)} s, ${kind}: ${text}</title></line
          >`,
      )}
      ${lines.map(({ color }, index) => html`<path class="line ${color}" d="${toPath(values[index]!)}" />`)}
    </svg>
  </figure>`;
}

/** Returns the maximum of every `step` values; null if all of them are null. */
function toHighest(values: readonly (number | null)[], step: number): (number | null)[] {
  const highest: (number | null)[] = [];
  for (let from = 0; from < values.length; from += step) {
    let top: number | null = null;
    for (const value of values.slice(from, from + step)) {
      if (value !== null && (top === null || value > top)) top = value;
    }
    highest.push(top);
  }
  return highest;
}

/** Returns ticks from 0 to at least `highest`, in four to six steps of 1, 2 or 5 times a power of ten. */
function toTicks(highest: number): readonly number[] {
  const rough = (highest > 0 && Number.isFinite(highest) ? highest : 1) / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) ?? 10);
  const count = Math.max(1, Math.ceil((highest || 1) / step - 1e-9));
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

/** Returns five to eleven whole seconds. */
function toTimes(end: number): readonly number[] {
  const steps = [1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1_200, 1_800, 3_600, 7_200, 14_400];
  const step = steps.find((seconds) => end / seconds <= 10) ?? Math.ceil(end / 10);
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step);
}
