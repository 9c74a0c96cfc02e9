import type {
  Dashboard,
  FieldConfig,
  Panel,
  RowPanel,
} from "@grafana/grafana-foundation-sdk/dashboard";
import type { Dataquery } from "@grafana/grafana-foundation-sdk/prometheus";
import * as units from "@grafana/grafana-foundation-sdk/units";
import { COLUMNS } from "../../dashboards/grafana/dashboard.ts";
import type {
  DashboardDefinition,
  PanelDefinition,
  QueryDefinition,
} from "../../dashboards/grafana/dashboard-definition.ts";
import { CONTAINER, HOST, SCRAPE } from "../../dashboards/grafana/external-metrics.ts";
import {
  LOAD_METRICS,
  METRICS,
  PROCESS_METRICS,
  type MetricDeclaration,
} from "../../src/metrics/names.ts";
import { listMetrics, listWindows, type Occurrence } from "./promql.ts";

/** Minimum height of a graph with a legend, in grid rows. */
const GRAPH_LINES = 6;
const STATS_IN_A_LINE = 4;
const VARIABLES = ["datasource", "job", "instance", "model"];
/** Part of queries that leave out series without growth in the selected time range. */
const OCCURRING = "[$__range] @ end()";
const WINDOWS = new Set(["$__rate_interval", "$__range", "$__range:$__interval"]);
const UNITS = new Set<unknown>(Object.values(units));
const GROWTH = new Set(["rate", "irate", "increase"]);

type Kind = "counter" | "gauge";

/** Kind of every metric that a query may read. A histogram has three series. */
const KNOWN: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  ...Object.values(METRICS).flatMap(toNames),
  ...Object.values(LOAD_METRICS).flatMap(toNames),
  ...Object.values(PROCESS_METRICS).map((name) => [name, kindByName(name)] as const),
  ...["_bucket", "_sum", "_count"].flatMap((suffix) => [
    [`${PROCESS_METRICS.gcDuration}${suffix}`, "counter"] as const,
  ]),
  ...[SCRAPE, HOST, CONTAINER].flatMap((names) =>
    Object.values(names).map((name) => [name, kindByName(name)] as const),
  ),
]);

function toNames({ name, type }: MetricDeclaration): (readonly [string, Kind])[] {
  if (type !== "histogram") return [[name, type]];
  return ["_bucket", "_sum", "_count"].map((suffix) => [`${name}${suffix}`, "counter"]);
}

function kindByName(name: string): Kind {
  return name.endsWith("_total") && !name.startsWith("node_memory") ? "counter" : "gauge";
}

const OWN = new Set([
  ...Object.values(METRICS).flatMap((metric) => toNames(metric).map(([name]) => name)),
  ...[...KNOWN.keys()].filter((name) => /^(process|nodejs)_/.test(name)),
]);

/**
 * Lists the problems of a dashboard: the checks of grafana/dashboard-linter and the rules of this project. Prometheus checks
 * the PromQL itself.
 */
export function lintDashboard(definition: DashboardDefinition, dashboard: Dashboard): string[] {
  const panels = (dashboard.panels ?? []).filter(isPanel);
  const definitions = definition.rows.flatMap((row) => row.panels);
  return [
    ...lintFrame(dashboard),
    ...lintLayout(dashboard),
    ...panels.flatMap((panel, index) => {
      const source = definitions[index];
      const problems = source === undefined ? ["has no definition"] : lintPanel(source, panel);
      return problems.map((problem) => `${dashboard.title} / ${panel.title}: ${problem}`);
    }),
  ];
}

function isPanel(panel: Panel | RowPanel): panel is Panel {
  return panel.type !== "row";
}

function lintFrame(dashboard: Dashboard): string[] {
  const { title, uid, description, tags, refresh, time, editable, links, annotations } = dashboard;
  const variables = dashboard.templating.list ?? [];
  const problems: (string | false)[] = [
    !/^tepal-[a-z]+$/.test(uid ?? "") && "has no uid of the form tepal-name",
    (description ?? "").length < 20 && "has no description",
    tags?.includes("tepal") !== true && "has no tag tepal",
    refresh !== "10s" && "is not refreshed every 10 s",
    time?.from !== "now-30m" && "does not show the last 30 minutes by default",
    editable !== true && "is not editable",
    links?.some((link) => link.includeVars && link.keepTime && link.tags[0] === "tepal") !== true &&
      "has no links that keep variables and time",
    links?.some((link) => link.placement !== undefined) === true && "hides its links in a menu",
    annotations.list?.length !== 2 && "has no annotations for model loads and alerts",
    variables.map(({ name }) => name).join() !== VARIABLES.join() &&
      `has other variables than ${VARIABLES.join(", ")}`,
    variables[0]?.type !== "datasource" && "has no variable for the data source",
    variables.some((variable) => variable.label === undefined) && "has a variable without label",
    variables
      .slice(1)
      .some((variable) => variable.multi !== true || variable.includeAll !== true) &&
      "has a variable without All or multiple values",
    variables.find(({ name }) => name === "job")?.allValue !== undefined &&
      "includes other programs' metrics if All jobs are selected",
  ];
  return problems.filter((problem) => problem !== false).map((problem) => `${title} ${problem}`);
}

function lintLayout({ title, panels = [] }: Dashboard): string[] {
  const problems: string[] = [];
  const titles = panels.filter(isPanel).map((panel) => panel.title);
  if (new Set(titles).size < titles.length) problems.push("has two panels with the same title");
  if (new Set(panels.map(({ id }) => id)).size < panels.length) {
    problems.push("has two panels with the same id");
  }
  const lines = Map.groupBy(panels.filter(isPanel), ({ gridPos }) => gridPos?.y ?? -1);
  for (const [y, line] of lines) {
    const widths = line.reduce((sum, { gridPos }) => sum + (gridPos?.w ?? 0), 0);
    if (widths !== COLUMNS) problems.push(`line ${y} is ${widths} columns wide`);
    if (new Set(line.map(({ gridPos }) => gridPos?.h)).size > 1) {
      problems.push(`line ${y} has panels of different heights`);
    }
    if (line.filter(({ type }) => type === "stat").length > STATS_IN_A_LINE) {
      problems.push(`line ${y} has more than ${STATS_IN_A_LINE} stat panels`);
    }
  }
  for (const [index, a] of panels.entries()) {
    const position = a.gridPos;
    if (position === undefined || a.id === undefined) {
      problems.push(`${a.title} has no position or id`);
      continue;
    }
    if (position.x < 0 || position.x + position.w > COLUMNS)
      problems.push(`${a.title} leaves the grid`);
    if (["timeseries", "heatmap"].includes(isPanel(a) ? a.type : "") && position.h < GRAPH_LINES) {
      problems.push(`${a.title} is too low`);
    }
    for (const b of panels.slice(index + 1)) {
      const other = b.gridPos;
      if (other === undefined) continue;
      const apart =
        position.x + position.w <= other.x ||
        other.x + other.w <= position.x ||
        position.y + position.h <= other.y ||
        other.y + other.h <= position.y;
      if (!apart) problems.push(`${a.title} overlaps ${b.title}`);
    }
  }
  return problems.map((problem) => `${title}: ${problem}`);
}

function lintPanel(definition: PanelDefinition, panel: Panel): string[] {
  const problems: string[] = [];
  const defaults: FieldConfig = panel.fieldConfig?.defaults ?? {};
  if (definition.title !== panel.title) problems.push("is not at the position of its definition");
  if (!/^[A-Z0-9p].{20,}\.$/s.test(panel.description ?? "") && panel.type !== "row") {
    problems.push("has no description in whole sentences");
  }
  if (!UNITS.has(defaults.unit ?? "")) problems.push("has no unit that Grafana knows");
  if (panel.datasource?.uid !== "${datasource}")
    problems.push("does not use the selected data source");
  if (panel.type === "timeseries" && panel.options.legend.showLegend !== true) {
    problems.push("has no legend");
  }
  if (panel.type === "timeseries" && defaults.max === undefined && !(softMax(defaults) > 0)) {
    problems.push("draws a flat 0 on an axis up to 100");
  }
  // 5,600 would be "6 K".
  if (defaults.unit === "short" && defaults.decimals === 0 && panel.type !== "timeseries") {
    problems.push("rounds thousands away");
  }
  if (panel.type === "table") problems.push(...lintLabels(definition, panel));
  const steps = defaults.thresholds?.steps ?? [];
  const ascend = steps.every(({ value }, index) => {
    const before = steps[index - 1]?.value ?? Number.NEGATIVE_INFINITY;
    return index === 0 ? value === null : value !== null && value > before;
  });
  if (!ascend) problems.push("has limits that are not in ascending order");

  const targets = (panel.targets ?? []).filter(isPrometheus);
  if (targets.length === 0) problems.push("has no query");
  if (targets.length !== definition.queries.length) problems.push("does not have all its queries");
  if (new Set(targets.map(({ refId }) => refId)).size < targets.length) {
    problems.push("has two queries with the same letter");
  }
  for (const [index, target] of targets.entries()) {
    const query = definition.queries[index];
    if (query === undefined) problems.push("has a query without a definition");
    else if ((target.legendFormat ?? "") === "") problems.push("has a query without a legend");
    else problems.push(...lintQuery(target.expr, query));
    const isStacked = definition.kind === "graph" && definition.stacked === true;
    if (isStacked && !target.expr.includes(OCCURRING)) {
      problems.push("stacks series that may always be 0, whose color outlines the stack");
    }
  }
  return problems;
}

function softMax({ custom }: FieldConfig): number {
  return Number(custom?.axisSoftMax);
}

/** Finds labels with the unit of the panel, which Grafana applies to strings that look like numbers: version 1 would be "100 %". */
function lintLabels(definition: PanelDefinition, panel: Panel): string[] {
  const headings = definition.kind === "table" ? Object.values(definition.labels) : [];
  const strings = new Set(
    (panel.fieldConfig?.overrides ?? [])
      .filter(({ properties }) => properties.some(({ value }) => value === "string"))
      .map(({ matcher }) => matcher.options),
  );
  return headings
    .filter((heading) => !strings.has(heading))
    .map((heading) => `shows the label ${heading} as a number`);
}

function isPrometheus(target: object): target is Dataquery {
  return "expr" in target;
}

function lintQuery(expr: string, query: QueryDefinition): string[] {
  const problems: string[] = [];
  const other = listWindows(expr).filter((window) => !WINDOWS.has(window));
  if (other.length > 0 && query.fixedWindow === undefined) {
    problems.push(`has the window ${other[0]} without a reason (fixedWindow)`);
  }
  if (other.length === 0 && query.fixedWindow !== undefined) {
    problems.push("has a reason for a fixed window (fixedWindow), but no fixed window");
  }
  const occurrences = listMetrics(expr);
  if (occurrences.length === 0) problems.push("reads no metric");
  const bare = occurrences.filter(isBareCounter);
  if (bare.length > 0 && query.total === undefined) {
    problems.push(`shows the counter ${bare[0]?.name} without rate() or a reason (total)`);
  }
  if (bare.length === 0 && query.total !== undefined) {
    problems.push("has a reason for a bare counter (total), but no bare counter");
  }
  if (/histogram_quantile/.test(expr) && !/histogram_quantile\([\d.]+, sum by \(le\b/.test(expr)) {
    problems.push("computes a quantile of something other than buckets by le");
  }
  for (const { name, matchers, caller } of occurrences) {
    if (!KNOWN.has(name)) problems.push(`reads ${name}, which nothing exposes`);
    if (GROWTH.has(caller ?? "") && KNOWN.get(name) === "gauge") {
      problems.push(`takes the growth of ${name}, which is no counter`);
    }
    const chosen = matchers.includes('job=~"$job"') && matchers.includes('instance=~"$instance"');
    if (OWN.has(name) && !chosen) problems.push(`reads ${name} of all servers`);
    if (!OWN.has(name) && !/\bjob=/.test(matchers) && !FREE.has(name)) {
      problems.push(`reads ${name} of all jobs`);
    }
    if (/^model_(?!input_errors|loads)/.test(name) && !matchers.includes('model=~"$model"')) {
      problems.push(`reads ${name} of all models`);
    }
  }
  return problems;
}

/** Prometheus's own, of every target. */
const FREE: ReadonlySet<string> = new Set([SCRAPE.up, SCRAPE.alerts, SCRAPE.alertsSince]);

function isBareCounter({ name, caller }: Occurrence): boolean {
  return KNOWN.get(name) === "counter" && !GROWTH.has(caller ?? "");
}
