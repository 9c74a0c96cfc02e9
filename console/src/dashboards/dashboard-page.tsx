import { useCallback, useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Button } from "../components/button.tsx";
import { loadUplot } from "../components/chart-style.ts";
import { Empty, Loading } from "../components/empty.tsx";
import { Notice } from "../components/notice.tsx";
import { parseDashboard, toSections, type Dashboard } from "../grafana/dashboard.ts";
import type { QueryContext } from "../grafana/panel-query.ts";
import { repeatSections } from "../grafana/repeat.ts";
import type { LinkContext } from "../grafana/resolve-url.ts";
import { toBuiltIns } from "../grafana/variables.ts";
import { usePalette } from "../lib/use-palette.ts";
import type { Client } from "../prometheus/client.ts";
import { changeParameters, navigate, toFragment, type Place } from "../shell/location.ts";
import { TimeControls } from "../shell/time-controls.tsx";
import { useReply } from "../shell/use-reply.ts";
import { useTime } from "../shell/use-time.ts";
import { AnnotationSwitches } from "./annotation-switches.tsx";
import { DashboardLinks } from "./dashboard-links.tsx";
import { listDashboards, type DashboardSummary } from "./list-dashboards.ts";
import { PanelView, type PanelPage } from "./panel-view.tsx";
import { SectionView } from "./section-view.tsx";
import { useAnnotations } from "./use-annotations.ts";
import { usePanelKeys } from "./use-panel-keys.ts";
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
/** The parameter of the URL with the key of the panel that is shown alone. */
const VIEW = "viewPanel";

/** Loads a dashboard, and what it needs to know once. */
export function DashboardPage({ name, place, client }: Props) {
  // Most dashboards have a chart: its library loads together with the data.
  useEffect(() => void loadUplot().catch(() => {}), []);
  const { data, problem } = useReply(
    async (signal) => {
      const [json, scrapeMs, { dashboards }] = await Promise.all([
        client.own(`dashboards/${encodeURIComponent(name)}`, signal),
        client.scrapeInterval(signal).catch(() => undefined),
        listDashboards(client, signal),
      ]);
      return { dashboard: parseDashboard(json), scrapeMs: scrapeMs ?? SCRAPE_MS, all: dashboards };
    },
    [name, client],
  );
  if (problem !== undefined && data === undefined) {
    return (
      <Empty
        isPage
        title="Cannot load the dashboard"
        action={<a href="#/dashboards">All dashboards</a>}
      >
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
  const copies = useMemo(
    () => repeatSections(sections, selection ?? new Map()),
    [sections, selection],
  );
  const [hidden, setHidden] = useState<ReadonlySet<string>>(
    () => new Set(dashboard.annotations.filter((each) => !each.isEnabled).map((each) => each.name)),
  );
  const enabled = useMemo(
    () => dashboard.annotations.filter((each) => !hidden.has(each.name)),
    [dashboard, hidden],
  );
  const annotations = useAnnotations(enabled, context, client);
  const keys = usePanelKeys({ onZoomOut: time.zoomOut, onRefresh: time.again, onLeave: leave });
  const change = (changes: Readonly<Record<string, readonly string[]>>): void =>
    navigate(toFragment(path, changeParameters(parameters, changes)));
  const viewed = parameters.get(VIEW);
  const findDashboard = useCallback(
    (uid: string) => all.find((each) => each.uid === uid)?.name,
    [all],
  );
  const opened = useRef<string>(undefined);

  /** Shows all panels again, and returns the focus to the one that was viewed. */
  function leave(): boolean {
    if (viewed === null) return false;
    opened.current = viewed;
    change({ [VIEW]: [] });
    return true;
  }
  useEffect(() => {
    if (viewed !== null || opened.current === undefined) return;
    const selector = `.panel[data-key="${CSS.escape(opened.current)}"]`;
    opened.current = undefined;
    const panel = document.querySelector<HTMLElement>(selector);
    panel?.scrollIntoView({ block: "nearest" });
    panel?.querySelector<HTMLElement>(".panel-actions button")?.focus({ preventScroll: true });
  }, [viewed]);

  const zoom = useRef(time);
  zoom.current = time;
  const view = useRef((_key: string): void => {});
  view.current = (key) => void (leave() || change({ [VIEW]: [key] }));
  const page = useMemo(
    (): PanelPage => ({
      context,
      client,
      palette,
      rawRange: { from: time.raw.from, to: time.raw.to },
      annotations: annotations.list,
      sharing: dashboard.sharing,
      findDashboard,
      onZoom: ({ from, to }) => zoom.current.setRange({ from: String(from), to: String(to) }),
      onZoomOut: () => zoom.current.zoomOut(),
      onView: (key) => view.current(key),
      onRegister: keys.register,
    }),
    [
      context,
      client,
      palette,
      time.raw.from,
      time.raw.to,
      annotations.list,
      dashboard,
      findDashboard,
    ],
  );
  const alone = copies
    .flatMap(({ panels }) => panels)
    .find(({ key }) => key === viewed && viewed !== null);

  useEffect(() => {
    document.title = `${dashboard.title} · Tepal`;
    return () => {
      document.title = "Dashboards · Tepal";
    };
  }, [dashboard]);

  const linkContext: LinkContext | undefined = context && {
    selection: context.selection,
    builtIns: toBuiltIns(context.range),
    time: time.raw,
    findDashboard,
  };
  const notice = problem ?? annotations.problem;
  return (
    <>
      <div class="page-head">
        <div class="page-titles">
          <h1>{dashboard.title}</h1>
          <DashboardLinks
            links={dashboard.links}
            current={name}
            all={all}
            context={linkContext}
            parameters={parameters}
          />
        </div>
        <div class="page-controls">
          {selection !== undefined && (
            <VariableControls
              selection={selection}
              onChange={(variable, values) => change({ [`var-${variable}`]: values })}
            />
          )}
          <AnnotationSwitches
            queries={dashboard.annotations}
            hidden={hidden}
            palette={palette}
            onToggle={(each) => setHidden((before) => before.symmetricDifference(new Set([each])))}
          />
          <TimeControls time={time} />
        </div>
      </div>
      {notice !== undefined && (
        <Notice tone="warn" title="The server does not answer as expected" live>
          {notice} What is shown is as it was before. It is tried again with the next refresh.
        </Notice>
      )}
      {viewed !== null && (
        <p class="view-bar">
          <Button look="plain" small onClick={leave}>
            Back to the dashboard
          </Button>{" "}
          {alone === undefined && selection !== undefined && (
            <span class="muted">This dashboard has no panel {viewed}.</span>
          )}
        </p>
      )}
      {alone !== undefined && (
        <PanelView key={alone.key} copy={alone} place={alone.grid} page={page} isFull />
      )}
      {viewed === null &&
        copies.map((section) => (
          <SectionView
            key={section.key}
            section={section}
            draw={(copy, position) => (
              <PanelView key={copy.key} copy={copy} place={position} page={page} isFull={false} />
            )}
          />
        ))}
    </>
  );
}
