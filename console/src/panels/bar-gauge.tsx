import { ReadableChart } from "../components/readable-chart.tsx";
import { toReadable } from "../grafana/colours.ts";
import { toText } from "../grafana/display.ts";
import { asText } from "../grafana/json.ts";
import { toBarMode } from "./bar-colours.ts";
import { BarTrack } from "./bar-track.tsx";
import { NoValue } from "./no-value.tsx";
import type { PanelProps } from "./panel-props.ts";
import { listPanelValues } from "./values.ts";

/** Bars, one for each value: beside each other in a panel that is wider than high, else below each other. */
export function BarGauge({ panel, frames, palette, width, height }: PanelProps) {
  const values = listPanelValues(panel, frames, palette);
  if (values.length === 0) return <NoValue panel={panel} />;
  const { displayMode, showUnfilled, valueMode } = panel.options;
  const orientation = asText(panel.options["orientation"], "auto");
  const isVertical = orientation === "vertical" || (orientation === "auto" && width > height);
  return (
    <ReadableChart
      class="bars-chart"
      title={panel.title}
      texts={values.map(({ name, value }) => `${name}: ${toText(value)}`)}
    >
      {(current) => (
        <ul class={`bars${isVertical ? " is-vertical" : ""}`}>
          {values.map(({ name, value, field }, index) => (
            <li key={`${name}${index}`} class={`bar${index === current ? " is-marked" : ""}`}>
              <span class="bar-name" title={name}>
                {name}
              </span>
              <BarTrack
                value={value}
                field={field}
                mode={toBarMode(displayMode)}
                isVertical={isVertical}
                palette={palette}
                isTrackFilled={showUnfilled !== false}
              />
              {valueMode !== "hidden" && (
                <strong
                  class="bar-value"
                  style={valueMode === "text" ? {} : { color: toReadable(value.colour, palette) }}
                >
                  {toText(value)}
                </strong>
              )}
            </li>
          ))}
        </ul>
      )}
    </ReadableChart>
  );
}
