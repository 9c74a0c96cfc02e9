import type { RefObject } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { InfoIcon } from "../components/icons.tsx";
import { Kept } from "../components/kept.tsx";
import { toExploreFragment } from "../explore/explore-place.ts";
import type { Annotation } from "../grafana/annotations.ts";
import type { Palette } from "../grafana/colours.ts";
import type { Dashboard, GridPosition, Panel } from "../grafana/dashboard.ts";
import { fillPanel } from "../grafana/fill-panel.ts";
import type { PlannedQuery, QueryContext } from "../grafana/panel-query.ts";
import { toPanelTime } from "../grafana/panel-time.ts";
import type { PanelCopy } from "../grafana/repeat.ts";
import { resolveUrl, type LinkContext } from "../grafana/resolve-url.ts";
import { resolveFields, type ShownFrame } from "../grafana/resolve-fields.ts";
import type { RawRange, TimeRange } from "../grafana/time-range.ts";
import { transform } from "../grafana/transform/transform.ts";
import { interpolate, toBuiltIns } from "../grafana/variables.ts";
import { usePaced } from "../lib/use-paced.ts";
import { useSize } from "../lib/use-size.ts";
import { isDrawnType, listGaps, type Gap } from "../panels/drawn-types.ts";
import { PANEL_TYPES, TABLE_TYPES } from "../panels/panel-types.ts";
import type { Client } from "../prometheus/client.ts";
import { navigate } from "../shell/location.ts";
import type { PanelCommand } from "./panel-commands.ts";
import { PanelMenu } from "./panel-menu.tsx";
import { PanelProgress } from "./panel-progress.tsx";
import { usePanelData } from "./use-panel-data.ts";

/** The state of the page that its panels share. */
export interface PanelPage {
  /** Undefined until the variables are known. */
  readonly context: QueryContext | undefined;
  readonly client: Client;
  readonly palette: Palette;
  /** As the user chose it. */
  readonly rawRange: RawRange;
  readonly annotations: readonly Annotation[];
  readonly sharing: Dashboard["sharing"];
  readonly findDashboard: (uid: string) => string | undefined;
  readonly onZoom: (range: TimeRange) => void;
  readonly onZoomOut: () => void;
  /** Shows a panel alone, or all again. */
  readonly onView: (key: string) => void;
  /** Takes the commands of a panel for their keys; returns a function that ends it. */
  readonly onRegister: (key: string, run: (command: PanelCommand) => void) => () => void;
}

interface Props {
  readonly copy: PanelCopy;
  readonly place: GridPosition;
  readonly page: PanelPage;
  /** True if it is the only one on the page. */
  readonly isFull: boolean;
}

/**
 * A panel with its title. It queries its data and draws them while it is in view. A new time range reaches the panels of a page in turns,
 * and what has not changed is not drawn again.
 */
export function PanelView({ copy, place, page: current, isFull }: Props) {
  const page = usePaced(current);
  const { key, panel: given } = copy;
  const { client, palette, rawRange, onZoom } = page;
  const root = useRef<HTMLElement>(null);
  const size = useSize(root);
  const isVisible = useVisible(root);
  const [isTable, setTable] = useState(false);

  const own = useMemo(() => toOwnContext(copy, page), [copy, page.context, rawRange]);
  const { context, timeText } = own;
  const panel = useMemo(() => fillPanel(given, toFill(context)), [given, context]);
  const data = usePanelData(given, size.width, context, client, isVisible);
  const shown = useMemo(() => {
    const { frames } = transform(data.frames ?? [], panel.transformations);
    return resolveFields(frames, panel, palette);
  }, [data.frames, panel, palette]);

  const { title } = panel;
  const name = title === "" ? panel.type : title;
  const gaps = useMemo(() => listGaps(panel), [panel]);
  const isDrawn = gaps.length === 0 && isDrawnType(panel.type);
  const AsTable = isDrawn ? TABLE_TYPES[panel.type] : undefined;
  const hasTable = AsTable !== undefined;
  const Type = isDrawn ? ((isTable ? AsTable : undefined) ?? PANEL_TYPES[panel.type]) : undefined;
  const explore = useMemo(() => {
    const expressions = data.queries.map(({ expr }) => expr);
    return expressions.length > 0 ? toExploreFragment(expressions, rawRange) : undefined;
  }, [data.queries, rawRange]);
  const links = useMemo(() => context && toLinkContext(context, page), [context, page]);
  const Heading = isFull ? "h2" : "h3";

  const run = useRef((_command: PanelCommand): void => {});
  run.current = (command) => {
    if (command === "view") page.onView(key);
    else if (command === "table") setTable((before) => hasTable && !before);
    else if (explore !== undefined) navigate(explore);
  };
  useEffect(() => page.onRegister(key, (command) => run.current(command)), [key]);

  // Links of values lead to the range and the variables of the page; other content follows its data alone.
  const linked = hasValueLinks(panel) ? links : undefined;

  return (
    <section
      ref={root}
      class={`panel${panel.isTransparent ? " is-transparent" : ""}${isFull ? " is-full" : ""}`}
      aria-label={name}
      // The focus of a chart moves here when the key t replaces it.
      tabIndex={-1}
      aria-busy={isVisible && (page !== current || data.isLoading)}
      data-key={key}
      style={
        isFull
          ? {}
          : {
              "grid-column": `${place.x + 1} / span ${place.w}`,
              "grid-row": `${place.y + 1} / span ${place.h}`,
              "--rows": place.h,
            }
      }
      onDblClick={({ target }) => {
        if (target instanceof Element && target.closest(".u-over") !== null) page.onZoomOut();
      }}
    >
      <header class="panel-head">
        <Heading class="panel-title" title={title}>
          {title}
        </Heading>
        {panel.description !== "" && <Description text={toFill(context)(panel.description)} />}
        {timeText !== "" && <span class="panel-time">{timeText}</span>}
        <span class="panel-actions" data-no-picture>
          <Kept
            inputs={[name, isFull, isTable, hasTable, explore, panel, links, shown]}
            draw={() => (
              <PanelMenu
                title={name}
                isFull={isFull}
                isTable={isTable}
                hasTable={hasTable}
                explore={explore}
                links={panel.links}
                linkContext={links}
                onCommand={(command) => run.current(command)}
                onCsv={shown.length === 0 ? undefined : () => void offerCsv(shown, name)}
                onPicture={() => root.current !== null && void offerPicture(root.current, name)}
              />
            )}
          />
        </span>
      </header>
      <div class="panel-body">
        {isVisible && !isDrawn && <NotDrawn panel={panel} gaps={gaps} queries={data.queries} />}
        {isVisible && isDrawn && <PanelProgress data={data} />}
        {isVisible && data.omitted > 0 && (
          <p class="panel-note">
            {data.omitted} more series are left out. Use topk() or an aggregation.
          </p>
        )}
        {isVisible && Type !== undefined && data.frames !== undefined && (
          <Kept
            inputs={[
              Type,
              panel,
              shown,
              data.range,
              palette,
              size,
              page.sharing,
              page.annotations,
              linked,
            ]}
            draw={() => (
              <Type
                panel={panel}
                frames={shown}
                range={data.range}
                palette={palette}
                width={size.width}
                height={size.height}
                syncKey={page.sharing === "nothing" ? `panel ${key}` : "dashboard"}
                sharesTooltip={page.sharing === "tooltip"}
                annotations={page.annotations}
                resolveLink={(link, values) => linked && resolveUrl(link, linked, values)}
                onZoom={onZoom}
                client={client}
              />
            )}
          />
        )}
      </div>
    </section>
  );
}

async function offerCsv(frames: readonly ShownFrame[], title: string): Promise<void> {
  const [{ download, toFileName }, { toCsv }] = await Promise.all([
    import("./export/download.ts"),
    import("./export/to-csv.ts"),
  ]);
  download(new Blob([toCsv(frames)], { type: "text/csv;charset=utf-8" }), toFileName(title, "csv"));
}

async function offerPicture(panel: HTMLElement, title: string): Promise<void> {
  const { savePicture } = await import("./export/save-picture.ts");
  savePicture(panel, title);
}

/** Returns the variables and the time range of a panel. */
function toOwnContext(
  { panel, selection }: PanelCopy,
  { context, rawRange }: PanelPage,
): { readonly context: QueryContext | undefined; readonly timeText: string } {
  if (context === undefined) return { context, timeText: "" };
  const { range, text } = toPanelTime(panel, context.range, rawRange, (given) =>
    interpolate(given, selection, {}),
  );
  return { context: { ...context, selection, range }, timeText: text };
}

/** Returns a function that fills the variables of a panel into a text. */
function toFill(context: QueryContext | undefined): (text: string) => string {
  if (context === undefined) return (text) => text;
  const builtIns = toBuiltIns(context.range);
  return (text) => interpolate(text, context.selection, builtIns, "title");
}

function toLinkContext(
  { selection, range }: QueryContext,
  { rawRange, findDashboard }: PanelPage,
): LinkContext {
  return { selection, builtIns: toBuiltIns(range), time: rawRange, findDashboard };
}

/** True if any value of a panel has a link. */
function hasValueLinks({ defaults, overrides }: Panel): boolean {
  return (
    defaults["links"] !== undefined ||
    overrides.some(({ properties }) => properties.some(({ id }) => id === "links"))
  );
}

/** Returns true while an element is in the window, or near it. */
function useVisible(element: RefObject<HTMLElement | null>): boolean {
  const [isVisible, setVisible] = useState(false);
  useEffect(() => {
    if (element.current === null) return;
    const visibility = new IntersectionObserver(
      (entries) => setVisible(entries.at(-1)?.isIntersecting ?? false),
      { rootMargin: "120px" },
    );
    visibility.observe(element.current);
    return () => visibility.disconnect();
  }, []);
  return isVisible;
}

function Description({ text }: { readonly text: string }) {
  return (
    <span
      class="panel-info"
      tabIndex={0}
      role="note"
      aria-label={text}
      data-tip={text}
      data-no-picture
    >
      <InfoIcon />
    </span>
  );
}

interface NotDrawnProps {
  readonly panel: Panel;
  readonly gaps: readonly Gap[];
  readonly queries: readonly PlannedQuery[];
}

/** The reason that a panel is not drawn, and what it would query. */
function NotDrawn({ panel, gaps, queries }: NotDrawnProps) {
  const own = queries.map(({ expr, target: { refId } }) => ({ refId, expr }));
  const shown = own.length > 0 ? own : panel.targets.filter(({ expr }) => expr !== "");
  return (
    <div class="not-drawn">
      <p>Not drawn here: {gaps.map(({ kind, name }) => `${kind} ${name}`).join(", ")}</p>
      {shown.map(({ refId, expr }) => (
        <code key={refId}>{expr}</code>
      ))}
    </div>
  );
}
