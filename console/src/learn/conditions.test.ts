import { describe, expect, it } from "vitest";
import { parsePlace } from "../shell/location.ts";
import { isDone, listQueries, type Facts } from "./conditions.ts";
import { TOURS } from "./first-steps.ts";
import type { Condition, Step } from "./tour.ts";

const toStep = (...done: readonly Condition[]): Step => ({
  id: "step",
  title: "",
  text: [],
  page: "#/",
  pointAt: [],
  done,
});
const NOTHING: Facts = {
  place: parsePlace("#/overview"),
  has: () => false,
  values: new Map(),
  before: {},
  rules: 0,
};

describe("a step", () => {
  it("is done at its page", () => {
    const at = toStep({ type: "at", path: ["dashboards"], length: 2 });
    for (const [hash, done] of [
      ["#/dashboards", false],
      ["#/dashboards/a?x=1", true],
      ["#/explore/a", false],
    ] as const) {
      expect([hash, isDone(at, { ...NOTHING, place: parsePlace(hash) })]).toEqual([hash, done]);
    }
    const parameter = { name: "q", contains: "total" };
    const query = toStep({ type: "at", path: ["explore"], parameter });
    const isDoneAt = (hash: string): boolean =>
      isDone(query, { ...NOTHING, place: parsePlace(hash) });
    expect([isDoneAt("#/explore"), isDoneAt("#/explore?q=up&q=a_total")]).toEqual([false, true]);
  });

  it("is done when a query increases from the value at its start", () => {
    const step = toStep({ type: "increased", expr: "a" });
    const at = (value: number | undefined, before: Readonly<Record<string, number>>): boolean =>
      isDone(step, { ...NOTHING, values: new Map([["a", value]]), before });
    expect([at(5, {}), at(5, { a: 5 }), at(6, { a: 5 }), at(undefined, { a: 0 })]).toEqual([
      false,
      false,
      true,
      false,
    ]);
  });

  it("is done when all of its conditions hold", () => {
    const step = toStep(
      { type: "query", expr: "b", atLeast: 1 },
      { type: "shows", selector: ".panel" },
      { type: "rules" },
    );
    const facts: Facts = { ...NOTHING, values: new Map([["b", 1]]), has: () => true, rules: 3 };
    expect(isDone(step, facts)).toBe(true);
    expect(isDone(step, { ...facts, rules: 0 })).toBe(false);
    expect(isDone(step, { ...facts, has: () => false })).toBe(false);
    expect(isDone(step, { ...facts, values: new Map([["b", Number.NaN]]) })).toBe(false);
    expect(listQueries(step)).toEqual(["b"]);
  });
});

describe("every tour", () => {
  it.each(TOURS)(
    "$title has steps with an id of their own, a page and a condition",
    ({ steps }) => {
      expect(new Set(steps.map(({ id }) => id)).size).toBe(steps.length);
      for (const { page, done, pointAt } of steps) {
        expect(page).toMatch(/^#\/[a-z]/);
        expect(done.length).toBeGreaterThan(0);
        expect(pointAt.length).toBeGreaterThan(0);
      }
    },
  );
});
