import { useRef } from "preact/hooks";
import { ReadableChart } from "../../components/readable-chart.tsx";
import { toText, type Display } from "../../grafana/display.ts";
import { useSize } from "../../lib/use-size.ts";
import { countDecimals, listTicks } from "../ticks.ts";
import { findExtent, stackBars, type BarSeries } from "./stack-bars.ts";

export interface Bars extends BarSeries {
  readonly title: string;
  /** The color of each bar. */
  readonly colours: readonly string[];
  readonly display: Display;
}

export interface BarPlotProps {
  readonly label: string;
  readonly categories: readonly string[];
  readonly series: readonly Bars[];
  readonly isHorizontal?: boolean;
  readonly stacking?: "none" | "normal" | "percent";
  readonly showValue?: "auto" | "always" | "never";
  /** True for bars without gaps, with labels between them: a histogram. */
  readonly isContinuous?: boolean;
  readonly fillOpacity?: number;
  readonly min?: number | undefined;
  readonly max?: number | undefined;
}

const CHAR_PX = 6.6;
const LINE_PX = 20;

/** Bars by category, as SVG: they do not change with every move of the pointer. */
export function BarPlot(props: BarPlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(place);
  return (
    <div ref={place} class="plot">
      {width > 40 && height > 40 && (
        <ReadableChart title={props.label} texts={listTexts(props)}>
          {(current) => <Drawing {...props} width={width} height={height} current={current} />}
        </ReadableChart>
      )}
    </div>
  );
}

/** Lists all bars with their values, category by category. */
function listTexts({ categories, series }: BarPlotProps): readonly string[] {
  return categories.flatMap((category, index) =>
    series.map(
      ({ title, display, values }) =>
        `${category}, ${title}: ${toText(display(values[index] ?? null))}`,
    ),
  );
}

interface DrawingProps extends BarPlotProps {
  /** Index of the bar at the cursor, category by category. */
  readonly current: number | undefined;
  readonly width: number;
  readonly height: number;
}

function Drawing(props: DrawingProps) {
  const { categories, series, isHorizontal = false, stacking = "none", width, height } = props;
  const { isContinuous = false, fillOpacity = 0.8 } = props;
  const extents = stackBars(series, stacking);
  const extent = findExtent(extents);
  const [low, high] = [props.min ?? extent.from, props.max ?? (extent.to || 1)];
  const ticks = listTicks(low, high, (isHorizontal ? width : height) / (isHorizontal ? 90 : 40));
  const decimals = countDecimals((ticks[1] ?? 1) - ticks[0]!);
  const [first] = series;
  const tickTexts = ticks.map((tick) =>
    stacking === "percent"
      ? `${Math.round(tick * 100)}%`
      : first === undefined
        ? String(tick)
        : toText(first.display(tick, decimals)),
  );
  const left = Math.min(measure(isHorizontal ? categories : tickTexts) + 10, width * 0.4);
  const area = { left, top: 8, width: width - left - 12, height: height - 8 - LINE_PX };
  const along = isHorizontal ? area.height : area.width;
  const slot = along / Math.max(1, categories.length);
  const [from, to] = [props.min ?? ticks[0]!, props.max ?? ticks.at(-1)!];
  const toShare = (value: number): number => Math.min(Math.max((value - from) / (to - from), 0), 1);
  const position = (value: number): number =>
    isHorizontal
      ? area.left + toShare(value) * area.width
      : area.top + (1 - toShare(value)) * area.height;
  const groupShare = isContinuous ? 1 : 0.8;
  const columns = stacking === "none" && !isContinuous ? Math.max(1, series.length) : 1;
  const thickness = Math.max(1, (slot * groupShare) / columns - (isContinuous ? 1 : 0));
  const isValueShown =
    props.showValue === "always" ||
    (props.showValue !== "never" && !isContinuous && thickness > 26);

  return (
    <svg class="bar-plot" width={width} height={height} aria-hidden="true">
      {ticks.map((tick, index) => (
        <g key={tick} class="plot-tick">
          {isHorizontal ? (
            <>
              <line
                x1={position(tick)}
                x2={position(tick)}
                y1={area.top}
                y2={area.top + area.height}
              />
              <text x={position(tick)} y={height - 5} text-anchor="middle">
                {tickTexts[index]}
              </text>
            </>
          ) : (
            <>
              <line x1={area.left} x2={width - 12} y1={position(tick)} y2={position(tick)} />
              <text x={area.left - 6} y={position(tick) + 4} text-anchor="end">
                {tickTexts[index]}
              </text>
            </>
          )}
        </g>
      ))}
      {series.map(({ title, colours, display, values }, at) =>
        extents[at]!.map((bar, index) => {
          if (bar === undefined) return null;
          const column = columns === 1 ? 0 : at;
          const start = slot * (index + (1 - groupShare) / 2) + column * thickness;
          const [a, b] = [position(bar.from), position(bar.to)];
          const size = Math.abs(a - b);
          const text = toText(display(values[index] ?? null));
          const rectangle = isHorizontal
            ? { x: Math.min(a, b), y: area.top + start, width: size, height: thickness }
            : { x: area.left + start, y: Math.min(a, b), width: thickness, height: size };
          return (
            <g key={`${title}${index}`}>
              <rect
                {...rectangle}
                fill={colours[index]}
                fill-opacity={fillOpacity}
                stroke={colours[index]}
                class={props.current === index * series.length + at ? "is-current" : ""}
                data-series={title}
                data-category={categories[index]}
              >
                <title>{`${categories[index]}, ${title}: ${text}`}</title>
              </rect>
              {isValueShown && (
                <text
                  class="bar-text"
                  x={isHorizontal ? Math.max(a, b) + 4 : rectangle.x + thickness / 2}
                  y={
                    isHorizontal
                      ? rectangle.y + thickness / 2 + 4
                      : Math.max(Math.min(a, b) - 4, 11)
                  }
                  text-anchor={isHorizontal ? "start" : "middle"}
                >
                  {text}
                </text>
              )}
            </g>
          );
        }),
      )}
      <Labels {...{ categories, isHorizontal, isContinuous, slot, height }} area={area} />
    </svg>
  );
}

/** Returns the width of the longest text. */
function measure(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, text.length), 0) * CHAR_PX;
}

interface LabelsProps {
  readonly categories: readonly string[];
  readonly isHorizontal: boolean;
  readonly isContinuous: boolean;
  readonly slot: number;
  readonly height: number;
  readonly area: { readonly left: number; readonly top: number };
}

/** The names of the categories, as many as have space. */
function Labels({ categories, isHorizontal, isContinuous, slot, height, area }: LabelsProps) {
  const widest = categories.reduce((most, text) => Math.max(most, text.length), 1);
  const needed = isHorizontal ? LINE_PX : Math.min(widest * CHAR_PX + 8, 110);
  const every = Math.max(1, Math.ceil(needed / slot));
  // What does not fit is cut; the bar's own title has all of it.
  const most = Math.floor((isHorizontal ? area.left : slot * every) / CHAR_PX) - 1;
  return (
    <g class="plot-labels">
      {categories.map((category, index) =>
        index % every === 0 ? (
          <text
            key={index}
            x={isHorizontal ? area.left - 6 : area.left + slot * (index + (isContinuous ? 0 : 0.5))}
            y={isHorizontal ? area.top + slot * (index + 0.5) + 4 : height - 5}
            text-anchor={isHorizontal ? "end" : "middle"}
          >
            {category.length > most ? `${category.slice(0, Math.max(1, most - 1))}…` : category}
          </text>
        ) : null,
      )}
    </g>
  );
}
