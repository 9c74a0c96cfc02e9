import { useEffect, useMemo, useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Dropdown } from "../components/dropdown.tsx";
import { HistoryIcon, PlayIcon } from "../components/icons.tsx";
import { Segments } from "../components/segments.tsx";
import type { QueryContext } from "../grafana/panel-query.ts";
import { usePalette } from "../lib/use-palette.ts";
import { navigate } from "../shell/location.ts";
import type { PageProps } from "../shell/page-props.ts";
import { TimeControls } from "../shell/time-controls.tsx";
import { useReply } from "../shell/use-reply.ts";
import { useTime } from "../shell/use-time.ts";
import { readExplore, toExploreFragment, type View } from "./explore-place.ts";
import { addToHistory, readHistory } from "./history.ts";
import { QueryView } from "./query-view.tsx";
import "../panels/panels.css";
import "./explore.css";

const DEFAULTS = { time: { from: "now-30m", to: "now" }, refresh: "" };
const EXAMPLES: readonly (readonly [string, string])[] = [
  ["Requests per second by route", "sum by (route) (rate(api_requests_total[1m]))"],
  [
    "95th percentile of the latency",
    "histogram_quantile(0.95, sum by (le) (rate(api_request_latency_seconds_bucket[5m])))",
  ],
  ["Predictions per second by class", "sum by (class) (rate(model_predictions_total[5m]))"],
  ["Targets that answer", "up"],
];
/** The scrape interval of a server that does not state one. */
const SCRAPE_MS = 15_000;
const NO_SELECTION = new Map();

/** Expressions, with their results as tables or graphs. */
export function ExplorePage({ place, client }: PageProps) {
  const { expressions, view } = readExplore(place);
  const time = useTime(place, DEFAULTS, client.isBusy);
  const palette = usePalette();
  const known = JSON.stringify(expressions);
  const [drafts, setDrafts] = useState<readonly string[]>(
    expressions.length === 0 ? [""] : expressions,
  );
  useEffect(() => {
    setDrafts(expressions.length === 0 ? [""] : expressions);
  }, [known]);
  const names = useReply((signal) => client.labelValues("__name__", {}, signal), [client]);
  const { data: scrapeMs } = useReply(
    async (signal) => (await client.scrapeInterval(signal).catch(() => undefined)) ?? SCRAPE_MS,
    [client],
  );
  // Before the interval is known, the first queries would be sent twice.
  const context = useMemo(
    (): QueryContext | undefined =>
      scrapeMs === undefined
        ? undefined
        : {
            range: time.range,
            selection: NO_SELECTION,
            scrapeMs,
            zoneMinutes: new Date().getTimezoneOffset(),
          },
    [time.range, scrapeMs],
  );

  function open(next: readonly string[], nextView: View = view): void {
    const fragment = toExploreFragment(next, time.raw, nextView);
    if (fragment === location.hash) time.again();
    else navigate(fragment);
  }

  function run(): void {
    addToHistory(drafts);
    open(drafts.filter((draft) => draft.trim() !== ""));
    time.again();
  }

  const change = (index: number, draft: string): void =>
    setDrafts(drafts.map((each, at) => (at === index ? draft : each)));

  return (
    <>
      <div class="page-head">
        <h1>Explore</h1>
        <div class="page-controls">
          <Segments<View>
            label="View"
            options={[
              ["table", "Table"],
              ["graph", "Graph"],
            ]}
            value={view}
            onChange={(next) => open(expressions, next)}
          />
          <TimeControls time={time} />
        </div>
      </div>
      <div class="queries">
        {drafts.map((draft, index) => (
          <QueryView
            key={index}
            number={index + 1}
            expression={expressions[index] ?? ""}
            draft={draft}
            view={view}
            context={context}
            client={client}
            palette={palette}
            names={names.data ?? []}
            onDraft={(next) => change(index, next)}
            onRun={run}
            onRemove={
              drafts.length === 1
                ? undefined
                : () => open(drafts.filter((each, at) => at !== index && each.trim() !== ""))
            }
            onZoom={({ from, to }) => time.setRange({ from: String(from), to: String(to) })}
          />
        ))}
      </div>
      <div class="explore-actions">
        <Button look="primary" onClick={run}>
          <PlayIcon /> Run
        </Button>
        <Button look="plain" onClick={() => setDrafts([...drafts, ""])}>
          Add a query
        </Button>
        <Dropdown
          label={
            <>
              <HistoryIcon /> History
            </>
          }
        >
          {(close) => (
            <Choices
              expressions={readHistory()}
              onChoose={(expression) => {
                change(drafts.length - 1, expression);
                close();
              }}
            />
          )}
        </Dropdown>
      </div>
      {expressions.length === 0 && (
        <section class="examples" aria-label="Examples">
          <h2>Examples</h2>
          <ul>
            {EXAMPLES.map(([text, expression]) => (
              <li key={expression}>
                <a href={toExploreFragment([expression], time.raw)}>{text}</a>
                <code>{expression}</code>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

interface ChoicesProps {
  readonly expressions: readonly string[];
  readonly onChoose: (expression: string) => void;
}

function Choices({ expressions, onChoose }: ChoicesProps) {
  if (expressions.length === 0)
    return <p class="option muted">No expression was run in this browser</p>;
  return (
    <ul>
      {expressions.map((expression) => (
        <li key={expression}>
          <button type="button" class="option mono" onClick={() => onChoose(expression)}>
            {expression}
          </button>
        </li>
      ))}
    </ul>
  );
}
