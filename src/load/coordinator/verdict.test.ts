import { describe, expect, it } from "vitest";
import { Statistics } from "./statistics.ts";
import { decideVerdict, findOverload } from "./verdict.ts";

const IN_TIME = { count: 1_000, p50Ms: 1, p99Ms: 10 };
const points = (...utilisation: number[]) =>
  utilisation.map((value, i) => ({ utilisation: value, elapsed_seconds: i + 1 }));

describe("findOverload", () => {
  it("finds a generator that was busy for five seconds in a row", () => {
    expect(findOverload(IN_TIME, points(1, 1, 1, 1, 0.9, 1, 1, 1, 1))).toBeNull();
    expect(findOverload(IN_TIME, points(0.2, 1, 0.96, 1, 1, 1, 0.1))).toMatch(/until 6 s/);
  });

  it("finds a late generator: by 1 % of many steps, by half of few", () => {
    expect(findOverload({ count: 1_000, p50Ms: 1, p99Ms: 51 }, [])).toMatch(/^1 % .* 51 ms/);
    expect(findOverload({ count: 499, p50Ms: 250, p99Ms: 500 }, [])).toBeNull();
    expect(findOverload({ count: 20, p50Ms: 251, p99Ms: 500 }, [])).toMatch(/^Half .* 251 ms/);
    expect(findOverload({ count: 19, p50Ms: 251, p99Ms: 500 }, [])).toBeNull();
  });
});

describe("decideVerdict", () => {
  const total = new Statistics(false).toTotal(1);
  const clean = { total, exceptions: [], thresholds: [] };
  const failed = { ...clean, total: { ...total, requests: 10, failures: 1 } };
  const crossed = [{ expression: "rps>1", actual: 0, passed: false }];
  const exception = { message: "", traceback: "", count: 1, generators: [] };
  const fine = { overloaded: null };

  it("puts an overloaded generator before thresholds, and thresholds before failures", () => {
    const all = { ...failed, thresholds: crossed };
    expect(decideVerdict(all, { overloaded: "busy" }, false).exit_code).toBe(3);
    expect(decideVerdict(all, fine, false).exit_code).toBe(99);
    expect(decideVerdict(failed, fine, false).exit_code).toBe(1);
    expect(decideVerdict(clean, fine, false).exit_code).toBe(0);
  });

  it("leaves failures to the threshold that limits them, but not exceptions or a server that never replies", () => {
    expect(decideVerdict(failed, fine, true).exit_code).toBe(0);
    expect(decideVerdict({ ...clean, exceptions: [exception] }, fine, true).exit_code).toBe(1);
    expect(
      decideVerdict({ ...clean, total: { ...total, abandoned: 3 } }, fine, true).exit_code,
    ).toBe(1);
  });
});
