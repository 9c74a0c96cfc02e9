import type { Profile } from "../../../src/load/contract/plan.ts";
import { formatCount, formatNumber, formatSpan } from "../lib/format.ts";

export type ProfileKind = Profile["kind"];

/** What each kind of load is called. */
export const PROFILE_NAMES: Readonly<Record<ProfileKind, string>> = {
  users: "Steady users",
  baseline: "Baseline",
  gradual: "Gradual",
  stress: "Stress",
  recovery: "Recovery",
  custom: "Script's shape",
  constant_rate: "Constant rate",
  ramping_rate: "Ramping rate",
};

/** Whether requests come at a rate, whatever the server does; otherwise users wait for their replies. */
export function isOpenModel(kind: ProfileKind): boolean {
  return kind === "constant_rate" || kind === "ramping_rate";
}

/** `50 users, 10 started per second`. */
export function formatProfile(profile: Profile): string {
  switch (profile.kind) {
    case "users":
      return `${formatCount(profile.users)} users, ${plain(profile.spawn_rate)} started per second`;
    case "constant_rate":
      return `${plain(profile.rate)} per second${profile.poisson ? ", Poisson" : ""}`;
    case "ramping_rate":
      return `${plain(profile.from_rate)} to ${plain(profile.to_rate)} per second in ${formatSpan(profile.ramp_seconds)}${profile.poisson ? ", Poisson" : ""}`;
    case "custom":
      return PROFILE_NAMES.custom;
    default:
      return `${PROFILE_NAMES[profile.kind]}: ${formatCount(profile.users)} users, ${formatSpan(profile.stage_seconds)} a stage`;
  }
}

function plain(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : formatNumber(value);
}
