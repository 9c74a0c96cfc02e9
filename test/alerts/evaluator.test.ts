import { describe, expect, it, onTestFinished, vi } from "vitest";
import { describeAlerts, describeGroups } from "../../src/alerts/evaluate/describe.ts";
import { Evaluator } from "../../src/alerts/evaluate/evaluator.ts";
import type { Notification } from "../../src/alerts/notify/notifier.ts";
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
  const notified: Notification[][] = [];
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
    notify: (notifications) => {
      if (notifications.length > 0) notified.push([...notifications]);
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
  return { store, clock, log, notified, evaluator, write, pass };
}

const group = (...rules: object[]): object => ({ groups: [{ name: "g", rules }] });

describe("evaluation", () => {
  it("runs at multiples of each group's interval, in the order of the rules", async () => {
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

  it("skips and counts missed evaluations", async () => {
    const { pass, evaluator } = createEvaluator(group({ record: "b", expr: "1" }));
    await evaluator.runDue();
    await pass(61, 61);
    expect(evaluator.counts()).toEqual({ evaluations: 2, failures: 0, missed: 3 });
  });

  it("continues if the clock is set back, and never evaluates a time twice", async () => {
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

  it("stops after the current rule", async () => {
    const { evaluator } = createEvaluator(
      group({ record: "b", expr: "1" }, { record: "c", expr: "1" }, { record: "d", expr: "1" }),
    );
    const running = evaluator.runDue();
    await evaluator.close();
    await running;
    expect(evaluator.counts().evaluations).toBe(1);
  });

  it("evaluates nothing after it is closed", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    onTestFinished(() => void vi.useRealTimers());
    const { clock, evaluator } = createEvaluator(group({ record: "b", expr: "1" }));
    const ticked = Promise.withResolvers<void>();
    evaluator.start(ticked.resolve);
    clock.advance(15);
    await vi.advanceTimersByTimeAsync(1_000);
    await ticked.promise;
    expect(evaluator.counts().evaluations).toBe(1);
    await evaluator.close();
    clock.advance(15);
    expect(vi.getTimerCount()).toBe(0);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(evaluator.counts().evaluations).toBe(1);
  });

  it("continues with the other rules if one fails, and logs the failure once", async () => {
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
      "warn Cannot expand text of alert Text: error calling first: first() called on vector with no elements",
    );
    expect(describeAlerts(evaluator.groups)[0]?.annotations["text"]).toBe(
      "<error expanding template: error calling first: first() called on vector with no elements>",
    );
    expect(evaluator.counts().failures).toBe(12);
  });

  it("keeps an alert and its series while its rule fails", async () => {
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

  it("fails above the limit", () => {
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

  it("queries the past by the group's query_offset", async () => {
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

  it("notifies about firing alerts each minute, and about resolved ones for 15 minutes", async () => {
    const { clock, notified, write, pass } = createEvaluator(
      group({ alert: "A", expr: "a > 0", for: "30s" }),
    );
    write(1);
    await pass(29);
    expect(notified).toEqual([]);
    await pass(1);
    const firedAtMs = clock.nowMs();
    expect(notified).toEqual([
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
    expect(notified).toHaveLength(3);
    write(0);
    await pass(15);
    expect(notified[3]).toMatchObject([{ startsAtMs: firedAtMs, endsAtMs: clock.nowMs() }]);
    await pass(2_000, 5);
    expect(notified.length).toBeGreaterThan(12);
    expect(notified.length).toBeLessThan(17);
    expect(new Set(notified.slice(3).map(([notification]) => notification?.endsAtMs)).size).toBe(1);
  });

  it("stops a group that a reload replaces during its evaluation", async () => {
    const { store, evaluator } = createEvaluator(
      group({ record: "b", expr: "1" }, { record: "c", expr: "1" }),
    );
    const running = evaluator.runDue();
    evaluator.replace(parse(group({ record: "b", expr: "1" })));
    await running;
    expect(evaluator.counts().evaluations).toBe(1);
    expect([store.dump("b"), store.dump("c")]).toEqual([{ "": [expect.anything()] }, {}]);
  });

  it("marks the series of removed rules as stale, and keeps the alerts of the others", async () => {
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
