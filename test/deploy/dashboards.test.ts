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
  ["a query without a legend", lintQuery(VALID.expr, { legend: "" }), "without a legend"],
];

const BROKEN: readonly (readonly [string, (board: Dashboard) => void])[] = [
  ["no uid", (board) => void delete board.uid],
  ["not refreshed", (board) => void (board.refresh = "1m")],
  ["editable", (board) => void (board.editable = true)],
  ["no links", (board) => void (board.links = [])],
  ["other variables", (board) => void board.templating.list?.pop()],
  ["no annotations", (board) => void (board.annotations.list = [])],
  ["other programs'", (board) => void (board.templating.list![1]!.allValue = ".+")],
];

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
