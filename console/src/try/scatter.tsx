import { useRef } from "preact/hooks";
import { ReadableChart } from "../components/readable-chart.tsx";
import { formatNumber } from "../lib/format.ts";
import { useSize } from "../lib/use-size.ts";
import type { Projection } from "./project.ts";
import { toScale } from "./scale.ts";

interface Props {
  readonly projection: Projection;
  /** The class of each point; undefined for regression. */
  readonly labels: readonly (string | undefined)[];
  readonly classes: readonly string[];
}

const HEIGHT = 320;
const MARGIN = { left: 46, right: 14, top: 12, bottom: 40 };
const COLOURS = 6;

/** Points of reference rows by class, and the row of the form. */
export function Scatter({ projection, labels, classes }: Props) {
  const frame = useRef<HTMLDivElement>(null);
  const { width } = useSize(frame);
  const { points, own } = projection;
  const x = toScale(
    points.map(([value]) => value),
    own?.[0],
    MARGIN.left,
    width - MARGIN.right,
  );
  const y = toScale(
    points.map(([, value]) => value),
    own?.[1],
    HEIGHT - MARGIN.bottom,
    MARGIN.top,
  );
  const isFar = own !== null && !(x.has(own[0]) && y.has(own[1]));
  const shown = classes.filter((name) => labels.includes(name));
  const drawn = points.flatMap(([px, py], index) => (Number.isNaN(px) ? [] : [{ px, py, index }]));
  const texts = drawn.map(({ px, py, index }) =>
    [
      `Row ${index + 1} of ${points.length}`,
      ...(labels[index] === undefined ? [] : [labels[index]]),
      `${projection.x} ${formatNumber(px)}`,
      `${projection.y} ${formatNumber(py)}`,
    ].join(", "),
  );
  return (
    <figure class="scatter">
      <div ref={frame} class="scatter-frame">
        {width > 0 && (
          <ReadableChart
            title={`${points.length} reference rows by ${projection.x} and ${projection.y}${own === null ? "" : ", and this row"}`}
            texts={texts}
          >
            {(current) => (
              <svg width={width} height={HEIGHT} aria-hidden="true">
                <g class="scatter-grid">
                  {x.ticks.map((tick) => (
                    <g key={`x${tick}`}>
                      <path d={`M${x.at(tick)} ${MARGIN.top}V${HEIGHT - MARGIN.bottom}`} />
                      <text x={x.at(tick)} y={HEIGHT - MARGIN.bottom + 15} text-anchor="middle">
                        {tick}
                      </text>
                    </g>
                  ))}
                  {y.ticks.map((tick) => (
                    <g key={`y${tick}`}>
                      <path d={`M${MARGIN.left} ${y.at(tick)}H${width - MARGIN.right}`} />
                      <text x={MARGIN.left - 7} y={y.at(tick) + 4} text-anchor="end">
                        {tick}
                      </text>
                    </g>
                  ))}
                </g>
                <text
                  class="scatter-axis"
                  x={(MARGIN.left + width - MARGIN.right) / 2}
                  y={HEIGHT - 6}
                  text-anchor="middle"
                >
                  {projection.x}
                </text>
                {drawn.map(({ px, py, index }, at) => (
                  <path
                    key={index}
                    class={`point ${toColour(labels[index], classes)}${at === current ? " is-current" : ""}`}
                    d={toShape(x.at(px), y.at(py), classes.indexOf(labels[index] ?? ""), 3.6)}
                  />
                ))}
                {own !== null && (
                  <g class="point-own">
                    <circle cx={x.at(own[0])} cy={y.at(own[1])} r="10" />
                    <circle cx={x.at(own[0])} cy={y.at(own[1])} r="4" />
                  </g>
                )}
              </svg>
            )}
          </ReadableChart>
        )}
      </div>
      <figcaption class="scatter-legend">
        <span class="muted">Upwards: {projection.y}</span>
        {shown.map((name) => (
          <span key={name}>
            <svg width="12" height="12" aria-hidden="true">
              <path
                class={`point ${toColour(name, classes)}`}
                d={toShape(6, 6, classes.indexOf(name), 4.4)}
              />
            </svg>
            {name}
          </span>
        ))}
        <span>
          <svg width="16" height="16" aria-hidden="true" class="point-own">
            <circle cx="8" cy="8" r="7" />
            <circle cx="8" cy="8" r="3" />
          </svg>
          {own === null
            ? "This row is not drawn: a value is missing"
            : isFar
              ? "This row, far outside of the chart"
              : "This row"}
        </span>
      </figcaption>
    </figure>
  );
}

function toColour(label: string | undefined, classes: readonly string[]): string {
  const index = label === undefined ? 0 : Math.max(classes.indexOf(label), 0);
  return `colour-${(index % COLOURS) + 1}`;
}

/** Draws a circle, square, triangle or diamond: classes differ in more than color. */
function toShape(x: number, y: number, index: number, r: number): string {
  switch (Math.max(index, 0) % 4) {
    case 1:
      return `M${x - r} ${y - r}h${2 * r}v${2 * r}h${-2 * r}z`;
    case 2:
      return `M${x} ${y - r * 1.2}l${r * 1.2} ${r * 2.1}h${-2.4 * r}z`;
    case 3:
      return `M${x} ${y - r * 1.3}l${r * 1.3} ${r * 1.3}l${-r * 1.3} ${r * 1.3}l${-r * 1.3} ${-r * 1.3}z`;
    default:
      return `M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`;
  }
}
