import { ReadableChart } from "../components/readable-chart.tsx";
import { toReadable } from "../grafana/colours.ts";
import { toText } from "../grafana/display.ts";
import { asText } from "../grafana/json.ts";
import { NoValue } from "./no-value.tsx";
import type { PanelProps } from "./panel-props.ts";
import { listPanelValues } from "./values.ts";

/** Bars, one for each value: beside each other in a panel that is wider than high, else below each other. */
export function BarGauge({ panel, frames, palette, width, height }: PanelProps) {
  const values = listPanelValues(panel, frames, palette);
  if (values.length === 0) return <NoValue panel={panel} />;
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
          {values.map(({ name, value }, index) => {
            const share = Number.isNaN(value.share) ? 0 : Math.min(Math.max(value.share, 0), 1);
            return (
              <li key={`${name}${index}`} class={`bar${index === current ? " is-marked" : ""}`}>
                <span class="bar-name" title={name}>
                  {name}
                </span>
                <span class="bar-track">
                  <span
                    class="bar-fill"
                    style={{
                      [isVertical ? "height" : "width"]: `${share * 100}%`,
                      background: `color-mix(in srgb, ${value.colour} 35%, transparent)`,
                      "border-color": value.colour,
                    }}
                  />
                </span>
                <strong class="bar-value" style={{ color: toReadable(value.colour, palette) }}>
                  {toText(value)}
                </strong>
              </li>
            );
          })}
        </ul>
      )}
    </ReadableChart>
  );
}
