import { spawnSync } from "node:child_process";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { renderDeployment } from "../../dashboards/generate.ts";
import { listMetricNames } from "../../src/default-rules/promql.ts";
import { DASHBOARDS } from "../../dashboards/grafana/grafana.ts";
import { ALERTS, renderRules } from "../../dashboards/rules.ts";
import { createFolder } from "../support/folders.ts";
import { readAlertmanagerConfig } from "../support/monitoring.ts";
import { hasProgram } from "../support/programs.ts";
import { RULE_CASES, toAnnotations, type RuleCase } from "./rule-cases.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const RULES = [...renderRules()];

function run(program: string, ...words: string[]) {
  const { status, stdout, stderr } = spawnSync(program, words, { encoding: "utf8", cwd: ROOT });
  return { status, output: stdout + stderr };
}

/** Lists the metric names in a query: the identifiers that remain without strings, labels and keywords. */
function listNames(query: string): string[] {
  const bare = query
    .replaceAll(/"[^"]*"/g, "")
    .replaceAll(/\{[^}]*\}|\[[^\]]*\]/g, "")
    .replaceAll(/\b(by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, "");
  const names = bare.match(/[a-zA-Z_:][\w:]*(?!\w|\s*\()/g) ?? [];
  return names.filter((name) => !["and", "or", "unless", "bool", "e"].includes(name));
}

const EXPRESSIONS = RULES.flatMap(([, text]) =>
  [...text.matchAll(/ {8}expr: \|-\n((?: {10}.*\n)+)/g)].map(([, expression = ""]) => expression),
);
const GROUPS = RULES.flatMap(([, text]) =>
  [...text.matchAll(/^ {2}- name: (\S+)/gm)].map(([, name = ""]) => name),
);
const RECORDED = RULES.flatMap(([, text]) =>
  [...text.matchAll(/- record: (\S+)/g)].map(([, name = ""]) => name),
);

describe("rules", () => {
  it("name only metrics that exist or that a rule records", () => {
    const known = new Set([...listMetricNames(), ...RECORDED]);
    const names = EXPRESSIONS.flatMap(listNames);
    expect(names.length).toBeGreaterThan(100);
    expect(names.filter((name) => !known.has(name))).toEqual([]);
    expect(listNames('sum by (job) (rate(a_total{x="y"}[5m])) > 1e-4 and on (job) b:c:d')).toEqual([
      "a_total",
      "b:c:d",
    ]);
  });

  it("record unique names of the form level:metric:operations", () => {
    for (const name of RECORDED) expect(name).toMatch(/^[a-z_]+:[a-z_]+:[a-z0-9_]+$/);
    expect(new Set(RECORDED).size).toBe(RECORDED.length);
  });

  it("are the only files in their folder", async () => {
    const found = await readdir(`${ROOT}deploy/prometheus/rules`);
    const rendered = [...renderDeployment().keys()].filter((path) => path.includes("/rules/"));
    expect(found.map((name) => `deploy/prometheus/rules/${name}`).toSorted()).toEqual(
      rendered.toSorted(),
    );
  });
});

describe("every alert", () => {
  it.each(ALERTS)("$alert $labels.window has a severity, a value, and a runbook", async (alert) => {
    expect(["critical", "warning", "info"]).toContain(alert.severity);
    expect(alert.summary).not.toBe("");
    expect(alert.description).toContain("$value");
    const page = await readFile(`${ROOT}docs/runbooks/${alert.alert}.md`, "utf8");
    expect(page).toMatch(new RegExp(`^# ${alert.alert}\n`));
    for (const part of ["Symptom", "Impact", "Checks", "Fix"]) {
      expect(page).toContain(`\n## ${part}\n`);
    }
  });

  it("links to a dashboard that exists", () => {
    const known = DASHBOARDS.map(({ uid }) => uid);
    for (const { dashboard } of ALERTS) expect(known).toContain(dashboard.uid);
  });

  it("has test cases in which it fires and test cases in which it does not", () => {
    const id = (alert: string, window?: string): string => `${alert} ${window ?? ""}`;
    const fired = RULE_CASES.flatMap(({ alert, fires }) =>
      fires.map(({ labels }) => id(alert, labels["window"])),
    );
    const quiet = RULE_CASES.filter(({ fires }) => fires.length === 0).map(({ alert }) => alert);
    for (const { alert, labels } of ALERTS) {
      expect(fired).toContain(id(alert, labels?.["window"]));
      // The watchdog always fires.
      if (alert !== "Watchdog") expect(quiet).toContain(alert);
    }
  });

  it("has a runbook, and no other runbooks exist", async () => {
    const pages = await readdir(`${ROOT}docs/runbooks`);
    const names = new Set(ALERTS.map(({ alert }) => `${alert}.md`));
    expect(pages.toSorted()).toEqual([...names].toSorted());
  });
});

/** Formats a test file for promtool (JSON is YAML) with the rule files that contain `rule`. */
function toPromtoolTests(rule: string, tests: readonly object[]): string {
  return JSON.stringify({
    rule_files: RULES.filter(([, text]) => text.includes(rule)).map(([path]) => `${ROOT}${path}`),
    // As Tepal evaluates them. Otherwise the order is random, and a rule may see what others recorded a step ago.
    group_eval_order: GROUPS,
    // Tests of burn rates and drift cover hours, with many rules; fewer evaluations suffice.
    evaluation_interval: /Burn|Drift|Repeat/.test(rule) ? "1m" : "15s",
    tests: tests.map((test) => ({ interval: "15s", ...test })),
  });
}

function toPromtoolTest({ alert, name, series, at, fires }: RuleCase): object {
  return {
    name: `${alert}: ${name}`,
    input_series: Object.entries(series).map(([key, values]) => ({ series: key, values })),
    alert_rule_test: [
      {
        eval_time: at,
        alertname: alert,
        exp_alerts: fires.map((fired) => ({
          exp_labels: fired.labels,
          exp_annotations: toAnnotations(alert, fired),
        })),
      },
    ],
  };
}

async function testRules(rule: string, tests: readonly object[]) {
  await using folder = await createFolder();
  const file = `${folder.path}/tests.yml`;
  await writeFile(file, toPromtoolTests(rule, tests));
  return run("promtool", "test", "rules", file);
}

describe.runIf(hasProgram("promtool"))("promtool", () => {
  it("accepts the rules", () => {
    const { status, output } = run("promtool", "check", "rules", ...RULES.map(([path]) => path));
    expect(output).not.toContain("FAILED");
    expect(status).toBe(0);
  });

  it("accepts the configuration of Prometheus with local file paths", async () => {
    await using folder = await createFolder();
    for (const name of ["metrics-key", "load-password"]) {
      await writeFile(`${folder.path}/${name}`, "tepal_test");
    }
    const text = await readFile(`${ROOT}deploy/prometheus/prometheus.yml`, "utf8");
    const local = text
      .replaceAll("/run/secrets-tepal/", `${folder.path}/`)
      .replace("/etc/prometheus/rules/", `${ROOT}deploy/prometheus/rules/`);
    const file = `${folder.path}/prometheus.yml`;
    await writeFile(file, local);
    const { status, output } = run("promtool", "check", "config", file);
    expect(output).toContain(`${RULES.length} rule files found`);
    expect(status).toBe(0);
  });

  const names = new Set(RULE_CASES.map(({ alert }) => alert));
  it.each([...names])("fires %s in the expected cases only", async (name) => {
    const cases = RULE_CASES.filter(({ alert }) => alert === name);
    const { status, output } = await testRules(`- alert: ${name}\n`, cases.map(toPromtoolTest));
    expect(output).toContain("SUCCESS");
    expect(status).toBe(0);
  });
});

/** Reads the queries in "Checks" of all runbooks. */
async function readQueries(): Promise<readonly (readonly [page: string, query: string])[]> {
  const pages = await Promise.all(
    (await readdir(`${ROOT}docs/runbooks`)).map(async (name) => {
      const text = await readFile(`${ROOT}docs/runbooks/${name}`, "utf8");
      const checks = /## Checks\n(.*)## Fix/s.exec(text)?.[1] ?? "";
      return [...checks.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => [name, code] as const);
    }),
  );
  const known = [...listMetricNames(), ...RECORDED, ...RUNBOOK_METRICS];
  return pages.flat().filter(([, code]) => known.some((name) => code.includes(name)));
}

/** Metrics that only runbooks use. */
const RUNBOOK_METRICS = [
  "nodejs_gc_duration_seconds_sum",
  "node_cpu_seconds_total",
  "prometheus_notifications_errors_total",
];

describe("queries in runbooks", () => {
  it("name only metrics that exist", async () => {
    const known = new Set([...listMetricNames(), ...RECORDED, ...RUNBOOK_METRICS]);
    const queries = await readQueries();
    expect(queries.length).toBeGreaterThan(40);
    for (const [page, query] of queries) {
      const unknown = listNames(query).filter((name) => !known.has(name) && !/^\d/.test(name));
      expect({ page, query, unknown }).toEqual({ page, query, unknown: [] });
    }
  });

  it.runIf(hasProgram("promtool"))("are valid PromQL", async () => {
    await using folder = await createFolder();
    const rules = (await readQueries()).map(([, expr], i) => ({ record: `a:b:c${i}`, expr }));
    const file = `${folder.path}/rules.yml`;
    await writeFile(file, JSON.stringify({ groups: [{ name: "pages", rules }] }));
    const { status, output } = run("promtool", "check", "rules", file);
    expect(output).toContain(`${rules.length} rules found`);
    expect(status).toBe(0);
  });
});

async function createConfig() {
  const folder = await createFolder();
  const file = `${folder.path}/alertmanager.yml`;
  await writeFile(file, await readAlertmanagerConfig("http://127.0.0.1:9"));
  return { ...folder, file };
}

describe.runIf(hasProgram("amtool"))("amtool", () => {
  it("accepts every receiver shown in docs/alerting.md", async () => {
    const text = await readFile(`${ROOT}docs/alerting.md`, "utf8");
    const shown = [...text.matchAll(/```yaml\n(.*?)```/gs)].map(([, yaml = ""]) => yaml);
    expect(shown).toHaveLength(5);
    await using folder = await createFolder();
    for (const yaml of shown) {
      const name = /- name: (\S+)/.exec(yaml)?.[1] ?? "";
      const file = `${folder.path}/alertmanager.yml`;
      await writeFile(file, `route:\n  receiver: ${name}\nreceivers:\n${yaml}`);
      const { status, output } = run("amtool", "check-config", file);
      expect(output).toContain("SUCCESS");
      expect(status).toBe(0);
    }
  });

  it("accepts the configuration of Alertmanager with a URL instead of url_file", async () => {
    await using config = await createConfig();
    const { status, output } = run("amtool", "check-config", config.file);
    expect(output).toContain("SUCCESS");
    expect(status).toBe(0);
  });

  it.each([
    ["critical", ["alertname=ServerDown", "severity=critical", "job=tepal"]],
    ["warning", ["alertname=HighLatency", "severity=warning", "job=tepal"]],
    ["null", ["alertname=Watchdog", "severity=info"]],
    ["null", ["alertname=Another", "severity=info"]],
    ["warning", ["alertname=External"]],
  ])("routes to %s an alert with the labels %j", async (receiver, labels) => {
    await using config = await createConfig();
    const { output } = run(
      "amtool",
      "config",
      "routes",
      "test",
      `--config.file=${config.file}`,
      `--verify.receivers=${receiver}`,
      ...labels,
    );
    expect(output.trim().split("\n")).toContain(receiver);
  });
});
