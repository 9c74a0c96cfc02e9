import { describe, expect, it } from "vitest";
import { measureRecovery } from "./recovery.ts";
import { toStages } from "./profiles.ts";
import { findStage } from "./stage.ts";

const stagesOf = (kind: "baseline" | "gradual" | "stress" | "recovery", users = 100) =>
  toStages({ kind, users, spawn_rate: 5, stage_seconds: 10 });

const users = (kind: Parameters<typeof stagesOf>[0], count?: number): number[] =>
  stagesOf(kind, count).map((stage) => stage.users);

describe("shapes", () => {
  it("never have more users than they are told, nor none", () => {
    expect(users("baseline")).toEqual([100]);
    expect(users("gradual")).toEqual([20, 40, 60, 80, 100]);
    expect(users("stress")).toEqual([10, 100, 10]);
    expect(users("recovery")).toEqual([20, 100, 20]);
    expect(users("recovery", 1)).toEqual([1, 1, 1]);
  });

  it("are in the stage that the moment falls in, and over after the last", () => {
    const stages = stagesOf("stress");
    const at = (seconds: number): string | undefined => findStage(stages, seconds)?.name;
    expect([0, 9.99, 10, 39.9, 40, 49.9].map(at)).toEqual([
      "warm-up",
      "warm-up",
      "stress",
      "stress",
      "cool-down",
      "cool-down",
    ]);
    expect(at(50)).toBeUndefined();
  });
});

describe("measureRecovery", () => {
  const points = (...p95: (number | null)[]) =>
    p95.map((p95_ms, i) => ({ elapsed_seconds: i + 1, p95_ms }));

  it("counts the seconds until p95 is within 1.2 times the baseline, and stays so for three", () => {
    expect(measureRecovery(10, 3, points(10, 90, 90, 80, 50, 12, 11, 12, 10))).toBe(3);
    expect(measureRecovery(10, 3, points(10, 90, 90, 80, 11, 50, 12, 11, 12))).toBe(4);
    expect(measureRecovery(10, 1, points(10, 10, 10, 10))).toBe(1);
  });

  it("is null where it never is, or nothing was answered", () => {
    expect(measureRecovery(10, 1, points(10, 13, 12.1, 90, 50, 12, 11))).toBeNull();
    expect(measureRecovery(10, 1, points(10, null, null, null, null))).toBeNull();
    expect(measureRecovery(10, 1, points(10, 10, null, 10, 10))).toBeNull();
  });
});
