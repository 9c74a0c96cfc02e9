import { Value } from "typebox/value";
import { describe, expect, it } from "vitest";
import { findStage } from "../coordinator/load-schedule.ts";
import { resolvePlan, DEFAULT_PLAN } from "../contract/resolve-plan.ts";
import type { Profile } from "../contract/plan.ts";
import type { Stage } from "./profile.ts";
import { getProfile, PROFILES, ProfileSchema } from "./profiles.ts";

const SCRIPT = {
  has_shape: true,
  user_classes: [
    { name: "One", weight: 1, host: null, tasks: [{ name: "a", weight: 1, tags: [] }] },
  ],
};
const resolve = (profile: object): Profile =>
  resolvePlan({ profile }, DEFAULT_PLAN, SCRIPT).profile;

function toStages(kind: string, users = 100): readonly Stage[] {
  const profile = resolve({ kind, users, spawn_rate: 5, stage_seconds: 10 });
  const load = getProfile(profile).toLoad(profile);
  return load.type === "stages" ? load.stages : [];
}
const users = (kind: string, count?: number): number[] =>
  toStages(kind, count).map((stage) => stage.users);

describe("load profiles", () => {
  it("have unique kinds, and defaults within their limits", () => {
    expect(new Set(PROFILES.map(({ kind }) => kind)).size).toBe(PROFILES.length);
    for (const { kind } of PROFILES) {
      const profile = resolve({ kind });
      expect(Value.Check(ProfileSchema, profile)).toBe(true);
      expect(resolve(profile)).toEqual(profile);
    }
  });

  it("name every field in their summary or show it as a switch", () => {
    for (const { kind, summary, fields } of PROFILES) {
      const named = [...summary.matchAll(/\{(\w+)\}/g)].map(([, name = ""]) => name);
      expect([kind, named.filter((name) => fields[name] === undefined)]).toEqual([kind, []]);
    }
  });

  it("with stages have at least one user and at most all of them", () => {
    expect(users("baseline")).toEqual([100]);
    expect(users("gradual")).toEqual([20, 40, 60, 80, 100]);
    expect(users("stress")).toEqual([10, 100, 10]);
    expect(users("recovery")).toEqual([20, 100, 20]);
    expect(users("recovery", 1)).toEqual([1, 1, 1]);
  });

  it("with stages are in the stage of the moment, and end after the last one", () => {
    const stages = toStages("stress");
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

  it("take the changes that they declare", () => {
    for (const { kind, changes, change } of PROFILES) {
      for (const name of Object.keys(changes)) {
        const changed = change(resolve({ kind }), { [name]: 7 });
        expect(Object.values(changed)).toContain(7);
        expect(Value.Check(ProfileSchema, changed)).toBe(true);
      }
    }
  });
});
