import type { Profile, RunPlan } from "../../../../src/load/contract/plan.ts";
import { parseDuration, toDurationText } from "../../lib/duration.ts";

/** The form as it is typed. Named as the plan's fields, so that problems find their place. */
export interface FormState {
  readonly kind: Profile["kind"];
  readonly users: string;
  readonly spawn_rate: string;
  readonly stage_seconds: string;
  readonly rate: string;
  readonly from_rate: string;
  readonly to_rate: string;
  readonly ramp_seconds: string;
  readonly max_users: string;
  readonly poisson: boolean;
  readonly host: string;
  readonly run_time_seconds: string;
  readonly user_classes: readonly string[];
  readonly tags: readonly string[];
  readonly exclude_tags: readonly string[];
  readonly thresholds: string;
  readonly seed: string;
  readonly stop_timeout_seconds: string;
}

export type FieldName = keyof FormState;

/** What stands in fields that the server's default profile does not have. */
const OTHERWISE = {
  users: 10,
  spawn_rate: 1,
  stage_seconds: 60,
  rate: 10,
  from_rate: 1,
  to_rate: 100,
  ramp_seconds: 60,
  max_users: 1_000,
  poisson: false,
};

export function toFormState(plan: RunPlan): FormState {
  const profile = { ...OTHERWISE, ...plan.profile };
  return {
    kind: profile.kind,
    users: String(profile.users),
    spawn_rate: String(profile.spawn_rate),
    stage_seconds: toDurationText(profile.stage_seconds),
    rate: String(profile.rate),
    from_rate: String(profile.from_rate),
    to_rate: String(profile.to_rate),
    ramp_seconds: toDurationText(profile.ramp_seconds),
    max_users: String(profile.max_users),
    poisson: profile.poisson,
    host: plan.host,
    run_time_seconds: plan.run_time_seconds === null ? "" : toDurationText(plan.run_time_seconds),
    user_classes: plan.user_classes,
    tags: plan.tags,
    exclude_tags: plan.exclude_tags,
    thresholds: plan.thresholds.join("\n"),
    seed: String(plan.seed),
    stop_timeout_seconds: toDurationText(plan.stop_timeout_seconds),
  };
}

export interface ParsedForm {
  readonly plan: RunPlan;
  /** Of what cannot be read at all; whether a run makes sense is the server's to say. */
  readonly problems: Readonly<Partial<Record<FieldName, string>>>;
}

export function parseForm(state: FormState): ParsedForm {
  const problems: Partial<Record<FieldName, string>> = {};
  const number = (
    name: "users" | "spawn_rate" | "rate" | "from_rate" | "to_rate" | "max_users" | "seed",
  ) => {
    const value = state[name].trim() === "" ? Number.NaN : Number(state[name]);
    if (!Number.isFinite(value)) problems[name] = "Give a number";
    return value;
  };
  const duration = (
    name: "stage_seconds" | "ramp_seconds" | "run_time_seconds" | "stop_timeout_seconds",
  ) => {
    const value = parseDuration(state[name]);
    if (value === null) problems[name] = "Give a time, such as 90s, 5m or 1h30m";
    return value ?? 0;
  };

  function toProfile(): Profile {
    const { kind, poisson } = state;
    switch (kind) {
      case "users":
        return { kind, users: number("users"), spawn_rate: number("spawn_rate") };
      case "constant_rate":
        return { kind, rate: number("rate"), poisson, max_users: number("max_users") };
      case "ramping_rate":
        return {
          kind,
          from_rate: number("from_rate"),
          to_rate: number("to_rate"),
          ramp_seconds: duration("ramp_seconds"),
          poisson,
          max_users: number("max_users"),
        };
      case "custom":
        return { kind };
      default:
        return {
          kind,
          users: number("users"),
          spawn_rate: number("spawn_rate"),
          stage_seconds: duration("stage_seconds"),
        };
    }
  }

  const plan: RunPlan = {
    host: state.host.trim(),
    profile: toProfile(),
    run_time_seconds: state.run_time_seconds.trim() === "" ? null : duration("run_time_seconds"),
    user_classes: state.user_classes,
    tags: state.tags,
    exclude_tags: state.exclude_tags,
    thresholds: state.thresholds
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== ""),
    seed: number("seed"),
    stop_timeout_seconds: duration("stop_timeout_seconds"),
  };
  return { plan, problems };
}
