import { ReadableChart } from "../../components/readable-chart.tsx";
import { toText } from "../../grafana/display.ts";
import { asObject, asText, asTexts } from "../../grafana/json.ts";
import { KeyList } from "../key-list.tsx";
import { NoValue } from "../no-value.tsx";
import type { PanelProps } from "../panel-props.ts";
import { listPanelValues } from "../values.ts";
import { toSlices } from "./slices.ts";

/** Slices in the order of the clock, from 12 on, the largest first. */
export function Pie({ panel, frames, palette, width, height }: PanelProps) {
  const values = listPanelValues(panel, frames, palette);
  const slices = toSlices(
    values.map(({ name, value }) => ({
      name,
      value: value.numeric,
      text: toText(value),
      colour: value.colour,
    })),
    asText(panel.options["sort"], "desc"),
  );
  if (slices.length === 0) return <NoValue panel={panel} />;
  const isDonut = panel.options["pieType"] === "donut";
  const labels = asTexts(panel.options["displayLabels"]);
  const legend = asObject(panel.options["legend"]);
  const isBeside = legend["placement"] === "right" && width > height;
  const shown = asTexts(legend["values"]);
  const heads = [
    ...(shown.includes("value") ? ["Value"] : []),
    ...(shown.includes("percent") ? ["Percent"] : []),
  ];
  return (
    <div class={`pie${isBeside ? " is-row" : ""}`}>
      <ReadableChart
        class="pie-chart"
        title={panel.title}
        texts={slices.map(({ name, text, percent }) => `${name}: ${text} (${percent})`)}
      >
        {(current) => (
          <svg class="pie-picture" viewBox="-104 -104 208 208" aria-hidden="true">
            {slices
              .filter(({ to, from }) => to > from)
              .map(({ name, text, percent, colour, from, to }) => (
                <g key={name} data-slice={name}>
                  <path
                    d={toSector(from, to, isDonut ? 62 : 0)}
                    fill={colour}
                    class={`pie-slice${slices[current ?? -1]?.name === name ? " is-current" : ""}`}
                  >
                    <title>{`${name}: ${text} (${percent})`}</title>
                  </path>
                  {labels.length > 0 && to - from > 0.05 && (
                    <text class="pie-text" {...toMiddle((from + to) / 2, isDonut ? 80 : 64)}>
                      {[
                        labels.includes("name") ? name : "",
                        labels.includes("value") ? text : "",
                        labels.includes("percent") ? percent : "",
                      ]
                        .filter((part) => part !== "")
                        .join(" ")}
                    </text>
                  )}
                </g>
              ))}
          </svg>
        )}
      </ReadableChart>
      {legend["showLegend"] !== false && legend["displayMode"] !== "hidden" && (
        <KeyList
          title={panel.title}
          isBeside={isBeside}
          heads={heads}
          keys={slices.map(({ name, colour, text, percent }) => ({
            title: name,
            colour,
            values: [
              ...(shown.includes("value") ? [text] : []),
              ...(shown.includes("percent") ? [percent] : []),
            ],
          }))}
        />
      )}
    </div>
  );
}

const OUTER = 100;

/** Returns the path of a slice between two shares of the circle. */
function toSector(from: number, to: number, inner: number): string {
  // A whole circle has no two different ends.
  const end = to - from > 0.999_99 ? from + 0.999_99 : to;
  const isLarge = end - from > 0.5 ? 1 : 0;
  const [x1, y1] = toPoint(from, OUTER);
  const [x2, y2] = toPoint(end, OUTER);
  const outer = `A${OUTER} ${OUTER} 0 ${isLarge} 1 ${x2} ${y2}`;
  if (inner === 0) return `M0 0L${x1} ${y1}${outer}Z`;
  const [x3, y3] = toPoint(end, inner);
  const [x4, y4] = toPoint(from, inner);
  return `M${x1} ${y1}${outer}L${x3} ${y3}A${inner} ${inner} 0 ${isLarge} 0 ${x4} ${y4}Z`;
}

function toPoint(share: number, radius: number): readonly [string, string] {
  const angle = share * 2 * Math.PI;
  return [(radius * Math.sin(angle)).toFixed(2), (-radius * Math.cos(angle)).toFixed(2)];
}

function toMiddle(share: number, radius: number): { readonly x: string; readonly y: string } {
  const [x, y] = toPoint(share, radius);
  return { x, y };
}
