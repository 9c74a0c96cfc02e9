import type { Field } from "./field.ts";
import type { FieldDescription, LoadDocument, ProfileDescription } from "./load-document.ts";
import { PLAN_FIELDS } from "./plan.ts";
import type { LoadProfile } from "../profiles/profile.ts";
import { PROFILES } from "../profiles/profiles.ts";

/** Describes the fields of plans and the load profiles, so that a form can offer any profile. */
export function describeForm(): Pick<LoadDocument, "plan_fields" | "profiles"> {
  return {
    plan_fields: Object.entries(PLAN_FIELDS).map(([name, field]) => describeField(name, field)),
    profiles: PROFILES.map(describeProfile),
  };
}

function describeProfile(profile: LoadProfile): ProfileDescription {
  const { kind, name, course, purpose, curve, model, summary, changes } = profile;
  const fields = Object.entries(profile.fields).map(([field, schema]) =>
    describeField(field, schema),
  );
  return {
    kind,
    name,
    course,
    purpose,
    curve,
    model,
    needs_shape: profile.needsShape,
    summary,
    fields,
    changes: Object.entries<string>(changes).map(([change, from]) => ({ name: change, from })),
  };
}

type AnyField = Field | (typeof PLAN_FIELDS)[keyof typeof PLAN_FIELDS];

function describeField(name: string, field: AnyField): FieldDescription {
  return {
    name,
    type: toType(field),
    label: field.title,
    unit: ("x-unit" in field ? field["x-unit"] : undefined) ?? null,
    hint: ("x-hint" in field ? field["x-hint"] : undefined) ?? null,
    default: field.default,
  };
}

function toType(field: AnyField): FieldDescription["type"] {
  if ("anyOf" in field || ("format" in field && field.format === "duration")) return "duration";
  return field.type === "array" ? "list" : field.type;
}
