import { describe, expect, it } from "vitest";
import type { RuleGroup } from "./alert-types.ts";
import { countStates, filterRules, listRules, toRunbookName } from "./rule-list.ts";

const alert = (state: string, instance: string, silencedBy?: readonly string[]) => ({
  state,
  labels: { alertname: "Down", instance },
  annotations: { summary: `${instance} is down` },
  activeAt: `2026-01-01T00:0${instance.length}:00Z`,
  value: "1e+00",
  ...(silencedBy !== undefined && { silencedBy }),
});

const GROUPS: readonly RuleGroup[] = [
  {
    name: "service",
    file: "a.yml",
    rules: [
      { type: "recording", name: "r", query: "up" },
      {
        type: "alerting",
        name: "Quiet",
        query: "up == 2",
        state: "inactive",
        labels: { team: "x" },
      },
      {
        type: "alerting",
        name: "Slow",
        query: "rate(a[1m]) > 1",
        state: "pending",
        alerts: [alert("pending", "a", ["1"])],
      },
    ],
  },
  {
    name: "hosts",
    file: "b.yml",
    rules: [
      // An old Prometheus leaves out what is empty.
      { type: "alerting", name: "Plain", query: "up" },
      {
        type: "alerting",
        name: "Down",
        query: "up == 0",
        state: "firing",
        alerts: [alert("pending", "bbb"), alert("firing", "cc", ["2"])],
      },
    ],
  },
];

describe("the list of rules", () => {
  const rules = listRules(GROUPS);
  const listNames = (state: Parameters<typeof filterRules>[1], search = "") =>
    filterRules(rules, state, search).map(({ rule }) => rule.name);

  it("begins with firing rules and has the summary and start of their alerts", () => {
    expect(
      rules.map(({ id, state, summary, isSilenced }) => [id, state, summary, isSilenced]),
    ).toEqual([
      ["hosts/Down/1", "firing", "cc is down", false],
      ["service/Slow/1", "pending", "a is down", true],
      ["service/Quiet/0", "inactive", "", false],
      ["hosts/Plain/0", "inactive", "", false],
    ]);
    expect(rules[0]?.sinceMs).toBe(Date.UTC(2026, 0, 1, 0, 2));
    expect(rules[2]?.sinceMs).toBeUndefined();
  });

  it("is filtered by state and by words in names, labels, expressions and messages", () => {
    expect(countStates(rules)).toEqual({ all: 4, firing: 1, pending: 1, inactive: 2, silenced: 2 });
    expect(listNames("silenced")).toEqual(["Down", "Slow"]);
    expect(listNames("inactive")).toEqual(["Quiet", "Plain"]);
    expect(listNames("all", "team=X")).toEqual(["Quiet"]);
    expect(listNames("all", "UP == hosts")).toEqual(["Down"]);
    expect(listNames("all", "cc down")).toEqual(["Down"]);
    expect(listNames("pending", "cc")).toEqual([]);
  });
});

it.each([
  ["http://127.0.0.1:8000/runbooks/HighLatency", "HighLatency"],
  ["https://models.example/prefix/runbooks/ServerDown?x=1#fix", "ServerDown"],
  ["docs/runbooks/Down.md", "Down"],
  ["https://wiki.example/Down", undefined],
  ["javascript:alert(1)", undefined],
  [undefined, undefined],
])("finds the runbook of %s", (url, name) => {
  expect(toRunbookName(url)).toBe(name);
});
