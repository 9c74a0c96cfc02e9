import { spawnSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { renderRules } from "../../dashboards/rules.ts";
import { describeAlerts } from "../../src/alerts/evaluate/describe.ts";
import { parseDuration } from "../../src/kernel/duration.ts";
import { printSeries } from "../../src/promql/syntax/print.ts";
import { createFolder } from "../support/folders.ts";
import { hasProgram } from "../support/programs.ts";
import { RULE_CASES } from "../deploy/rule-cases.ts";
import { createGroups, engine, evaluate } from "./evaluate.ts";
import { createTestStore, loadSeries } from "./store.ts";

interface Timeline {
  readonly name: string;
  readonly series: Readonly<Record<string, string>>;
  readonly untilMs: number;
  readonly stepMs: number;
}

type RuleFile = readonly [name: string, text: string];

const STEP_MS = 15_000;
const MAX_MS = 7_800_000;
const STATES = ["ALERTS", "ALERTS_FOR_STATE"];

/** Turns our results into expectations for promtool: at each step, the firing alerts and the series of alert states. */
function toPromtoolTest(
  { name, series, untilMs, stepMs }: Timeline,
  files: readonly RuleFile[],
  queries: readonly string[],
) {
  const store = createTestStore();
  loadSeries(store, series, STEP_MS);
  const groups = createGroups(files, store);
  const names = new Set(
    groups
      .flatMap(({ rules }) => rules.filter(({ rule }) => rule.type === "alerting"))
      .map(({ rule }) => rule.name),
  );
  const alert_rule_test: object[] = [];
  const promql_expr_test: object[] = [];
  let firing = 0;
  for (let timeMs = 0; timeMs <= untilMs; timeMs += stepMs) {
    evaluate(groups, timeMs, timeMs, stepMs);
    const fired = describeAlerts(groups).filter(({ state }) => state === "firing");
    firing += fired.length;
    const eval_time = `${timeMs}ms`;
    for (const alertname of names) {
      const exp_alerts = fired
        .filter(({ labels }) => labels["alertname"] === alertname)
        .map(({ labels, annotations }) => ({ exp_labels: labels, exp_annotations: annotations }));
      alert_rule_test.push({ eval_time, alertname, exp_alerts });
    }
    for (const expr of queries) {
      const { value } = engine.queryInstant(store, expr, timeMs);
      if (value.type !== "vector") throw new Error(value.type);
      const exp_samples = value.samples.map((sample) => ({
        labels: printSeries(sample.labels),
        value: sample.value,
      }));
      promql_expr_test.push({ expr, eval_time, exp_samples });
    }
  }
  const input_series = Object.entries(series).map(([key, values]) => ({ series: key, values }));
  return {
    firing,
    test: { name, interval: "15s", input_series, alert_rule_test, promql_expr_test },
  };
}

async function compare(
  timelines: readonly Timeline[],
  files: readonly RuleFile[],
  queries = STATES,
) {
  await using folder = await createFolder();
  for (const [name, text] of files) await writeFile(`${folder.path}/${name}`, text);
  const tests = timelines.map((timeline) => toPromtoolTest(timeline, files, queries));
  const file = `${folder.path}/tests.yml`;
  const stepMs = timelines[0]?.stepMs ?? STEP_MS;
  await writeFile(
    file,
    JSON.stringify({
      rule_files: files.map(([name]) => name),
      evaluation_interval: `${stepMs}ms`,
      group_eval_order: createGroups(files, createTestStore()).map(
        ({ definition }) => definition.name,
      ),
      tests: tests.map(({ test }) => test),
    }),
  );
  const { stdout, stderr } = spawnSync("promtool", ["test", "rules", file], {
    encoding: "utf8",
    maxBuffer: 1e9,
  });
  return {
    output: (stdout + stderr).slice(0, 5_000),
    firing: tests.reduce((sum, { firing }) => sum + firing, 0),
  };
}

const RULE_FILES: readonly RuleFile[] = [...renderRules()].map(([path, text]) => [
  path.split("/").at(-1) ?? "",
  text,
]);
const ALERTS = [...new Set(RULE_CASES.map(({ alert }) => alert))];

describe.runIf(hasProgram("promtool"))("evaluation, compared with promtool at each step", () => {
  it.each(ALERTS)("has the same alerts in the same states: %s", async (alert) => {
    const files = RULE_FILES.filter(([, text]) => text.includes(`- alert: ${alert}\n`));
    const slow = /Burn|Drift|Repeat/.test(alert);
    const timelines = RULE_CASES.filter((one) => one.alert === alert && one.changes === undefined)
      .map(({ name, series, at }) => ({
        name,
        series,
        untilMs: parseDuration(at) ?? 0,
        stepMs: slow ? 60_000 : STEP_MS,
      }))
      // rule-cases.test.ts covers cases of many hours.
      .filter(({ untilMs }) => untilMs <= MAX_MS);
    const { output, firing } = await compare(timelines, files);
    expect(output).toContain("SUCCESS");
    expect(firing).toBeGreaterThan(0);
  });

  it("applies for, keep_firing_for, limits and templates", async () => {
    const rules = {
      groups: [
        {
          name: "recorded",
          rules: [
            { record: "a:sum", expr: "sum by (x) (a)", labels: { y: "added", x2: "" } },
            { record: "a:double", expr: "a:sum * 2" },
            { record: "gone", expr: "a > 5" },
            { record: "a:limit", expr: "7" },
          ],
        },
        {
          name: "limited",
          limit: 2,
          rules: [
            { record: "a:limited", expr: "a" },
            { alert: "Limited", expr: "a > 0" },
          ],
        },
        {
          name: "alerts",
          rules: [
            {
              alert: "AtOnce",
              expr: "a > 0",
              annotations: { text: "{{ $value }} of {{ $labels.x }}" },
            },
            {
              alert: "For",
              expr: "a > 0",
              for: "30s",
              labels: { level: "{{ if gt $value 5.0 }}high{{ else }}low{{ end }}" },
            },
            { alert: "Kept", expr: "a > 0", keep_firing_for: "45s" },
            {
              alert: "Both",
              expr: "a:double > 4",
              for: "15s",
              keep_firing_for: "1m",
              labels: { y: "", __: "z" },
            },
            { alert: "Scalar", expr: "3" },
          ],
        },
      ],
    };
    const timelines = [
      {
        name: "flapping",
        series: { 'a{x="1"}': "0 1 1 1 0 1 0 0 1 6 7 0 0 0 0 0 0 2 2 stale _x5 3 3" },
      },
      { name: "two", series: { 'a{x="1"}': "1x20 stale _x5 3x5", 'a{x="2"}': "_x4 1x4 _x4 9x9" } },
      { name: "none", series: { b: "1x10" } },
    ].map((timeline) => ({ ...timeline, untilMs: 10 * 60_000, stepMs: STEP_MS }));
    const queries = [...STATES, "a:sum", "a:double", "gone", "a:limit", "a:limited"];
    const { output, firing } = await compare(
      timelines,
      [["own.yml", JSON.stringify(rules)]],
      queries,
    );
    expect(output).toContain("SUCCESS");
    expect(firing).toBeGreaterThan(100);
  });
});
