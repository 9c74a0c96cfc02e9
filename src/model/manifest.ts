import { Type, type Static } from "typebox";
import { Value } from "typebox/value";
import { TepalError, type Problem } from "../kernel/errors.ts";
import { MAX_FEATURES, checkFeatures } from "../tabular/schema.ts";

/**
 * A model's manifest: everything about it that is not the graph. It is also what
 * `GET /models/NAME` answers, so its fields are spelled as they stand in the JSON.
 */
export type Manifest = Static<typeof ManifestSchema>;

/** Raised when a reader of the old format could not understand the new one. */
export const MANIFEST_FORMAT = 1;
export const MAX_CLASSES = 10_000;
/** Longest name of a class or a target, in characters. */
export const MAX_LABEL = 200;
const MAX_TEXT = 1_000;

/** A model's name: part of addresses and of metric labels. */
export const MODEL_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const Sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });
const Text = Type.String({ maxLength: MAX_TEXT });
const Nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const FeatureSchema = Type.Object({
  name: Type.String({
    minLength: 1,
    maxLength: 200,
    description: "Name of the field in a request",
  }),
  type: Type.Union([Type.Literal("float32"), Type.Literal("float64")]),
  unit: Nullable(Type.String({ maxLength: 50 })),
  min: Nullable(Type.Number({ description: "Smallest value in the training data" })),
  max: Nullable(Type.Number({ description: "Largest value in the training data" })),
  nullable: Type.Boolean({ description: "Whether null is accepted and means a missing value" }),
});

export const ManifestSchema = Type.Object({
  format: Type.Literal(MANIFEST_FORMAT),
  name: Type.String({ pattern: MODEL_NAME.source }),
  version: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
  task: Type.Union([Type.Literal("classification"), Type.Literal("regression")]),
  features: Type.Array(FeatureSchema, { minItems: 1, maxItems: MAX_FEATURES }),
  classes: Type.Array(Type.String({ maxLength: MAX_LABEL }), {
    maxItems: MAX_CLASSES,
    description: "Names of the classes, in the order of their indexes; empty for regression",
  }),
  targets: Type.Array(Type.String({ minLength: 1, maxLength: MAX_LABEL }), {
    minItems: 1,
    maxItems: MAX_CLASSES,
    description: "What is predicted: the name of the training data's target column",
  }),
  training: Type.Unknown({ description: "The training report, or null" }),
  provenance: Type.Object({
    tool: Text,
    created: Type.String({ maxLength: 40, description: "ISO 8601, UTC" }),
    data: Nullable(Text),
    data_sha256: Nullable(Sha256),
    options: Type.Record(
      Type.String(),
      Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]),
    ),
  }),
  files: Type.Record(Type.String({ maxLength: 100 }), Sha256, {
    description: "SHA-256 of each other file of the version, by name",
  }),
  guard: Type.Unknown({ description: "The guard's parameters, or null when there is no guard" }),
});

/**
 * Checks a manifest that came from outside.
 * @throws TepalError MODEL_DAMAGED with every problem and its JSON pointer
 */
export function parseManifest(text: string): Manifest {
  const value = parseJson(text);
  if (!Value.Check(ManifestSchema, value)) {
    const problems: Problem[] = [];
    for (const error of Value.Errors(ManifestSchema, value).slice(0, 20)) {
      problems.push({ at: error.instancePath || "/", message: error.message });
    }
    const listed = problems.map((problem) => `${problem.at} ${problem.message}`).join("; ");
    throw new TepalError("MODEL_DAMAGED", `manifest.json is not usable: ${listed}`, { problems });
  }
  checkFeatures(value.features, "/features");
  checkOutputs(value);
  return value;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new TepalError("MODEL_DAMAGED", "manifest.json is not valid JSON", { cause });
  }
}

function checkOutputs({ task, classes, targets }: Manifest): void {
  const fault =
    task === "regression" && classes.length > 0
      ? "a regression model has no classes"
      : task === "classification" && classes.length < 2
        ? "a classification model needs at least two classes"
        : task === "classification" && targets.length !== 1
          ? "a classification model has exactly one target"
          : new Set(classes).size !== classes.length
            ? "two classes have the same name"
            : undefined;
  if (fault !== undefined) {
    throw new TepalError("MODEL_DAMAGED", `manifest.json is not usable: ${fault}`);
  }
}
