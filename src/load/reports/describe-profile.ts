import type { Profile } from "../contract/plan.ts";
import { getProfile } from "../profiles/profiles.ts";
import { formatNumber, formatSeconds } from "./format-number.ts";

/** Describes the load of a plan in a phrase: `50 users, 10 started per second`. */
export function describeProfile(profile: Profile): string {
  const { summary, fields } = getProfile(profile);
  const values: Readonly<Record<string, unknown>> = profile;
  const text = summary.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
    const field = fields[name];
    const value = Number(values[name]);
    return field !== undefined && "format" in field ? formatSeconds(value) : formatNumber(value);
  });
  const switches = Object.entries(fields)
    .filter(([name, { type }]) => type === "boolean" && values[name] === true)
    .map(([, { title }]) => title);
  return [text, ...switches].join(", ");
}
