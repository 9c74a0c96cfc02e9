import { useCallback, useEffect, useMemo, useState } from "preact/hooks";
import { Empty, Loading } from "../components/empty.tsx";
import { ChevronIcon } from "../components/icons.tsx";
import { Notice } from "../components/notice.tsx";
import { parseDashboard, toSections, type Dashboard, type Section } from "../grafana/dashboard.ts";
import type { QueryContext } from "../grafana/panel-query.ts";
import type { TimeRange } from "../grafana/time-range.ts";
import { usePalette } from "../lib/use-palette.ts";
import type { Client } from "../prometheus/client.ts";
import { changeParameters, navigate, toFragment, type Place } from "../shell/location.ts";
import { TimeControls } from "../shell/time-controls.tsx";
import { useReply } from "../shell/use-reply.ts";
import { useTime } from "../shell/use-time.ts";
import { listDashboards, type DashboardSummary } from "./dashboard-list.tsx";
import { placePanels } from "./layout.ts";
import { PanelView } from "./panel-view.tsx";
import { useVariables } from "./use-variables.ts";
import { VariableControls } from "./variable-controls.tsx";
import "./dashboards.css";

interface Props {
  readonly name: string;
  readonly place: Place;
  readonly client: Client;
}

/** The scrape interval of a server that does not state one. */
const SCRAPE_MS = 15_000;

/** Loads a dashboard, and what it needs to know once. */
export function DashboardPage({ name, place, client }: Props) {
  const { data, problem } = useReply(
    async (signal) => {
      const [json, scrapeMs, all] = await Promise.all([
        client.own(`dashboards/${encodeURIComponent(name)}`, signal),
        client.scrapeInterval(signal).catch(() => undefined),
        listDashboards(client, signal),
      ]);
      return { dashboard: parseDashboard(json), scrapeMs: scrapeMs ?? SCRAPE_MS, all };
    },
    [name, client],
  );
  if (problem !== undefined && data === undefined) {
    return (
      <Empty title="Cannot load the dashboard" action={<a href="#/dashboards">All dashboards</a>}>
        {problem}
      </Empty>
    );
  }
  return data === undefined ? (
    <Loading what="Loading the dashboard…" />
  ) : (
    <DashboardView {...data} name={name} place={place} client={client} />
  );
}

interface ViewProps extends Props {
  readonly dashboard: Dashboard;
  readonly scrapeMs: number;
  readonly all: readonly DashboardSummary[];
}

function DashboardView({ dashboard, scrapeMs, all, name, place, client }: ViewProps) {
  const { path, parameters } = place;
  const time = useTime(place, dashboard, client.isBusy);
  const { selection, problem } = useVariables(dashboard, parameters, time.range, client);
  const palette = usePalette();
  const context = useMemo(
    (): QueryContext | undefined =>
      selection && {
        range: time.range,
        selection,
        scrapeMs,
        zoneMinutes: new Date().getTimezoneOffset(),
      },
    [time.range, selection, scrapeMs],
  );
  const sections = useMemo(() => toSections(dashboard.panels), [dashboard]);
  const onZoom = useCallback(
    ({ from, to }: TimeRange) => time.setRange({ from: String(from), to: String(to) }),
    [place],
  );

  useEffect(() => {
    document.title = `${dashboard.title} · Tepal`;
  }, [dashboard]);

  return (
    <>
      <div class="page-head">
        <div class="page-titles">
          <h1>{dashboard.title}</h1>
          <nav aria-label="Dashboards" class="siblings">
            {all.map((each) => (
              <a
                key={each.name}
                href={toFragment(["dashboards", each.name], keepParameters(parameters))}
                {...(each.name === name && { "aria-current": "page" })}
              >
                {each.title}
              </a>
            ))}
          </nav>
        </div>
        <div class="page-controls">
          {selection !== undefined && (
            <VariableControls
              selection={selection}
              onChange={(variable, values) =>
                navigate(
                  toFragment(path, changeParameters(parameters, { [`var-${variable}`]: values })),
                )
              }
            />
          )}
          <TimeControls time={time} />
        </div>
      </div>
      {problem !== undefined && (
        <Notice tone="warn" title="The server does not answer as expected" live>
          {problem} What is shown is as it was before. It is tried again with the next refresh.
        </Notice>
      )}
      {sections.map((section, index) => (
        <SectionView
          key={section.row?.id ?? `section ${index}`}
          section={section}
          draw={(panel, position) => (
            <PanelView
              key={panel.id}
              panel={panel}
              place={position}
              context={context}
              client={client}
              palette={palette}
              rawRange={time.raw}
              onZoom={onZoom}
            />
          )}
        />
      ))}
    </>
  );
}

/** Time and variables stay when another dashboard opens. */
function keepParameters(parameters: URLSearchParams): URLSearchParams {
  return new URLSearchParams(
    [...parameters].filter(([name]) => /^(?:from|to|refresh|var-.*)$/.test(name)),
  );
}

interface SectionProps {
  readonly section: Section;
  readonly draw: (
    panel: Section["panels"][number],
    position: ReturnType<typeof placePanels> extends ReadonlyMap<unknown, infer Position>
      ? Position
      : never,
  ) => preact.JSX.Element;
}

/** The panels of a row, which can be collapsed: then they query nothing. */
function SectionView({ section: { row, panels }, draw }: SectionProps) {
  const [isOpen, setOpen] = useState(row?.isCollapsed !== true);
  const places = useMemo(() => placePanels(panels), [panels]);
  return (
    <>
      {row !== undefined && (
        <h2 class="row">
          <button
            type="button"
            class={`row-button${isOpen ? " is-open" : ""}`}
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          >
            <ChevronIcon />
            {row.title}
            {!isOpen && <span class="muted"> {panels.length} panels</span>}
          </button>
        </h2>
      )}
      {isOpen && <div class="grid">{panels.map((panel) => draw(panel, places.get(panel)!))}</div>}
    </>
  );
}
