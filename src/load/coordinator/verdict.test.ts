import { describe, expect, it } from "vitest";
import { Statistics } from "./statistics.ts";
import { findOverload, judge } from "./verdict.ts";

const IN_TIME = { count: 1_000, p50Ms: 1, p99Ms: 10 };
const points = (...utilisation: number[]) =>
  utilisation.map((value, i) => ({ utilisation: value, elapsed_seconds: i + 1 }));

describe("findOverload", () => {
  it("is for generators that are busy for five seconds in a row", () => {
    expect(findOverload(IN_TIME, points(1, 1, 1, 1, 0.9, 1, 1, 1, 1))).toBeNull();
    expect(findOverload(IN_TIME, points(0.2, 1, 0.96, 1, 1, 1, 0.1))).toMatch(/until 6 s/);
  });

  it("is for those that are late: a percent of many steps, half of few", () => {
    expect(findOverload({ count: 1_000, p50Ms: 1, p99Ms: 51 }, [])).toMatch(/^1 % .* 51 ms/);
    expect(findOverload({ count: 499, p50Ms: 250, p99Ms: 500 }, [])).toBeNull();
    expect(findOverload({ count: 20, p50Ms: 251, p99Ms: 500 }, [])).toMatch(/^Half .* 251 ms/);
    expect(findOverload({ count: 19, p50Ms: 251, p99Ms: 500 }, [])).toBeNull();
  });
});

describe("judge", () => {
  const total = new Statistics(false).toTotal(1);
  const clean = { total, exceptions: [], thresholds: [] };
  const failed = { ...clean, total: { ...total, requests: 10, failures: 1 } };
  const crossed = [{ expression: "rps>1", actual: 0, passed: false }];
  const exception = { message: "", traceback: "", count: 1, generators: [] };
  const fine = { overloaded: null };

  it("puts an overloaded generator first, then thresholds, then failures", () => {
    const all = { ...failed, thresholds: crossed };
    expect(judge(all, { overloaded: "busy" }, false).exit_code).toBe(3);
    expect(judge(all, fine, false).exit_code).toBe(99);
    expect(judge(failed, fine, false).exit_code).toBe(1);
    expect(judge(clean, fine, false).exit_code).toBe(0);
  });

  it("leaves failures to the threshold that limits them, but not exceptions, nor a server that never answers", () => {
    expect(judge(failed, fine, true).exit_code).toBe(0);
    expect(judge({ ...clean, exceptions: [exception] }, fine, true).exit_code).toBe(1);
    expect(judge({ ...clean, total: { ...total, abandoned: 3 } }, fine, true).exit_code).toBe(1);
  });
});
