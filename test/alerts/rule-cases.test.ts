import { describe, expect, it } from "vitest";
import { renderRules } from "../../dashboards/rules.ts";
import { describeAlerts } from "../../src/alerts/evaluate/describe.ts";
import { parseDuration } from "../../src/kernel/duration.ts";
import { RULE_CASES, toAnnotations } from "../deploy/rule-cases.ts";
import { createGroups, evaluate } from "./evaluate.ts";
import { createTestStore, loadSeries } from "./store.ts";

const FILES = [...renderRules()];

// test/deploy/rules.test.ts runs the same cases with promtool.
describe("default alert rules, with the series of the promtool tests", () => {
  it.each(RULE_CASES)("$alert: $name", ({ alert, series, at, fires }) => {
    const store = createTestStore();
    loadSeries(store, series, 15_000);
    const files = FILES.filter(([, text]) => text.includes(`- alert: ${alert}\n`));
    const groups = createGroups(files, store);
    evaluate(groups, 0, parseDuration(at) ?? 0, /Burn|Drift|Repeat/.test(alert) ? 60_000 : 15_000);
    const found = describeAlerts(groups)
      .filter(({ labels, state }) => labels["alertname"] === alert && state === "firing")
      .map(({ labels, annotations }) => ({ labels, annotations }));
    const expected = fires.map((fired) => ({
      labels: { alertname: alert, ...fired.labels },
      annotations: toAnnotations(alert, fired),
    }));
    // The order of alerts has no meaning.
    expect(new Set(found)).toEqual(new Set(expected));
    expect(found).toHaveLength(expected.length);
  });
});
