import { describe, expect, it } from "vitest";
import type { Notice } from "../../src/alerts/alerts.ts";
import { describeAlerts, describeGroups } from "../../src/alerts/describe.ts";
import { Evaluator } from "../../src/alerts/evaluate/evaluator.ts";
import { parseRuleFile } from "../../src/alerts/rules/parse-rule-file.ts";
import { createLabels } from "../../src/series/labels.ts";
import { engine, evaluate, createGroups } from "./evaluate.ts";
import { createTestClock, createTestLog } from "./receiver.ts";
import { createTestStore } from "./store.ts";

const START = Date.UTC(2026, 0, 1);

function parse(rules: object) {
  const { groups, problems } = parseRuleFile("r.yml", JSON.stringify(rules));
  expect(problems).toEqual([]);
  return groups;
}

function createEvaluator(rules: object) {
  const store = createTestStore();
  const clock = createTestClock(START);
  const log = createTestLog();
  const told: Notice[][] = [];
  const evaluator = new Evaluator(parse(rules), 15_000, {
    engine,
    reader: store,
    writer: store,
    clock,
    log,
    externalLabels: new Map([
      ["region", "here"],
      ["x", "never"],
    ]),
    externalUrl: "http://host:8000/prometheus",
    tell: (notices) => {
      if (notices.length > 0) told.push([...notices]);
    },
  });
  const write = (value: number, x = "1"): void =>
    void store.append(x, clock.nowMs(), [{ labels: createLabels({ __name__: "a", x }), value }]);
  const pass = async (seconds: number, step = 1): Promise<void> => {
    for (let i = 0; i < seconds; i += step) {
      clock.advance(step);
      await evaluator.runDue();
    }
  };
  return { store, clock, log, told, evaluator, write, pass };
}

const group = (...rules: object[]): object => ({ groups: [{ name: "g", rules }] });

describe("evaluation", () => {
  it("is at multiples of each group's interval, and in the order of the rules", async () => {
    const { store, write, pass, evaluator } = createEvaluator({
      groups: [
        {
          name: "quick",
          interval: "5s",
          rules: [
            { record: "b", expr: "a * 2" },
            { record: "c", expr: "b + 1" },
          ],
        },
        { name: "slow", rules: [{ record: "d", expr: "c" }] },
      ],
    });
    await evaluator.runDue();
    write(1);
    await pass(32, 0.5);
    const at = (seconds: number, value: number): string => `${START / 1_000 + seconds}: ${value}`;
    expect(store.dump("c")).toEqual({
      "x=1": [5, 10, 15, 20, 25, 30].map((seconds) => at(seconds, 3)),
    });
    expect(store.dump("d")).toEqual({ "x=1": [15, 30].map((seconds) => at(seconds, 3)) });
    expect(evaluator.counts()).toEqual({ evaluations: 2 * 7 + 3, failures: 0, missed: 0 });
  });

  it("skips what it has missed, and counts it", async () => {
    const { pass, evaluator } = createEvaluator(group({ record: "b", expr: "1" }));
    await evaluator.runDue();
    await pass(61, 61);
    expect(evaluator.counts()).toEqual({ evaluations: 2, failures: 0, missed: 3 });
  });

  it("goes on when the clock is put back, and not twice for a moment", async () => {
    const { clock, pass, evaluator } = createEvaluator(
      group({ alert: "A", expr: "vector(1)", for: "3m" }),
    );
    await pass(120);
    expect(evaluator.groups[0]?.evaluations).toBe(9);
    clock.advance(-10);
    await pass(5);
    expect(evaluator.groups[0]?.evaluations).toBe(9);
    clock.advance(-7_200);
    await pass(200);
    expect(evaluator.groups[0]?.evaluations).toBeGreaterThan(15);
    expect(describeAlerts(evaluator.groups)).toMatchObject([{ state: "firing" }]);
    expect(evaluator.counts().missed).toBe(0);
  });

  it("ends after the rule that is being evaluated", async () => {
    const { evaluator } = createEvaluator(
      group({ record: "b", expr: "1" }, { record: "c", expr: "1" }, { record: "d", expr: "1" }),
    );
    const running = evaluator.runDue();
    await evaluator.close();
    await running;
    expect(evaluator.counts().evaluations).toBe(1);
  });

  it("goes on with the other rules when one fails, and says so once", async () => {
    const { store, write, pass, log, evaluator } = createEvaluator(
      group(
        { record: "b", expr: "a / on () a" },
        { record: "c", expr: "a", labels: { x: "" } },
        { alert: "Same", expr: "a", labels: { x: "one" } },
        { alert: "Text", expr: "a > 5", annotations: { text: "{{ query `nothing` | first }}" } },
        { record: "d", expr: "a" },
      ),
    );
    write(1);
    write(9, "2");
    await pass(45);
    expect(Object.keys(store.dump("d"))).toHaveLength(2);
    const [{ rules } = { rules: [] }] = describeGroups(evaluator.groups);
    expect(rules.map(({ health, lastError }) => [health, lastError])).toEqual([
      ["err", expect.stringContaining("found duplicate series for the match group")],
      ["err", "vector contains metrics with the same labelset after applying rule labels"],
      ["err", "vector contains metrics with the same labelset after applying alert labels"],
      ["ok", undefined],
      ["ok", undefined],
    ]);
    expect(log.lines).toHaveLength(4);
    expect(log.lines[3]).toBe(
      "warn text of alert Text cannot be expanded: error calling first: first() called on vector with no elements",
    );
    expect(describeAlerts(evaluator.groups)[0]?.annotations["text"]).toBe(
      "<error expanding template: error calling first: first() called on vector with no elements>",
    );
    expect(evaluator.counts().failures).toBe(12);
  });

  it("keeps an alert as it is while its rule fails, and its series", async () => {
    const { store, write, pass, evaluator } = createEvaluator(
      group({ alert: "A", expr: "a / on (y) group_left () b" }),
    );
    write(1);
    store.append("b", START, [{ labels: createLabels({ __name__: "b" }), value: 1 }]);
    await pass(60);
    store.append("c", START + 61_000, [
      { labels: createLabels({ __name__: "b", z: "2" }), value: 1 },
    ]);
    await pass(30);
    expect(describeGroups(evaluator.groups)[0]?.rules[0]).toMatchObject({
      health: "err",
      state: "firing",
    });
    expect(Object.values(store.dump("ALERTS")).flat().join()).not.toContain("stale");
  });

  it("refuses more than the limit", () => {
    const store = createTestStore();
    for (const x of ["1", "2"]) {
      store.append(x, START, [{ labels: createLabels({ __name__: "a", x }), value: 1 }]);
    }
    const rules = {
      groups: [
        {
          name: "g",
          limit: 1,
          rules: [
            { record: "b", expr: "a" },
            { alert: "A", expr: "a" },
          ],
        },
      ],
    };
    const groups = createGroups([["r.yml", JSON.stringify(rules)]], store);
    evaluate(groups, START, START, 15_000);
    expect(describeGroups(groups)[0]?.rules.map(({ lastError }) => lastError)).toEqual([
      "exceeded limit of 1 with 2 series",
      "exceeded limit of 1 with 2 alerts",
    ]);
    expect(store.dump("b")).toEqual({});
    expect(describeAlerts(groups)).toEqual([]);
  });

  it("looks back by the group's offset", async () => {
    const rules = [
      { record: "b", expr: "a" },
      { alert: "A", expr: "a" },
    ];
    const { store, write, pass, evaluator } = createEvaluator({
      groups: [{ name: "g", query_offset: "10s", rules }],
    });
    await pass(12);
    write(1);
    await pass(20);
    const once = [`${START / 1_000 + 20}: 1`];
    expect(store.dump("b")).toEqual({ "x=1": once });
    expect(store.dump("ALERTS")).toEqual({ "alertname=A alertstate=firing x=1": once });
    expect(describeAlerts(evaluator.groups)).toMatchObject([{ activeAt: "2026-01-01T00:00:30Z" }]);
  });

  it("tells of what fires, again each minute, and for a quarter of an hour that it is over", async () => {
    const { clock, told, write, pass } = createEvaluator(
      group({ alert: "A", expr: "a > 0", for: "30s" }),
    );
    write(1);
    await pass(29);
    expect(told).toEqual([]);
    await pass(1);
    const firedAtMs = clock.nowMs();
    expect(told).toEqual([
      [
        {
          labels: new Map([
            ["region", "here"],
            ["x", "1"],
            ["alertname", "A"],
          ]),
          annotations: new Map(),
          startsAtMs: firedAtMs,
          endsAtMs: firedAtMs + 240_000,
          generatorUrl: "http://host:8000/prometheus/graph?g0.expr=a+%3E+0&g0.tab=1",
        },
      ],
    ]);
    await pass(150);
    expect(told).toHaveLength(3);
    write(0);
    await pass(15);
    expect(told[3]).toMatchObject([{ startsAtMs: firedAtMs, endsAtMs: clock.nowMs() }]);
    await pass(2_000, 5);
    expect(told.length).toBeGreaterThan(12);
    expect(told.length).toBeLessThan(17);
    expect(new Set(told.slice(3).map(([notice]) => notice?.endsAtMs)).size).toBe(1);
  });

  it("does not finish a group that is replaced meanwhile: its rules are its heir's", async () => {
    const { store, evaluator } = createEvaluator(
      group({ record: "b", expr: "1" }, { record: "c", expr: "1" }),
    );
    const running = evaluator.runDue();
    evaluator.replace(parse(group({ record: "b", expr: "1" })));
    await running;
    expect(evaluator.counts().evaluations).toBe(1);
    expect([store.dump("b"), store.dump("c")]).toEqual([{ "": [expect.anything()] }, {}]);
  });

  it("ends the series of rules that are gone, and keeps the alerts of those that stay", async () => {
    const keep = { alert: "Keep", expr: "a > 0", for: "10s" };
    const { store, write, pass, evaluator } = createEvaluator({
      groups: [
        { name: "g", rules: [{ record: "b", expr: "a" }, keep, { alert: "Gone", expr: "a > 0" }] },
        { name: "h", rules: [{ record: "c", expr: "a" }] },
      ],
    });
    write(1);
    await pass(60);
    const [before] = describeAlerts(evaluator.groups);
    evaluator.replace(
      parse({
        groups: [
          {
            name: "g",
            rules: [
              { record: "d", expr: "a" },
              { ...keep, expr: "a > 0.5" },
            ],
          },
        ],
      }),
    );
    await pass(15);
    const alerts = describeAlerts(evaluator.groups);
    expect(alerts).toEqual([before]);
    for (const metric of ["b", "c"])
      expect(store.dump(metric)["x=1"]?.at(-1)).toBe(`${START / 1_000 + 60.001}: stale`);
    expect(store.dump("ALERTS")["alertname=Gone alertstate=firing x=1"]?.at(-1)).toContain("stale");
    expect(store.dump("ALERTS")["alertname=Keep alertstate=firing x=1"]?.at(-1)).toContain(": 1");
    expect(store.dump("d")["x=1"]).toHaveLength(1);
  });
});
