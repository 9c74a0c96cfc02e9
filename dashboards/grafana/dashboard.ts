import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
  RowBuilder,
  type Dashboard,
  type GridPos,
} from "@grafana/grafana-foundation-sdk/dashboard";
import { toAnnotations } from "./annotations.ts";
import type { DashboardDefinition, PanelDefinition } from "./dashboard-definition.ts";
import { toPanel } from "./panels.ts";
import { toVariables } from "./variables.ts";

export const COLUMNS = 24;
const TAG = "tepal";

/** Default size of each kind of panel in grid units. At a page width of 1,280 pixels a column has about 50 pixels. */
const SIZES: Readonly<Record<PanelDefinition["kind"], readonly [width: number, height: number]>> = {
  stat: [6, 3],
  gauge: [6, 6],
  graph: [12, 8],
  heatmap: [12, 8],
  bars: [12, 8],
  table: [12, 8],
};

/** Converts a definition to Grafana's classic dashboard model, which file provisioning reads. */
export function toDashboard(definition: DashboardDefinition): Dashboard {
  const { uid, title, description, rows } = definition;
  const queries = rows.flatMap(({ panels }) => panels).flatMap((panel) => panel.queries);
  const builder = new DashboardBuilder(title)
    .uid(uid)
    .description(description)
    .tags([TAG])
    .timezone("browser")
    .time({ from: "now-30m", to: "now" })
    .refresh("10s")
    .editable()
    .tooltip(DashboardCursorSync.Crosshair)
    .link(
      new DashboardLinkBuilder("Dashboards")
        .type(DashboardLinkType.Dashboards)
        .tags([TAG])
        .includeVars(true)
        .keepTime(true),
    )
    .annotations(toAnnotations())
    .variables(
      toVariables((name) => name === "job" || queries.some(({ expr }) => uses(expr, name))),
    );
  const dashboard = builder.build();
  dashboard.panels = toPanels(definition);
  // By default the SDK moves links and annotations into a menu.
  for (const link of dashboard.links ?? []) delete link.placement;
  for (const annotation of dashboard.annotations?.list ?? []) delete annotation.placement;
  return dashboard;
}

function uses(expr: string, variable: string): boolean {
  return expr.includes(`"$${variable}"`);
}

/** Lays out panels from left to right and top to bottom, and numbers them in this order. */
function toPanels({ rows }: DashboardDefinition): NonNullable<Dashboard["panels"]> {
  const panels: NonNullable<Dashboard["panels"]> = [];
  let line = 0;
  for (const row of rows) {
    const head = new RowBuilder(row.title)
      .id(panels.length + 1)
      .gridPos({ h: 1, w: COLUMNS, x: 0, y: line })
      .collapsed(false)
      .build();
    panels.push(head);
    line += 1;
    let column = 0;
    let tallest = 0;
    for (const panel of row.panels) {
      const [width, height] = SIZES[panel.kind];
      const [w, h] = [panel.width ?? width, panel.height ?? height];
      if (column + w > COLUMNS) {
        line += tallest;
        [column, tallest] = [0, 0];
      }
      const position: GridPos = { h, w, x: column, y: line };
      panels.push(toPanel(panel, panels.length + 1, position));
      column += w;
      tallest = Math.max(tallest, h);
    }
    line += tallest;
  }
  return panels;
}
