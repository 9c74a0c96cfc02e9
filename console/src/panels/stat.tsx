import { pickInk, toReadable } from "../grafana/colours.ts";
import { toText } from "../grafana/display.ts";
import { toSamples } from "../grafana/resolve-fields.ts";
import { toSparkPath } from "../components/spark-path.ts";
import { NoValue } from "./no-value.tsx";
import type { PanelProps } from "./panel-props.ts";
import { listPanelValues } from "./values.ts";

/** Large numbers, with their names if there are several. */
export function Stat({ panel, frames, palette, width, height }: PanelProps) {
  const values = listPanelValues(panel, frames, palette);
  const { colorMode, graphMode, textMode } = panel.options;
  if (values.length === 0) return <NoValue panel={panel} />;
  const isNamed =
    textMode === "value_and_name" ||
    textMode === "name" ||
    (values.length > 1 && textMode !== "value");
  return (
    <ul class={`big-values ${width > height ? "is-row" : "is-column"}`}>
      {values.map(({ name, value, field }, index) => {
        const text = toText(value);
        const isBackground = typeof colorMode === "string" && colorMode.startsWith("background");
        const isText = colorMode === "none" || value.colour === palette.text;
        const style = {
          "--chars": Math.max(
            textMode === "name" ? name.length : text.length,
            isNamed ? name.length * 0.45 : 0,
            4,
          ),
          ...(isBackground && {
            background: value.colour,
            color: value.colour === "transparent" ? "" : pickInk(value.colour),
          }),
        };
        return (
          <li
            key={`${name}${index}`}
            class={`stat-item${isBackground ? " is-filled" : ""}`}
            style={style}
          >
            {isNamed && textMode !== "name" && <span class="stat-name">{name}</span>}
            {textMode !== "none" && (
              <span
                class="big-value"
                style={{
                  ...(!isText && !isBackground && { color: toReadable(value.colour, palette) }),
                }}
              >
                {textMode === "name" ? (
                  name
                ) : (
                  <>
                    {value.prefix}
                    {value.text}
                    <small>{value.suffix}</small>
                  </>
                )}
              </span>
            )}
            {graphMode === "area" && field.values.length > 1 && (
              <svg
                class="stat-graph"
                viewBox="0 0 100 24"
                preserveAspectRatio="none"
                aria-hidden="true"
              >
                <path
                  d={toSparkPath(toSamples(field), 100, 24)}
                  stroke={isBackground ? "currentColor" : value.colour}
                />
              </svg>
            )}
          </li>
        );
      })}
    </ul>
  );
}
