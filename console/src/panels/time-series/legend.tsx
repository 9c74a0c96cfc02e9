import { toText } from "../../grafana/display.ts";
import { asObject, asText, asTexts } from "../../grafana/json.ts";
import { reduceValues, toReducerLabel } from "../../grafana/reducers.ts";
import type { Panel } from "../../grafana/dashboard.ts";
import { listRightLines } from "./scales.ts";
import { MAX_LINES, type Line } from "./columns.ts";

interface Props {
  readonly panel: Panel;
  readonly lines: readonly Line[];
  readonly hidden: ReadonlySet<string>;
  readonly onToggle: (title: string) => void;
}

/** Names, colors and statistics of the lines. A click on a name shows its line alone. */
export function Legend({ panel, lines, hidden, onToggle }: Props) {
  const legend = asObject(panel.options["legend"]);
  if (legend["showLegend"] === false || legend["displayMode"] === "hidden") return null;
  const calcs = asTexts(legend["calcs"]);
  const listed = lines.filter(
    ({ field }) => asObject(field.config.custom["hideFrom"])["legend"] !== true,
  );
  const sortCalc = calcs.find((calc) => toReducerLabel(calc) === legend["sortBy"]);
  const shown =
    sortCalc === undefined ? listed : sortLines(listed, sortCalc, legend["sortDesc"] === true);
  if (shown.length === 0) return null;
  const right = listRightLines(lines);
  const isTable = asText(legend["displayMode"]) === "table" && calcs.length > 0;
  const toName = (line: Line) => {
    const { title, field } = line;
    return (
      <button
        type="button"
        class="legend-name"
        aria-pressed={!hidden.has(title)}
        onClick={() => onToggle(title)}
        title={title}
      >
        <span
          class={`legend-swatch${isDashed(field) ? " is-dashed" : ""}`}
          style={{ background: field.colour }}
        />
        <span class="legend-text">{title}</span>
        {right.has(line) && <span class="legend-axis">right axis</span>}
      </button>
    );
  };
  return (
    <div class="series-legend" tabIndex={0} role="region" aria-label={`Legend of ${panel.title}`}>
      {lines.length === MAX_LINES && <p class="muted">The first {MAX_LINES} series are drawn.</p>}
      {isTable ? (
        <table class="legend-table">
          <thead>
            <tr>
              <th scope="col">Name</th>
              {calcs.map((calc) => (
                <th key={calc} scope="col">
                  {toReducerLabel(calc)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {shown.map((line, index) => (
              <tr key={`${line.title}${index}`} class={hidden.has(line.title) ? "is-hidden" : ""}>
                <th scope="row">{toName(line)}</th>
                {calcs.map((calc) => (
                  <td key={calc}>{toStatistic(line, calc)}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      ) : (
        <ul class="legend-list">
          {shown.map((line, index) => (
            <li key={`${line.title}${index}`} class={hidden.has(line.title) ? "is-hidden" : ""}>
              {toName(line)}
              {calcs.map((calc) => (
                <span key={calc} class="legend-value">
                  {toReducerLabel(calc)}: {toStatistic(line, calc)}
                </span>
              ))}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function isDashed({ config }: Line["field"]): boolean {
  const { fill } = asObject(config.custom["lineStyle"]);
  return fill === "dash" || fill === "dot";
}

function toStatistic({ field, values }: Line, calc: string): string {
  return toText(field.display(reduceValues(calc, values)));
}

function sortLines(lines: readonly Line[], calc: string, isFalling: boolean): readonly Line[] {
  const keys = new Map(lines.map((line) => [line, reduceValues(calc, line.values) ?? -Infinity]));
  const sign = isFalling ? -1 : 1;
  return lines.toSorted((a, b) => sign * (keys.get(a)! - keys.get(b)!));
}
