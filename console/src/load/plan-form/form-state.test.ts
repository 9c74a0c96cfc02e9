import { describe, expect, it } from "vitest";
import type { Profile, RunPlan } from "../../../../src/load/contract/plan.ts";
import { parseForm, toFormState } from "./form-state.ts";

const PLAN: RunPlan = {
  host: "http://127.0.0.1:8000",
  profile: { kind: "users", users: 50, spawn_rate: 2.5 },
  run_time_seconds: 90,
  user_classes: ["Visitor"],
  tags: ["model"],
  exclude_tags: ["slow"],
  thresholds: ["p(95)<50", "failures<0.01"],
  seed: 7,
  stop_timeout_seconds: 5,
};
const PROFILES: readonly Profile[] = [
  PLAN.profile,
  { kind: "constant_rate", rate: 120, poisson: true, max_users: 500 },
  {
    kind: "ramping_rate",
    from_rate: 1,
    to_rate: 100,
    ramp_seconds: 60,
    poisson: false,
    max_users: 9,
  },
  { kind: "stress", users: 100, spawn_rate: 10, stage_seconds: 45 },
  { kind: "custom" },
];

describe("the form", () => {
  it.each(PROFILES)("sends the plan that it was filled with: $kind", (profile) => {
    const plan = { ...PLAN, profile };
    expect(parseForm(toFormState(plan))).toEqual({ plan, problems: {} });
  });

  it("takes an empty run time for none, and leaves empty lines of thresholds out", () => {
    const state = { ...toFormState(PLAN), run_time_seconds: " ", thresholds: " mean<5 \n\n" };
    expect(parseForm(state).plan).toMatchObject({
      run_time_seconds: null,
      thresholds: ["mean<5"],
    });
  });

  it("names every field that cannot be read, and none that the chosen kind does not have", () => {
    const state = {
      ...toFormState(PLAN),
      users: "many",
      spawn_rate: "",
      rate: "fast",
      run_time_seconds: "soon",
    };
    expect(Object.keys(parseForm(state).problems).toSorted()).toEqual([
      "run_time_seconds",
      "spawn_rate",
      "users",
    ]);
  });
});
