import { describe, expect, it } from "vitest";
import { Statistics } from "./statistics.ts";
import { decideVerdict } from "./verdict.ts";

describe("decideVerdict", () => {
  const total = new Statistics(false).toTotal(1);
  const clean = { total, exceptions: [], thresholds: [] };
  const failed = { ...clean, total: { ...total, requests: 10, failures: 1 } };
  const crossed = [{ expression: "rps>1", actual: 0, passed: false }];
  const exception = { message: "", traceback: "", count: 1, generators: [] };
  const fine = { invalid: null };

  it("puts an invalid run before thresholds, and thresholds before failures", () => {
    const all = { ...failed, thresholds: crossed };
    expect(decideVerdict(all, { invalid: { cause: "machine_busy", message: "" } }, false)).toEqual({
      outcome: "machine_busy",
      exit_code: 3,
    });
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
