import { describe, expect, it } from "vitest";
import { parsePlace } from "../shell/location.ts";
import { hasBegun, isDone, meet, updateBefore, type Activity } from "./conditions.ts";
import type { Condition } from "./course/mechanics.ts";

const opened = (hash: string): Activity => ({ type: "opened", place: parsePlace(hash) });
const requested = (method: string, url: string, status = 200, body = ""): Activity => ({
  type: "requested",
  at: "try",
  method,
  path: url.split("?")[0]!,
  query: url.split("?")[1] ?? "",
  body,
  status,
});
const isMet = (condition: Condition, activity: Activity): boolean =>
  meet([condition], [], activity).length === 1;

describe("an event", () => {
  it.each([
    ["#/dashboards", false],
    ["#/dashboards/a?x=1&q=up", false],
    ["#/dashboards/a?q=up&q=a_total", true],
    ["#/explore/a?q=a_total", false],
  ])("is a page that opens: %s is %s", (hash, expected) => {
    const condition: Condition = {
      type: "opened",
      path: ["dashboards", "a"],
      parameters: { q: "total" },
    };
    expect(isMet(condition, opened(hash))).toBe(expected);
  });

  it.each([
    [requested("POST", "models/iris/1/predict", 200, '{"a":1}'), true],
    [requested("GET", "models/iris/1/predict", 200, '{"a":1}'), false],
    [requested("POST", "models/iris/1/nearest", 200, '{"a":1}'), false],
    [requested("POST", "models/iris/1/predict/batch", 200, '{"a":1}'), false],
    [requested("POST", "models/iris/1/predict", 422, '{"a":1}'), false],
    [requested("POST", "models/iris/1/predict", 200, '{"b":1}'), false],
    [opened("#/predict"), false],
  ])("is a successful request: %j is %s", (activity, expected) => {
    const condition: Condition = { type: "requested", method: "POST", path: "/predict", body: "a" };
    expect(isMet(condition, activity)).toBe(expected);
  });

  it("may be a request of one page, with a query", () => {
    const query: Condition = {
      type: "requested",
      at: "try",
      path: ["v1/query", "v1/query_range"],
      query: "a_total",
    };
    expect(isMet(query, requested("GET", "api/v1/query_range?query=sum(a_total)"))).toBe(true);
    expect(isMet(query, requested("GET", "api/v1/format_query?query=a_total"))).toBe(false);
    expect(isMet(query, requested("GET", "api/v1/query?query=up"))).toBe(false);
    expect(isMet({ ...query, at: "explore" }, requested("GET", "v1/query?a_total"))).toBe(false);
  });

  it("may be a request with another status, or a press", () => {
    const rejected: Condition = { type: "requested", path: "a", status: 422 };
    expect(isMet(rejected, requested("GET", "a", 422))).toBe(true);
    expect(isMet(rejected, requested("GET", "a", 200))).toBe(false);
    const press: Activity = { type: "pressed", matches: (selector) => selector === ".a" };
    expect(isMet({ type: "pressed", selector: ".a" }, press)).toBe(true);
    expect(isMet({ type: "pressed", selector: ".b" }, press)).toBe(false);
  });

  it("is kept once it has happened", () => {
    const done: readonly Condition[] = [
      { type: "opened", path: ["a"] },
      { type: "opened", path: ["b"] },
    ];
    const first = meet(done, [], opened("#/b"));
    expect(first).toEqual([1]);
    expect(meet(done, first, opened("#/b"))).toBe(first);
    expect(meet(done, first, opened("#/a"))).toEqual([1, 0]);
  });
});

describe("a step", () => {
  const done: readonly Condition[] = [
    { type: "opened", path: ["a"] },
    { type: "counted", metric: "m", labels: { route: "/a" }, by: 2 },
    { type: "increased", expr: "e" },
    { type: "queried", expr: "q", atLeast: 3 },
    { type: "shown", selector: ".s" },
    { type: "contained", path: "p", text: "u" },
  ];
  const begin = { before: { 'm{route="/a"}': 5, e: 1 }, met: [0] };
  const facts = { values: { 'm{route="/a"}': 7, e: 2, q: 3, "p u": 1 }, has: () => true };

  it("is done when all of its conditions hold, and not if one does not", () => {
    expect(isDone(done, begin, facts)).toBe(true);
    for (const [changedBegin, changedFacts] of [
      [{ met: [] }, {}],
      [{ before: { e: 1 } }, {}],
      [{}, { values: { ...facts.values, 'm{route="/a"}': 6 } }],
      [{}, { values: { ...facts.values, e: 1 } }],
      [{}, { values: { ...facts.values, q: Number.NaN } }],
      [{}, { has: () => false }],
      [{}, { values: { ...facts.values, "p u": 0 } }],
    ]) {
      const isStillDone = isDone(
        done,
        { ...begin, ...changedBegin },
        { ...facts, ...changedFacts },
      );
      expect([changedBegin, changedFacts, isStillDone]).toEqual([
        changedBegin,
        changedFacts,
        false,
      ]);
    }
  });

  it("begins with the numbers of its changes, and follows counters that restart", () => {
    const values = { 'm{route="/a"}': Number.NaN, e: 4, q: 9, "p u": 0 };
    const first = updateBefore(done, {}, values);
    expect(first).toEqual({ 'm{route="/a"}': 0, e: 4 });
    expect([hasBegun(done, { before: {} }), hasBegun(done, { before: first })]).toEqual([
      false,
      true,
    ]);
    expect(updateBefore(done, first, { ...values, e: 6 })).toBe(first);
    expect(updateBefore(done, first, { ...values, e: 1 })).toEqual({ ...first, e: 1 });
  });
});
