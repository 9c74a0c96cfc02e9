import { spawnSync } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Dashboard } from "@grafana/grafana-foundation-sdk/dashboard";
import { describe, expect, it } from "vitest";
import { renderDeployment } from "../../dashboards/generate.ts";
import { ANNOTATIONS } from "../../dashboards/grafana/annotations.ts";
import { toDashboard } from "../../dashboards/grafana/dashboard.ts";
import type {
  DashboardDefinition,
  GraphPanel,
  QueryDefinition,
} from "../../dashboards/grafana/dashboard-definition.ts";
import { DASHBOARDS } from "../../dashboards/grafana/grafana.ts";
import { createEngine } from "../../src/promql/index.ts";
import { runCases } from "../promql/run-cases.ts";
import { createFolder } from "../support/folders.ts";
import { hasProgram } from "../support/programs.ts";
import { lintDashboard } from "./lint-dashboard.ts";
import { listMetrics, substitute, type View } from "./promql.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const VIEW: View = {
  rangeSeconds: 1_800,
  scrapeSeconds: 5,
  points: 600,
  variables: { job: "tepal", instance: ".+", model: ".+" },
};

async function readDashboard(uid: string): Promise<Dashboard> {
  const path = join(ROOT, `deploy/grafana/dashboards/${uid}.json`);
  const dashboard: Dashboard = JSON.parse(await readFile(path, "utf8"));
  return dashboard;
}

describe("dashboards", () => {
  it("are six, and deploy/ contains exactly these", async () => {
    const titles = DASHBOARDS.map(({ title }) => title);
    expect(titles).toEqual([
      "Overview",
      "Latency Analysis",
      "Request Analysis",
      "Load Testing",
      "Model",
      "Resources",
    ]);
    const files = await readdir(join(ROOT, "deploy/grafana/dashboards"));
    expect(files.toSorted()).toEqual(DASHBOARDS.map(({ uid }) => `${uid}.json`).toSorted());
    for (const [path, text] of renderDeployment()) {
      expect(await readFile(join(ROOT, path), "utf8")).toBe(text);
    }
  });

  it.each(DASHBOARDS)("$title passes the linter", async (definition) => {
    expect(lintDashboard(definition, await readDashboard(definition.uid))).toEqual([]);
  });

  it.runIf(hasProgram("promtool"))("contain only PromQL that promtool accepts", async () => {
    await using folder = await createFolder();
    const queries = DASHBOARDS.flatMap(({ rows }) => rows)
      .flatMap(({ panels }) => panels)
      .flatMap((panel) => panel.queries.map(({ expr }) => expr));
    const all = [...queries, ...Object.values(ANNOTATIONS)].map((expr) => substitute(expr, VIEW));
    expect(all.length).toBeGreaterThan(150);
    expect(await checkPromql(folder.path, all)).toBe("");
    expect(await checkPromql(folder.path, [...all, "sum by (le) rate(x[1m])"])).toContain(
      "could not parse expression",
    );
  });
});

/** Returns promtool's errors for the queries; "" if it accepts all. */
async function checkPromql(folder: string, queries: readonly string[]): Promise<string> {
  const rules = queries.map((expr, index) => ({ record: `query:number:${index}`, expr }));
  const file = join(folder, "rules.yml");
  // JSON is YAML.
  await writeFile(file, JSON.stringify({ groups: [{ name: "queries", rules }] }));
  const { status, stderr, stdout } = spawnSync("promtool", ["check", "rules", file], {
    encoding: "utf8",
  });
  return status === 0 ? "" : stdout + stderr;
}

const VALID: QueryDefinition = {
  expr: 'sum(rate(api_requests_total{job=~"$job", instance=~"$instance"}[$__rate_interval]))',
  legend: "requests",
};
const GRAPH: GraphPanel = {
  kind: "graph",
  title: "Valid",
  description: "Requests per second of this sample.",
  unit: "reqps",
  width: 24,
  queries: [VALID],
};

function toDefinition(panels: DashboardDefinition["rows"][number]["panels"]): DashboardDefinition {
  return {
    uid: "tepal-sample",
    title: "Sample",
    description: "A dashboard with at most one problem",
    rows: [{ title: "Row", panels }],
  };
}

/** Lints a valid graph with some properties changed. */
function lintGraph(changes: Partial<GraphPanel>): string {
  const definition = toDefinition([{ ...GRAPH, ...changes }]);
  return lintDashboard(definition, toDashboard(definition)).join("\n");
}
const lintQuery = (expr: string, changes: Partial<QueryDefinition> = {}): string =>
  lintGraph({ queries: [{ ...VALID, ...changes, expr }] });

/** Returns the dashboard as Grafana reads it. */
function toCopy(definition: DashboardDefinition): Dashboard {
  const copy: Dashboard = JSON.parse(JSON.stringify(toDashboard(definition)));
  return copy;
}

const API = 'job=~"$job", instance=~"$instance"';

/** [problem, output of the linter, expected part of it] */
const PROBLEMS: readonly (readonly [string, string, string])[] = [
  ["a short description", lintGraph({ description: "Shows it." }), "whole sentences"],
  ["no unit", lintGraph({ unit: "" }), "has no unit"],
  ["an unknown unit", lintGraph({ unit: "seconds" }), "has no unit that Grafana knows"],
  ["no query", lintGraph({ queries: [] }), "has no query"],
  ["a gap in the line", lintGraph({ width: 12 }), "is 12 columns wide"],
  ["a low graph", lintGraph({ height: 5 }), "is too low"],
  [
    "limits out of order",
    lintGraph({
      limits: [
        { from: Number.NEGATIVE_INFINITY, color: "green" },
        { from: 2, color: "yellow" },
        { from: 1, color: "red" },
      ],
    }),
    "not in ascending order",
  ],
  ["a fixed window", lintQuery(VALID.expr.replace("$__rate_interval", "5m")), "the window 5m"],
  ["a reason without need", lintQuery(VALID.expr, { fixedWindow: "x" }), "but no fixed window"],
  ["a bare counter", lintQuery(`sum(api_requests_total{${API}})`), "without rate()"],
  [
    "a bare bucket",
    lintQuery(
      `histogram_quantile(0.9, sum by (le) (model_confidence_bucket{${API}, model=~"$model"}))`,
    ),
    "shows the counter model_confidence_bucket",
  ],
  [
    "the rate of a gauge",
    lintQuery(`rate(tepal_workers{${API}}[$__rate_interval])`),
    "which is no counter",
  ],
  [
    "a quantile without le",
    lintQuery(
      `histogram_quantile(0.9, sum by (route) (rate(api_request_latency_seconds_bucket{${API}}[$__rate_interval])))`,
    ),
    "other than buckets",
  ],
  ["an unknown metric", lintQuery(`sum(api_request_total{${API}})`), "which nothing exposes"],
  ["all jobs", lintQuery("sum(tepal_workers)"), "of all servers"],
  ["all hosts", lintQuery("sum(node_load1)"), "of all jobs"],
  ["all models", lintQuery(`max(model_info{${API}})`), "of all models"],
  ["an axis up to 10,000 %", lintGraph({ unit: "percentunit", softMax: 0 }), "an axis up to 100"],
  ["series that are always 0", lintGraph({ stacked: true }), "color outlines the stack"],
  ["a query without a legend", lintQuery(VALID.expr, { legend: "" }), "without a legend"],
];

const BROKEN: readonly (readonly [string, (board: Dashboard) => void])[] = [
  ["no uid", (board) => void delete board.uid],
  ["not refreshed", (board) => void (board.refresh = "1m")],
  ["not editable", (board) => void (board.editable = false)],
  ["no links", (board) => void (board.links = [])],
  ["other variables", (board) => void board.templating.list?.pop()],
  ["no annotations", (board) => void (board.annotations.list = [])],
  ["other programs'", (board) => void (board.templating.list![1]!.allValue = ".+")],
];

/** The query of a panel for a server of 1,000 seconds. */
function toQuery(uid: string, title: string, index = 0): string {
  const panels = DASHBOARDS.find((board) => board.uid === uid)?.rows.flatMap((row) => row.panels);
  const expr = panels?.find((panel) => panel.title === title)?.queries[index]?.expr;
  if (expr === undefined) throw new Error(`${uid} has no panel ${title}`);
  return substitute(expr, { ...VIEW, rangeSeconds: 1_000, points: 200 });
}

describe("queries of the dashboards", () => {
  const evaluate = (series: string, cases: readonly (readonly [string, string])[]): string[] => {
    const evaluations = cases.map(
      ([query, expected]) => `eval range from 1000s to 1000s step 5s ${query}\n${expected}`,
    );
    const text = `load 5s\n${series}\n${evaluations.join("\n\n")}\n`;
    return runCases(createEngine(), text).flatMap(({ query, failure }) =>
      failure === undefined ? [] : [`${query}: ${failure}`],
    );
  };

  it("count a down time, in which no server counts a failure", () => {
    // Of the 200 scrapes after the first, 12 fail; the server is back for the last 48, and counts from 0.
    const series = `  up{job="tepal", instance="a"} 1x140 0x11 1x47
  api_requests_total{job="tepal", instance="a", route="/predict", status="200"} 0+50x140 _x12 0+50x47
  api_requests_total{job="tepal", instance="a", route="/predict", status="500"} 0x140 _x12 0x47`;
    expect(
      evaluate(series, [
        [toQuery("tepal-overview", "Availability"), "  {} 0.94"],
        [toQuery("tepal-overview", "Error budget remaining"), "  {} -59"],
        [toQuery("tepal-overview", "Servers up"), "  {} 0.94"],
      ]),
    ).toEqual([]);
  });

  it("show an availability without requests, and none without servers", () => {
    const availability = toQuery("tepal-overview", "Availability");
    const series = `  up{job="tepal", instance="a"} 1x200`;
    expect(evaluate(series, [[availability, "  {} 1"]])).toEqual([]);
    expect(evaluate("  other 1x200", [[availability, ""]])).toEqual([]);
  });

  it("leave out statuses without requests, and keep the 0 of those with some", () => {
    const series = `  api_requests_total{job="tepal", instance="a", route="/predict", status="500"} 0x200
  api_requests_total{job="tepal", instance="a", route="/predict", status="503"} 0x100 20x99`;
    const errors = toQuery("tepal-overview", "Requests by status");
    expect(evaluate(series, [[errors, '  {status="503"} 0']])).toEqual([]);
  });

  it("measure the latency objective on one-row predictions", () => {
    const ofRoute = (route: string, within: number): string =>
      ["_bucket", "_count"]
        .map((suffix) => {
          const bound = suffix === "_bucket" ? ', le="0.1"' : "";
          const step = suffix === "_bucket" ? within : 10;
          return `  api_request_latency_seconds${suffix}{job="tepal", instance="a", route="${route}", status="200"${bound}} 0+${step}x200`;
        })
        .join("\n");
    const series = `${ofRoute("/models/:name/predict", 9)}\n${ofRoute("/predict/batch", 0)}\n${ofRoute("/models", 10)}`;
    for (const [uid, title] of [
      ["tepal-overview", "Within latency objective"],
      ["tepal-latency", "Predictions within the latency objective"],
    ] as const) {
      expect(evaluate(series, [[toQuery(uid, title), "  {} 0.9"]])).toEqual([]);
    }
  });

  it("list the firing alerts of the selected jobs, and of none", () => {
    const alert = (labels: string, state: string): string =>
      `  ALERTS{${labels}, alertstate="${state}"} 1x200\n  ALERTS_FOR_STATE{${labels}} 400x200`;
    const series = [
      alert('alertname="ServerDown", job="tepal", instance="a", severity="critical"', "firing"),
      alert('alertname="Absent", severity="warning"', "firing"),
      alert('alertname="HighLatency", job="tepal", instance="a", severity="warning"', "pending"),
      alert('alertname="Foreign", job="other", severity="warning"', "firing"),
      alert('alertname="Watchdog", severity="info"', "firing"),
    ].join("\n");
    const expected = `  {alertname="ServerDown", instance="a", severity="critical"} 400000
  {alertname="Absent", severity="warning"} 400000`;
    expect(evaluate(series, [[toQuery("tepal-overview", "Firing alerts"), expected]])).toEqual([]);
    const marked = `count by (alertname) (${substitute(ANNOTATIONS.alerts, VIEW)})`;
    expect(
      evaluate(series, [[marked, '  {alertname="ServerDown"} 1\n  {alertname="Absent"} 1']]),
    ).toEqual([]);
  });
});

describe("lintDashboard", () => {
  it("accepts a valid dashboard", () => {
    expect(lintGraph({})).toBe("");
  });

  it.each(PROBLEMS)("finds %s", (_, problems, expected) => {
    expect(problems).toContain(expected);
    expect(problems.split("\n")).toHaveLength(1);
  });

  it("finds equal titles, equal ids, overlapping panels and too many stat panels", () => {
    const { description } = GRAPH;
    const stat = { kind: "stat" as const, description, unit: "short", queries: [VALID] };
    const definition = toDefinition(
      ["a", "b", "c", "d"].map((title) => ({ ...stat, title, width: 6 })),
    );
    const narrow = toDefinition(
      ["a", "b", "c", "d", "e", "f"].map((title) => ({ ...stat, title, width: 4 })),
    );
    const lint = (change: (dashboard: Dashboard) => void): string => {
      const dashboard = toCopy(definition);
      change(dashboard);
      return lintDashboard(definition, dashboard).join("\n");
    };
    expect(lint(() => {})).toBe("");
    expect(lintDashboard(narrow, toDashboard(narrow)).join()).toContain("more than 4 stat panels");
    expect(lint(({ panels = [] }) => void (panels[2]!.title = "a"))).toContain("the same title");
    expect(lint(({ panels = [] }) => void (panels[2]!.id = 2))).toContain("the same id");
    expect(lint(({ panels = [] }) => void (panels[2]!.gridPos!.x = 3))).toContain("overlaps");
    expect(lint(({ panels = [] }) => void (panels[4]!.gridPos!.x = 20))).toContain(
      "leaves the grid",
    );
  });

  it("finds labels and counts that Grafana would not draw as they are", () => {
    const { description } = GRAPH;
    const expr = 'sum by (version) (tepal_workers{job=~"$job", instance=~"$instance"})';
    const query = { expr, legend: "Workers" };
    const common = { title: "Valid", description, unit: "short", width: 24, queries: [query] };
    const table = toDefinition([{ ...common, kind: "table", labels: { version: "Version" } }]);
    const dashboard = toCopy(table);
    expect(lintDashboard(table, dashboard)).toEqual([]);
    for (const panel of dashboard.panels ?? []) {
      if ("fieldConfig" in panel && panel.fieldConfig) panel.fieldConfig.overrides = [];
    }
    expect(lintDashboard(table, dashboard).join()).toContain("the label Version as a number");
    const stat = toDefinition([{ ...common, kind: "stat", decimals: 0 }]);
    expect(lintDashboard(stat, toDashboard(stat)).join()).toContain("rounds thousands away");
  });

  it.each(BROKEN)("finds a dashboard with: %s", (problem, change) => {
    const definition = toDefinition([GRAPH]);
    const dashboard = toCopy(definition);
    change(dashboard);
    const problems = lintDashboard(definition, dashboard);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(problem);
  });

  it("distinguishes metrics from labels and keywords in a query", () => {
    const found = listMetrics(
      'sum by (le, route) (rate(a_bucket{x="c_total{", y=~"b"}[5m] offset 1h)) / on (job) group_left (task) (b > 0) or vector(0)',
    );
    expect(found.map(({ name, caller, window }) => [name, caller, window])).toEqual([
      ["a_bucket", "rate", "5m"],
      ["b", undefined, undefined],
    ]);
    expect(found[0]?.matchers).toBe('x="c_total{", y=~"b"');
  });

  it("substitutes variables as Grafana does", () => {
    const view = { ...VIEW, rangeSeconds: 6_000 };
    expect(substitute('a{job=~"$job"}[$__rate_interval] b[$__range:$__interval]', view)).toBe(
      'a{job=~"tepal"}[20s] b[6000s:10s]',
    );
    expect(substitute("a[$__rate_interval]", { ...view, points: 60 })).toBe("a[105s]");
    expect(() => substitute('a{job=~"$jobs"}', view)).toThrow("no variable $jobs");
  });
});
