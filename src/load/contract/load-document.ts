import { Type, type Static } from "typebox";
import { orNull, type Frozen } from "./field.ts";
import { LogLineSchema } from "./log-line.ts";
import { PlanSchema } from "./plan.ts";
import { ReportSchema, type RunReport, type SeriesPoint } from "./report.ts";
import { ScriptDescriptionSchema } from "./script-description.ts";

/** A field of a form, made from the schema of a plan or of a profile. */
const FieldDescriptionSchema = Type.Object({
  name: Type.String(),
  /** A form takes and shows the seconds of a `duration` as 1m30s. */
  type: Type.Union([
    Type.Literal("integer"),
    Type.Literal("number"),
    Type.Literal("duration"),
    Type.Literal("boolean"),
    Type.Literal("string"),
    Type.Literal("list"),
  ]),
  label: Type.String(),
  unit: orNull(Type.String()),
  hint: orNull(Type.String()),
  default: Type.Union([
    Type.Number(),
    Type.Boolean(),
    Type.String(),
    Type.Array(Type.String()),
    Type.Null(),
  ]),
});

/** A load profile, with all that a form needs to offer it. */
const ProfileDescriptionSchema = Type.Object({
  kind: Type.String(),
  name: Type.String(),
  course: Type.String(),
  purpose: Type.String(),
  /** The load over time as an SVG path in 48 × 20. */
  curve: Type.String(),
  model: Type.Union([Type.Literal("closed"), Type.Literal("open")]),
  /** True if the profile is for scripts with a shape only. */
  needs_shape: Type.Boolean(),
  /** The load in a phrase; `{name}` stands for the value of a field. */
  summary: Type.String(),
  fields: Type.Array(FieldDescriptionSchema),
  /** Fields of an edit, each with the field of the profile that holds the present value. */
  changes: Type.Array(Type.Object({ name: Type.String(), from: Type.String() })),
});

/** The reply of `GET /api/load`. */
export const LoadDocumentSchema = Type.Object({
  version: Type.String(),
  script: ScriptDescriptionSchema,
  /** The plan of a start that sets nothing else. */
  defaults: PlanSchema,
  /** Fields of a plan beside its profile. */
  plan_fields: Type.Array(FieldDescriptionSchema),
  profiles: Type.Array(ProfileDescriptionSchema),
  /** The current run, or the last one. */
  report: ReportSchema,
  logs: Type.Array(LogLineSchema),
});

export type FieldDescription = Frozen<Static<typeof FieldDescriptionSchema>>;
export type ProfileDescription = Frozen<Static<typeof ProfileDescriptionSchema>>;
export type LoadDocument = Frozen<Static<typeof LoadDocumentSchema>>;

/** `event: second`: the report with only the new points of its series. */
export interface SecondUpdate extends Omit<RunReport, "series"> {
  readonly points: readonly SeriesPoint[];
}
