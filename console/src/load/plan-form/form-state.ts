import { formatDuration, parseDuration } from "../../../../src/kernel/duration.ts";
import type {
  FieldDescription,
  LoadDocument,
  ProfileDescription,
} from "../../../../src/load/contract/load-document.ts";
import type { RunPlan } from "../../../../src/load/contract/plan.ts";

/** The fields that the server describes. */
export type FormDescription = Pick<LoadDocument, "plan_fields" | "profiles">;

/** The form as typed, by the names of the plan's fields. Profiles share fields of the same name. */
export interface FormState {
  readonly kind: string;
  readonly values: Readonly<Record<string, FieldValue>>;
}

/** A list is an array if its items are selected, and a string of lines if they are typed. */
export type FieldValue = string | boolean | readonly string[];

/** Typed, with one item per line. */
const TYPED_LISTS: ReadonlySet<string> = new Set(["thresholds"]);

export function toFormState(plan: RunPlan, { plan_fields, profiles }: FormDescription): FormState {
  const { profile, ...rest } = plan;
  const given: Readonly<Record<string, unknown>> = { ...rest, ...profile };
  const fields = [...plan_fields, ...profiles.flatMap((one) => one.fields)];
  return {
    kind: profile.kind,
    values: Object.fromEntries(
      fields.map((field) => [field.name, toFieldValue(field, given[field.name] ?? field.default)]),
    ),
  };
}

function toFieldValue({ name, type }: FieldDescription, value: unknown): FieldValue {
  if (type === "boolean") return value === true;
  if (type === "list") {
    const items = Array.isArray(value) ? value.map(String) : [];
    return TYPED_LISTS.has(name) ? items.join("\n") : items;
  }
  if (value === null) return "";
  return type === "duration" ? formatDuration(Number(value) * 1_000) : String(value);
}

export interface ParsedForm {
  /** A plan as JSON, which the server checks. */
  readonly plan: Readonly<Record<string, unknown>>;
  /** Values that are not numbers or durations, by field. */
  readonly problems: Readonly<Record<string, string>>;
}

export function parseForm(state: FormState, form: FormDescription): ParsedForm {
  const problems: Record<string, string> = {};
  const read = (fields: readonly FieldDescription[]): object =>
    Object.fromEntries(
      fields.map((field) => {
        const parsed = parseField(field, state.values[field.name] ?? "");
        if (parsed === undefined) problems[field.name] = describeExpected(field);
        return [field.name, parsed ?? null];
      }),
    );
  const { kind } = state;
  const plan = {
    ...read(form.plan_fields),
    profile: { kind, ...read(findFields(kind, form.profiles)) },
  };
  return { plan, problems };
}

/** Returns the fields of a profile. */
export function findFields(
  kind: string,
  profiles: readonly ProfileDescription[],
): readonly FieldDescription[] {
  return profiles.find((profile) => profile.kind === kind)?.fields ?? [];
}

/** Returns undefined for a value that is not of the field's type. */
function parseField(field: FieldDescription, value: FieldValue): unknown {
  const isOptional = field.default === null;
  if (typeof value !== "string") return value;
  if (field.type === "list") {
    return value
      .split("\n")
      .map((line) => line.trim())
      .filter((line) => line !== "");
  }
  const written = value.trim();
  if (field.type === "string") return written;
  if (written === "") return isOptional ? null : undefined;
  if (field.type === "duration") return parseSeconds(written);
  const number = Number(written);
  return Number.isFinite(number) ? number : undefined;
}

/** Parses a duration, with spaces and upper case: `90`, `1h30m`, `5 min`. */
function parseSeconds(written: string): number | undefined {
  const compact = written.replaceAll(/\s+/g, "").replaceAll(/min/gi, "m").toLowerCase();
  const ms = parseDuration(compact, { bareSeconds: true, fractions: true });
  return ms === undefined ? undefined : ms / 1_000;
}

function describeExpected({ type }: FieldDescription): string {
  return type === "duration"
    ? "Enter a duration, for example 90s, 5m or 1h30m."
    : "Enter a number.";
}
