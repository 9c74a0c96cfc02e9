import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { Dropdown } from "../components/dropdown.tsx";
import { HistoryIcon, InfoIcon, PlayIcon } from "../components/icons.tsx";
import { Segments } from "../components/segments.tsx";
import type { QueryContext } from "../grafana/panel-query.ts";
import { isShortcut } from "../lib/keys.ts";
import { usePalette } from "../lib/use-palette.ts";
import { navigate } from "../shell/location.ts";
import type { PageProps } from "../shell/page-props.ts";
import { TimeControls } from "../shell/time-controls.tsx";
import { useReply } from "../shell/use-reply.ts";
import { useTime } from "../shell/use-time.ts";
import { createCompletionClient } from "./editor/completion-client.ts";
import type { ExpressionEditor } from "./editor/create-editor.ts";
import { suggestExamples } from "./examples.ts";
import { readExplore, toExploreFragment, VIEWS, type View } from "./explore-place.ts";
import { addToHistory, clearHistory, readHistory } from "./history.ts";
import type { Metadata } from "./metadata.ts";
import { MetricsBrowser } from "./metrics-browser.tsx";
import { QueryView } from "./query-view.tsx";
import { readSource } from "./source.ts";
import { createWordHelp } from "./word-help.ts";
import "../panels/panels.css";
import "./explore.css";

const DEFAULTS = { time: { from: "now-30m", to: "now" }, refresh: "" };
/** The scrape interval of a server that does not state one. */
const SCRAPE_MS = 15_000;
const NO_SELECTION = new Map();
const NO_NAMES: readonly string[] = [];
const NO_METADATA: Metadata = {};

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
  const { data: source } = useReply((signal) => readSource(client, signal), [client]);
  const { data: metadata = NO_METADATA } = useReply(
    (signal) => client.data<Metadata>("metadata", {}, signal),
    [client],
  );
  const completion = useMemo(() => createCompletionClient(client), [client]);
  useEffect(() => () => completion.destroy?.(), [completion]);
  const findHelp = useMemo(() => createWordHelp(metadata), [metadata]);
  const examples = useMemo(
    () => (names.data === undefined ? [] : suggestExamples(names.data, metadata)),
    [names.data, metadata],
  );
  const [isBrowsing, setBrowsing] = useState(false);
  const editors = useRef(new Map<number, ExpressionEditor>());
  /** The query that the metrics browser inserts into. */
  const focused = useRef(0);
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

  const toggleTable = useRef((): void => {});
  toggleTable.current = () => open(expressions, view === "graph" ? "table" : "graph");
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.key === "t" && isShortcut(event)) toggleTable.current();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);

  function insert(text: string): void {
    const editor = editors.current.get(focused.current) ?? editors.current.get(0);
    editor?.insert(text);
  }

  const change = (index: number, draft: string): void =>
    setDrafts(drafts.map((each, at) => (at === index ? draft : each)));

  return (
    <>
      <div class="page-head">
        <div>
          <h1>Explore</h1>
          <p class="muted source">{source === undefined ? "" : `Source: ${source.name}`}</p>
        </div>
        <div class="page-controls">
          <Segments<View>
            label="View"
            options={VIEWS}
            value={view}
            onChange={(next) => open(expressions, next)}
          />
          <TimeControls time={time} />
        </div>
      </div>
      <div class={`explore-body${isBrowsing ? " is-browsing" : ""}`}>
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
              completion={completion}
              findHelp={findHelp}
              metadata={metadata}
              source={source}
              onEditor={(editor) => {
                if (editor === undefined) editors.current.delete(index);
                else editors.current.set(index, editor);
              }}
              onFocus={() => (focused.current = index)}
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
          <div class="explore-actions">
            <Button look="primary" onClick={run}>
              <PlayIcon /> Run
            </Button>
            <Button look="plain" onClick={() => setDrafts([...drafts, ""])}>
              Add a query
            </Button>
            <Button
              look="plain"
              aria-expanded={isBrowsing}
              onClick={() => setBrowsing(!isBrowsing)}
            >
              <InfoIcon /> Metrics
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
                  onClear={() => {
                    clearHistory();
                    close();
                  }}
                  onChoose={(expression) => {
                    change(drafts.length - 1, expression);
                    close();
                  }}
                />
              )}
            </Dropdown>
          </div>
          {expressions.length === 0 && examples.length > 0 && (
            <section class="examples" aria-label="Examples">
              <h2>Examples</h2>
              <ul>
                {examples.map(({ text, expression }) => (
                  <li key={expression}>
                    <a href={toExploreFragment([expression], time.raw)}>{text}</a>
                    <code>{expression}</code>
                  </li>
                ))}
              </ul>
            </section>
          )}
        </div>
        {isBrowsing && (
          <MetricsBrowser
            client={client}
            names={names.data ?? NO_NAMES}
            metadata={metadata}
            timeMs={time.range.to}
            onInsert={insert}
            onClose={() => setBrowsing(false)}
          />
        )}
      </div>
    </>
  );
}

interface ChoicesProps {
  readonly expressions: readonly string[];
  readonly onChoose: (expression: string) => void;
  readonly onClear: () => void;
}

function Choices({ expressions, onChoose, onClear }: ChoicesProps) {
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
      <li>
        <button type="button" class="option muted" onClick={onClear}>
          Clear the history
        </button>
      </li>
    </ul>
  );
}
