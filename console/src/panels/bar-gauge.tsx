import { toReadable } from "../grafana/colours.ts";
import { toText } from "../grafana/display.ts";
import { NoValue } from "./no-value.tsx";
import type { PanelProps } from "./panel-props.ts";
import { listPanelValues } from "./values.ts";

/** Horizontal bars, one for each value. */
export function BarGauge({ panel, frames, palette }: PanelProps) {
  const values = listPanelValues(panel, frames, palette);
  if (values.length === 0) return <NoValue panel={panel} />;
  return (
    <ul class="bars" tabIndex={0} aria-label={panel.title}>
      {values.map(({ name, value }, index) => (
        <li key={`${name}${index}`} class="bar">
          <span class="bar-name" title={name}>
            {name}
          </span>
          <span class="bar-track">
            <span
              class="bar-fill"
              style={{
                width: `${Math.min(Math.max(Number.isNaN(value.share) ? 0 : value.share, 0), 1) * 100}%`,
                background: `color-mix(in srgb, ${value.colour} 35%, transparent)`,
                "border-color": value.colour,
              }}
            />
          </span>
          <strong class="bar-value" style={{ color: toReadable(value.colour, palette) }}>
            {toText(value)}
          </strong>
        </li>
      ))}
    </ul>
  );
}
