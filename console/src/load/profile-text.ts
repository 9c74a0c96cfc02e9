import { createContext } from "preact";
import { useContext } from "preact/hooks";
import type { ProfileDescription } from "../../../src/load/contract/load-document.ts";
import type { Profile } from "../../../src/load/contract/plan.ts";
import { formatCount, formatNumber, formatSpan } from "../lib/format.ts";

/** The load profiles that the server offers. */
export const ProfilesContext = createContext<readonly ProfileDescription[]>([]);

/** Returns a function that formats the load of a plan. */
export function useFormatProfile(): (profile: Profile) => string {
  const profiles = useContext(ProfilesContext);
  return (profile) => formatProfile(profile, profiles);
}

/** Formats the load of a plan: `50 users, 10 started per second`. */
export function formatProfile(profile: Profile, profiles: readonly ProfileDescription[]): string {
  const description = profiles.find(({ kind }) => kind === profile.kind);
  if (description === undefined) return profile.kind;
  const values: Readonly<Record<string, unknown>> = profile;
  const text = description.summary.replaceAll(/\{(\w+)\}/g, (_whole, name: string) => {
    const value = Number(values[name]);
    const field = description.fields.find((one) => one.name === name);
    return field?.type === "duration" ? formatSpan(value) : formatPlain(value);
  });
  const switches = description.fields
    .filter(({ name, type }) => type === "boolean" && values[name] === true)
    .map(({ label }) => label);
  return [text, ...switches].join(", ");
}

function formatPlain(value: number): string {
  return Number.isInteger(value) ? formatCount(value) : formatNumber(value);
}
