import { Type, type Static } from "typebox";
import type { Frozen } from "../contract/field.ts";
import { baselineProfile } from "./baseline.ts";
import { constantRateProfile } from "./constant-rate.ts";
import { customProfile } from "./custom.ts";
import { gradualProfile } from "./gradual.ts";
import type { LoadProfile } from "./profile.ts";
import { rampingRateProfile } from "./ramping-rate.ts";
import { recoveryProfile } from "./recovery.ts";
import { stressProfile } from "./stress.ts";
import { usersProfile } from "./users.ts";

/** All profiles, in the order of the form and the documents. The first one is the default. */
const LIST = [
  usersProfile,
  baselineProfile,
  gradualProfile,
  stressProfile,
  recoveryProfile,
  customProfile,
  constantRateProfile,
  rampingRateProfile,
] as const;

export const PROFILES: readonly LoadProfile[] = LIST;

/** The load of a plan. */
export type Profile = Frozen<AnyProfile>;

type AnyProfile = Static<(typeof LIST)[number]["schema"]>;

/** The profile in a request. */
export const ProfileRequestSchema = Type.Unsafe<AnyProfile>(
  Type.Union(
    LIST.map(({ schema }) =>
      Object.assign(structuredClone(schema), { additionalProperties: false }),
    ),
  ),
);

/**
 * The profile in a report. It has no limits: an edit may set 0 users, and reports of other versions may have had other limits.
 */
export const ProfileSchema = Type.Unsafe<AnyProfile>(
  Type.Union(LIST.map(({ schema }) => withoutLimits(schema))),
);

/** Returns the profile of a kind; undefined for an unknown kind. */
export function findProfile(kind: unknown): LoadProfile | undefined {
  return PROFILES.find((profile) => profile.kind === kind);
}

/** Returns the profile of a checked plan. */
export function getProfile({ kind }: Profile): LoadProfile {
  return findProfile(kind)!;
}

function withoutLimits<S extends Type.TObject>(schema: S): S {
  const copy = structuredClone(schema);
  for (const field of Object.values(copy.properties)) {
    Reflect.deleteProperty(field, "minimum");
    Reflect.deleteProperty(field, "maximum");
  }
  return copy;
}
