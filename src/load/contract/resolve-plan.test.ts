import { describe, expect, it } from "vitest";
import { TepalError } from "../../kernel/errors.ts";
import { PROFILES } from "../profiles/profiles.ts";
import { DEFAULT_PLAN, resolvePlan, resolvePlanChange } from "./resolve-plan.ts";

const tasks = [
  { name: "a", weight: 1, tags: ["x"] },
  { name: "b", weight: 1, tags: ["y"] },
];
const SCRIPT = {
  has_shape: false,
  user_classes: [
    { name: "One", weight: 1, host: null, tasks },
    { name: "Two", weight: 0, host: null, tasks },
  ],
};
const resolve = (given: unknown) => resolvePlan(given, DEFAULT_PLAN, SCRIPT);

function findLocations(act: () => unknown): string[] {
  try {
    act();
    return [];
  } catch (error) {
    if (!(error instanceof TepalError)) throw error;
    return error.problems.map(({ at }) => at);
  }
}

describe("resolvePlan", () => {
  it("fills in the defaults, also of a profile of the same kind", () => {
    expect(resolve({})).toEqual(DEFAULT_PLAN);
    expect(resolve({ host: "http://a:1/", profile: { users: 3 } })).toEqual({
      ...DEFAULT_PLAN,
      host: "http://a:1",
      profile: { kind: "users", users: 3, spawn_rate: 1 },
    });
    expect(resolve({ profile: { kind: "stress" } }).profile).toEqual({
      kind: "stress",
      users: 10,
      spawn_rate: 1,
      stage_seconds: 60,
    });
    const again = resolve({ profile: { kind: "constant_rate", rate: 7 } });
    expect(resolvePlan({ profile: { rate: 8 } }, again, SCRIPT).profile).toEqual({
      ...again.profile,
      rate: 8,
    });
  });

  it("accepts its own result", () => {
    for (const { kind, needsShape } of PROFILES) {
      if (needsShape) continue;
      const plan = resolve({ profile: { kind }, tags: ["x"], run_time_seconds: 5 });
      expect(resolve(plan)).toEqual(plan);
    }
  });

  it("reports all problems by the pointer of their field", () => {
    expect(
      findLocations(() =>
        resolve({
          host: "localhost:8000",
          profile: { kind: "users", users: -1, spawn_rate: -1, rate: 4 },
          run_time_seconds: -1,
          user_classes: ["Three"],
          tags: ["z"],
          thresholds: ["p(95)<1", "nonsense"],
          seed: 1.5,
          stop_timeout_seconds: "soon",
          user_count: 3,
        }),
      ),
    ).toEqual([
      "/user_count",
      "/host",
      "/profile/rate",
      "/profile/users",
      "/profile/spawn_rate",
      "/run_time_seconds",
      "/user_classes/0",
      "/tags/0",
      "/thresholds/1",
      "/seed",
      "/stop_timeout_seconds",
    ]);
    expect(findLocations(() => resolve({ profile: { kind: "wave" } }))).toEqual(["/profile/kind"]);
    expect(findLocations(() => resolve({ profile: { kind: "custom" } }))).toEqual([
      "/profile/kind",
    ]);
    expect(
      findLocations(() => resolve({ profile: { kind: "stress", stage_seconds: 0.9 } })),
    ).toEqual(["/profile/stage_seconds"]);
    expect(findLocations(() => resolve([]))).toEqual([""]);
  });

  it("rejects a selection without tasks", () => {
    expect(findLocations(() => resolve({ tags: ["x"], exclude_tags: ["x"] }))).toEqual(["/tags"]);
    expect(findLocations(() => resolve({ user_classes: ["Two"] }))).toEqual(["/tags"]);
    expect(findLocations(() => resolve({ tags: ["x", "y"], exclude_tags: ["x"] }))).toEqual([]);
  });
});

describe("resolvePlanChange", () => {
  it("accepts the changes of the profile only", () => {
    const closed = DEFAULT_PLAN.profile;
    const open = resolve({ profile: { kind: "constant_rate" } }).profile;
    expect(resolvePlanChange({ users: 0, spawn_rate: 2 }, closed)).toEqual({
      users: 0,
      spawn_rate: 2,
    });
    expect(resolvePlanChange({ rate: 2.5 }, open)).toEqual({ rate: 2.5 });
    expect(findLocations(() => resolvePlanChange({ users: 1, rate: -1 }, open))).toEqual([
      "/rate",
      "/users",
    ]);
    expect(findLocations(() => resolvePlanChange({ rate: 1, x: 1 }, closed))).toEqual([
      "/x",
      "/rate",
    ]);
    expect(findLocations(() => resolvePlanChange({}, closed))).toEqual([""]);
  });
});
