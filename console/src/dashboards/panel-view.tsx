import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { Button, buttonClass } from "../components/button.tsx";
import { ChartIcon, InfoIcon, TableIcon } from "../components/icons.tsx";
import type { Palette } from "../grafana/colours.ts";
import type { GridPosition, Panel } from "../grafana/dashboard.ts";
import type { QueryContext } from "../grafana/panel-query.ts";
import { resolveFields } from "../grafana/resolve-fields.ts";
import type { RawRange, TimeRange } from "../grafana/time-range.ts";
import { transform } from "../grafana/transform/transform.ts";
import { interpolate, toBuiltIns } from "../grafana/variables.ts";
import { toExploreFragment } from "../explore/explore-place.ts";
import { isDrawnType, listGaps, type Gap } from "../panels/drawn-types.ts";
import { PANEL_TYPES, TABLE_TYPES } from "../panels/panel-types.ts";
import type { Client } from "../prometheus/client.ts";
import type { PlannedQuery } from "../grafana/panel-query.ts";
import { usePanelData } from "./use-panel-data.ts";
import { useSize } from "../lib/use-size.ts";

interface Props {
  readonly panel: Panel;
  readonly place: GridPosition;
  /** Undefined until the variables are known. */
  readonly context: QueryContext | undefined;
  readonly client: Client;
  readonly palette: Palette;
  /** As the user chose it, for links. */
  readonly rawRange: RawRange;
  readonly onZoom: (range: TimeRange) => void;
}

/** A panel with its title. It queries its data and draws them while it is in view. */
export function PanelView({ panel, place, context, client, palette, rawRange, onZoom }: Props) {
  const root = useRef<HTMLElement>(null);
  const size = useSize(root);
  const [isVisible, setVisible] = useState(false);
  const [isTable, setTable] = useState(false);

  useEffect(() => {
    const element = root.current;
    if (element === null) return;
    const visibility = new IntersectionObserver(
      (entries) => setVisible(entries.at(-1)?.isIntersecting ?? false),
      { rootMargin: "120px" },
    );
    visibility.observe(element);
    return () => visibility.disconnect();
  }, []);

  const data = usePanelData(panel, size.width, context, client, isVisible);
  const shown = useMemo(() => {
    const { frames } = transform(data.frames ?? [], panel.transformations);
    return resolveFields(frames, panel, palette);
  }, [data.frames, panel, palette]);

  const title =
    context === undefined
      ? panel.title
      : interpolate(panel.title, context.selection, toBuiltIns(context.range), "title");
  const gaps = useMemo(() => listGaps(panel), [panel]);
  const isDrawn = gaps.length === 0 && isDrawnType(panel.type);
  const AsTable = isDrawn ? TABLE_TYPES[panel.type] : undefined;
  const Type = isDrawn ? ((isTable ? AsTable : undefined) ?? PANEL_TYPES[panel.type]) : undefined;

  return (
    <section
      ref={root}
      class={`panel${panel.isTransparent ? " is-transparent" : ""}`}
      aria-label={title === "" ? panel.type : title}
      aria-busy={isVisible && data.isLoading}
      style={{
        "grid-column": `${place.x + 1} / span ${place.w}`,
        "grid-row": `${place.y + 1} / span ${place.h}`,
        "--rows": place.h,
      }}
    >
      <header class="panel-head">
        <h3 class="panel-title" title={title}>
          {title}
        </h3>
        {panel.description !== "" && (
          <span
            class="panel-info"
            tabIndex={0}
            role="note"
            aria-label={panel.description}
            data-tip={panel.description}
          >
            <InfoIcon />
          </span>
        )}
        <span class="panel-actions">
          {AsTable !== undefined && (
            <Button
              look="quiet"
              small
              aria-pressed={isTable}
              aria-label={`Show ${title} as a ${isTable ? "chart" : "table"}`}
              title={isTable ? "Chart" : "Table"}
              onClick={() => setTable(!isTable)}
            >
              {isTable ? <ChartIcon /> : <TableIcon />}
            </Button>
          )}
          {context !== undefined && data.queries.length > 0 && (
            <a
              class={buttonClass("quiet", true)}
              href={toExploreFragment(
                data.queries.map(({ expr }) => expr),
                rawRange,
              )}
              aria-label={`Explore the queries of ${title}`}
              title="Explore"
            >
              Explore
            </a>
          )}
        </span>
      </header>
      <div class="panel-body">
        {isVisible && !isDrawn && <NotDrawn panel={panel} gaps={gaps} queries={data.queries} />}
        {isVisible && isDrawn && data.problem !== undefined && (
          <p class="panel-problem" role="status">
            {data.problem}
          </p>
        )}
        {isVisible && Type !== undefined && data.frames !== undefined && (
          <Type
            panel={{ ...panel, title }}
            frames={shown}
            range={data.range}
            palette={palette}
            width={size.width}
            height={size.height}
            syncKey="dashboard"
            onZoom={onZoom}
            client={client}
          />
        )}
      </div>
    </section>
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
