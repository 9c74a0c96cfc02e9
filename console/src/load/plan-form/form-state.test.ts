import { describe, expect, it } from "vitest";
import type { RunPlan } from "../../../../src/load/contract/plan.ts";
import { resolvePlan } from "../../../../src/load/contract/resolve-plan.ts";
import { describeForm } from "../../../../src/load/contract/describe-form.ts";
import { parseForm, toFormState } from "./form-state.ts";

const PLAN: RunPlan = {
  host: "http://127.0.0.1:8000",
  profile: { kind: "users", users: 50, spawn_rate: 2.5 },
  run_time_seconds: 90,
  user_classes: ["Visitor"],
  tags: ["model"],
  exclude_tags: ["slow"],
  thresholds: ["p(95)<50", "failures<0.01"],
  workers: 1,
  seed: 7,
  stop_timeout_seconds: 5,
};
const SCRIPT = {
  has_shape: true,
  user_classes: [
    {
      name: "Visitor",
      weight: 1,
      host: null,
      tasks: [{ name: "predict", weight: 1, tags: ["model"] }],
    },
  ],
};
const FORM = describeForm();
const withValues = (values: Readonly<Record<string, string>>) => {
  const state = toFormState(PLAN, FORM);
  return { ...state, values: { ...state.values, ...values } };
};

describe("the form", () => {
  it.each(FORM.profiles)("sends the plan that filled it: $kind", ({ kind }) => {
    const plan = resolvePlan({ profile: { kind } }, PLAN, SCRIPT);
    expect(parseForm(toFormState(plan, FORM), FORM)).toEqual({ plan, problems: {} });
  });

  it("offers the defaults of the other profiles", () => {
    expect(toFormState(PLAN, FORM).values).toMatchObject({ rate: "10", stage_seconds: "1m" });
  });

  it("sends no run time for an empty field, and no empty thresholds", () => {
    const state = withValues({ run_time_seconds: " ", thresholds: " mean<5 \n\n" });
    expect(parseForm(state, FORM).plan).toMatchObject({
      run_time_seconds: null,
      thresholds: ["mean<5"],
    });
  });

  it.each([
    ["90", 90],
    ["90s", 90],
    ["5 min", 300],
    [" 1 H 2 M 3 S ", 3_723],
    ["0.5s", 0.5],
  ])("reads the duration %j", (written, seconds) => {
    const { plan } = parseForm(withValues({ run_time_seconds: written }), FORM);
    expect(plan).toMatchObject({ run_time_seconds: seconds });
  });

  it("reports values of the wrong type, but only for fields of the selected profile", () => {
    const state = withValues({
      users: "many",
      spawn_rate: "",
      rate: "fast",
      run_time_seconds: "soon",
      stop_timeout_seconds: "-3",
    });
    expect(Object.keys(parseForm(state, FORM).problems).toSorted()).toEqual([
      "run_time_seconds",
      "spawn_rate",
      "stop_timeout_seconds",
      "users",
    ]);
  });
});
