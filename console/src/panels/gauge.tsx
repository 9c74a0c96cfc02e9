import { ReadableChart } from "../components/readable-chart.tsx";
import { toReadable, type Palette } from "../grafana/colours.ts";
import { toText } from "../grafana/display.ts";
import type { ShownField } from "../grafana/resolve-fields.ts";
import { clampShare, listThresholds } from "./bar-colours.ts";
import { NoValue } from "./no-value.tsx";
import type { PanelProps } from "./panel-props.ts";
import { listPanelValues, type PanelValue } from "./values.ts";

/** From the lower left over the top to the lower right. */
const START = -120;
const SPAN = 240;

/** Arcs with the value in their middle. */
export function Gauge({ panel, frames, palette }: PanelProps) {
  const values = listPanelValues(panel, frames, palette);
  if (values.length === 0) return <NoValue panel={panel} />;
  return (
    <ReadableChart
      class="gauge-chart"
      title={panel.title}
      texts={values.map(({ name, value }) => `${name}: ${toText(value)}`)}
    >
      {(current) => (
        <ul class="gauges">
          {values.map((value, index) => (
            <li
              key={`${value.name}${index}`}
              class={`gauge${index === current ? " is-marked" : ""}`}
            >
              <Arc
                value={value}
                palette={palette}
                hasMarkers={panel.options["showThresholdMarkers"] !== false}
              />
              {values.length > 1 && <span class="stat-name">{value.name}</span>}
            </li>
          ))}
        </ul>
      )}
    </ReadableChart>
  );
}

interface ArcProps {
  readonly value: PanelValue;
  readonly palette: Palette;
  readonly hasMarkers: boolean;
}

function Arc({ value: { value, field }, palette, hasMarkers }: ArcProps) {
  const share = clampShare(value.share);
  const text = toText(value);
  return (
    <svg viewBox="0 0 200 150" class="gauge-picture" role="img" aria-label={text}>
      <path d={toArc(0, 1, 76)} class="gauge-track" stroke-width="20" />
      {share > 0 && (
        <path d={toArc(0, share, 76)} stroke={value.colour} stroke-width="20" fill="none" />
      )}
      {hasMarkers &&
        toMarkers(field, palette).map(({ from, to, colour }) => (
          <path key={from} d={toArc(from, to, 92)} stroke={colour} stroke-width="5" fill="none" />
        ))}
      <text
        x="100"
        y="104"
        text-anchor="middle"
        font-size={Math.min(34, 190 / Math.max(text.length, 1))}
        fill={toReadable(value.colour, palette)}
        class="gauge-text"
      >
        {text}
      </text>
    </svg>
  );
}

/** Returns the ranges between the thresholds, as shares of min…max. */
function toMarkers(
  field: ShownField,
  palette: Palette,
): readonly { readonly from: number; readonly to: number; readonly colour: string }[] {
  const steps = listThresholds(field, palette);
  return steps
    .map(({ at, colour }, index) => ({ from: at, to: steps[index + 1]?.at ?? 1, colour }))
    .filter(({ from, to }) => to > from);
}

function toArc(from: number, to: number, radius: number): string {
  const [x1, y1] = toPoint(from, radius);
  const [x2, y2] = toPoint(to, radius);
  return `M${x1} ${y1}A${radius} ${radius} 0 ${(to - from) * SPAN > 180 ? 1 : 0} 1 ${x2} ${y2}`;
}

function toPoint(share: number, radius: number): readonly [string, string] {
  const angle = ((START + share * SPAN) * Math.PI) / 180;
  return [(100 + radius * Math.sin(angle)).toFixed(2), (98 - radius * Math.cos(angle)).toFixed(2)];
}
