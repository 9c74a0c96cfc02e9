import { listDashboards } from "../dashboards/list-dashboards.ts";
import { toExploreFragment } from "../explore/explore-place.ts";
import { parseDashboard, type Panel } from "../grafana/dashboard.ts";
import { asObject, asObjects, asText } from "../grafana/json.ts";
import { COURSE } from "../learn/pages.ts";
import type { Api } from "../lib/api.ts";
import type { Client } from "../prometheus/client.ts";
import { toFragment, toPanelFragment } from "../shell/location.ts";
import { PAGES } from "../shell/pages.ts";
import { listCourseEntries } from "./course-entries.ts";
import type { Entry, Group } from "./rank.ts";

interface Server {
  readonly client: Client;
  readonly api: Api;
}

type Load = (server: Server, signal: AbortSignal) => Promise<readonly Entry[]>;

/** Entries that need no request. */
export const FIXED_ENTRIES: readonly Entry[] = [
  ...PAGES.map(({ id, title, about = "" }) => toEntry("Pages", title, about, toFragment([id]))),
  ...listCourseEntries(COURSE.map(({ summary }) => summary)),
  toEntry("Docs", "API documentation", "Routes, examples, features of the models", "../docs/"),
  toEntry("Docs", "OpenAPI document", "The API for programs", "../openapi.json"),
  toEntry("Docs", "Metrics as text", "The metrics response that Prometheus scrapes", "../metrics"),
];

/** Requests to the server, with the name of what they find. One that fails leaves the others. */
export const SOURCES: readonly (readonly [what: string, load: Load])[] = [
  ["dashboards and panels", loadDashboards],
  ["metrics", loadMetrics],
  ["features", loadFeatures],
  ["runbooks", loadRunbooks],
];

function toEntry(group: Group, title: string, detail: string, href: string): Entry {
  return { group, title, detail, href };
}

async function loadDashboards({ client }: Server, signal: AbortSignal): Promise<readonly Entry[]> {
  const { dashboards } = await listDashboards(client, signal);
  const drawn = dashboards.filter(({ problem }) => problem === undefined);
  const entries = await Promise.all(
    drawn.map(async ({ name, title, description }) => {
      const dashboard = parseDashboard(
        await client.own(`dashboards/${encodeURIComponent(name)}`, signal),
      );
      return [
        toEntry("Dashboards", title, description, toFragment(["dashboards", name])),
        ...dashboard.panels
          .flatMap(listPanels)
          .map((panel) => toEntry("Panels", panel.title, title, toPanelFragment(name, panel.id))),
      ];
    }),
  );
  return entries.flat();
}

/** Returns a panel, or those of a collapsed row; without panels that have no name. */
function listPanels(panel: Panel): readonly Panel[] {
  const panels = panel.type === "row" ? panel.panels : [panel];
  return panels.filter(({ title }) => title !== "");
}

async function loadMetrics({ api }: Server, signal: AbortSignal): Promise<readonly Entry[]> {
  const { data } = await api.json<{ data?: unknown }>("prometheus/api/v1/metadata", { signal });
  return Object.entries(asObject(data)).map(([name, list]) => {
    const [metadata = {}] = asObjects(list);
    const query = toQuery(name, asText(metadata["type"]));
    return toEntry(
      "Metrics",
      name,
      asText(metadata["help"]),
      toExploreFragment([query], undefined),
    );
  });
}

/** Returns the usual first look at a metric. */
export function toQuery(name: string, type: string): string {
  if (type === "counter") return `sum(rate(${name}[5m]))`;
  if (type === "histogram")
    return `histogram_quantile(0.95, sum by (le) (rate(${name}_bucket[5m])))`;
  return name;
}

async function loadFeatures({ api }: Server, signal: AbortSignal): Promise<readonly Entry[]> {
  const { models } = await api.json<{ models?: unknown }>("models", { signal });
  const names = asObjects(models)
    .filter(({ serving }) => typeof serving === "number")
    .map(({ name }) => asText(name));
  const entries = await Promise.all(
    names.map(async (model) => {
      const manifest = await api.json<object>(`models/${encodeURIComponent(model)}`, { signal });
      return asObjects(asObject(manifest)["features"]).map(({ name }) =>
        toEntry(
          "Features",
          asText(name),
          `Feature of ${model}`,
          toFeatureLink(model, asText(name)),
        ),
      );
    }),
  );
  return entries.flat();
}

function toFeatureLink(model: string, feature: string): string {
  return toFragment(["model", model], new URLSearchParams({ feature }));
}

async function loadRunbooks({ api }: Server, signal: AbortSignal): Promise<readonly Entry[]> {
  const { data } = await api.json<{ data?: unknown }>("prometheus/api/v1/rules?type=alert", {
    signal,
  });
  const rules = asObjects(asObject(data)["groups"]).flatMap(({ rules: all }) => asObjects(all));
  return rules.flatMap(({ name, annotations }) => {
    const { runbook_url: url, summary } = asObject(annotations);
    const file = /\/runbooks\/([\w.-]+)$/.exec(asText(url))?.[1];
    if (file === undefined) return [];
    return toEntry("Docs", `Runbook ${asText(name)}`, asText(summary), `../runbooks/${file}`);
  });
}
