import type { RunPlan } from "../contract/plan.ts";

/** A plan's load in a few words, for marks in charts. */
export function describeProfile({ profile }: RunPlan): string {
  switch (profile.kind) {
    case "users":
      return `${profile.users} users, ${profile.spawn_rate} a second`;
    case "constant_rate":
      return `${profile.rate} a second`;
    case "ramping_rate":
      return `${profile.from_rate} to ${profile.to_rate} a second within ${profile.ramp_seconds} s`;
    case "custom":
      return "The script's shape";
    default:
      return `${profile.kind}: up to ${profile.users} users`;
  }
}
