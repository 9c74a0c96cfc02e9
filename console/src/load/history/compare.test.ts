import { describe, expect, it } from "vitest";
import type { Distribution, EndpointStatistics } from "../../../../src/load/contract/report.ts";
import type { Profile, RunPlan } from "../../../../src/load/contract/plan.ts";
import { compareEndpoints, findLoadDifferences } from "./compare.ts";

const distribution = (p95: number | null) =>
  ({ count: p95 === null ? 0 : 10, p95_ms: p95 }) as Distribution;
const endpoint = (values: Partial<EndpointStatistics>) =>
  ({
    requests: 100,
    failures: 0,
    requests_per_second: 10,
    service_time: distribution(20),
    response_time: null,
    received_bytes: 0,
    ...values,
  }) as EndpointStatistics;
const find = (
  label: string,
  a?: EndpointStatistics,
  b?: EndpointStatistics,
  { isSameLoad = true } = {},
) => compareEndpoints(a, b, { isSameLoad }).find((row) => row.label === label);

describe("comparison of two runs", () => {
  it("rates longer times and more failures worse, more requests per second better", () => {
    const before = endpoint({});
    const after = endpoint({
      failures: 2,
      requests_per_second: 12,
      service_time: distribution(30),
    });
    expect(find("p95", before, after)).toEqual({
      label: "p95",
      first: "20.0 ms",
      second: "30.0 ms",
      change: "+50.0 %",
      tone: "bad",
    });
    expect(find("Failures", before, after)).toMatchObject({ change: "+2.00 points", tone: "bad" });
    expect(find("Req/s", before, after)).toMatchObject({ change: "+20.0 %", tone: "good" });
    expect(find("Requests", before, after)?.tone).toBe("plain");
  });

  it("rates nothing better or worse under different loads", () => {
    const slower = endpoint({ service_time: distribution(30) });
    expect(find("p95", endpoint({}), slower, { isSameLoad: false })).toMatchObject({
      change: "+50.0 %",
      tone: "plain",
    });
  });

  it("names the parts of the load in which the runs differ", () => {
    const plan = (values: Partial<RunPlan>) => ({
      host: "http://a",
      profile: { kind: "users", users: 5, spawn_rate: 1 } as const,
      user_classes: [],
      tags: [],
      exclude_tags: [],
      ...values,
    });
    const format = (profile: Profile): string => JSON.stringify(profile);
    const compare = (a: Partial<RunPlan>, b: Partial<RunPlan>) =>
      findLoadDifferences(plan(a), plan(b), format).map(({ label }) => label);
    // The same load on another server, or with another order of the same classes.
    expect(compare({}, { host: "http://b", seed: 7 })).toEqual([]);
    expect(compare({ user_classes: ["A", "B"] }, { user_classes: ["B", "A"] })).toEqual([]);
    const more: Profile = { kind: "users", users: 6, spawn_rate: 1 };
    expect(compare({}, { profile: more })).toEqual(["Load"]);
    expect(compare({ tags: ["x"] }, { user_classes: ["A"], exclude_tags: ["y"] })).toEqual([
      "User classes",
      "Only tasks tagged",
      "No tasks tagged",
    ]);
  });

  it("ignores changes of up to 5 %", () => {
    const after = endpoint({ service_time: distribution(21) });
    expect(find("p95", endpoint({}), after)).toMatchObject({ change: "+5.0 %", tone: "plain" });
  });

  it("uses response time if both runs have it", () => {
    const open = endpoint({ response_time: distribution(44) });
    expect(find("p95", open, open)?.first).toBe("44.0 ms");
  });

  it("has no values without successes or without the endpoint", () => {
    const dead = endpoint({ service_time: distribution(null) });
    expect(find("p95", dead, endpoint({}))).toMatchObject({ first: "–", change: "–" });
    expect(find("Requests", endpoint({}), undefined)).toMatchObject({ second: "–", change: "–" });
  });
});
