import { describe, expect, it } from "vitest";
import { TepalError } from "../../kernel/errors.ts";
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

function findPlaces(act: () => unknown): string[] {
  try {
    act();
    return [];
  } catch (error) {
    if (!(error instanceof TepalError)) throw error;
    return error.problems.map(({ at }) => at);
  }
}

describe("resolvePlan", () => {
  it("takes what is not given from the defaults, of a profile of the same kind too", () => {
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

  it("takes back what it has given", () => {
    for (const kind of ["users", "constant_rate", "ramping_rate", "gradual", "recovery"]) {
      const plan = resolve({ profile: { kind }, tags: ["x"], run_time_seconds: 5 });
      expect(resolve(plan)).toEqual(plan);
    }
  });

  it("tells all that is wrong, each with its place", () => {
    expect(
      findPlaces(() =>
        resolve({
          host: "localhost:8000",
          profile: { kind: "users", users: 0, spawn_rate: -1, rate: 4 },
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
    expect(findPlaces(() => resolve({ profile: { kind: "wave" } }))).toEqual(["/profile/kind"]);
    expect(findPlaces(() => resolve({ profile: { kind: "custom" } }))).toEqual(["/profile/kind"]);
    expect(findPlaces(() => resolve({ profile: { kind: "stress", stage_seconds: 0.9 } }))).toEqual([
      "/profile/stage_seconds",
    ]);
    expect(findPlaces(() => resolve([]))).toEqual([""]);
  });

  it("refuses what would leave nothing to do", () => {
    expect(findPlaces(() => resolve({ tags: ["x"], exclude_tags: ["x"] }))).toEqual(["/tags"]);
    expect(findPlaces(() => resolve({ user_classes: ["Two"] }))).toEqual(["/tags"]);
    expect(findPlaces(() => resolve({ tags: ["x", "y"], exclude_tags: ["x"] }))).toEqual([]);
  });
});

describe("resolvePlanChange", () => {
  it("takes what the profile has, and nothing else", () => {
    const closed = DEFAULT_PLAN.profile;
    const open = resolve({ profile: { kind: "constant_rate" } }).profile;
    expect(resolvePlanChange({ users: 0, spawn_rate: 2 }, closed)).toEqual({
      users: 0,
      spawn_rate: 2,
    });
    expect(resolvePlanChange({ rate: 2.5 }, open)).toEqual({ rate: 2.5 });
    expect(findPlaces(() => resolvePlanChange({ users: 1, rate: -1 }, open))).toEqual([
      "/users",
      "/rate",
    ]);
    expect(findPlaces(() => resolvePlanChange({ rate: 1, x: 1 }, closed))).toEqual(["/x", "/rate"]);
    expect(findPlaces(() => resolvePlanChange({}, closed))).toEqual([""]);
  });
});
