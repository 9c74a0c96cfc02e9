import { Type, type Static } from "typebox";
import type { FeatureReference } from "../guard/guard.ts";
import { FeatureReferenceSchema } from "../guard/bins-schema.ts";
import { OutputReferenceSchema } from "../guard/output-reference.ts";
import { MAX_CATEGORIES, MAX_FEATURES } from "../tabular/schema.ts";
import { FEATURE_TYPES, INTEGER_MAX, type Feature } from "../tabular/tabular.ts";

/**
 * The manifest of a model version: everything about it except the graph, for example its name, typed features, classes,
 * training report, provenance, and the parameters of the trust check. `GET /models/NAME` returns it, and fields are named
 * as in the JSON.
 */
export interface Manifest extends Omit<
  Static<typeof ManifestSchema>,
  "features" | "feature_reference"
> {
  readonly features: readonly Feature[];
  readonly feature_reference?: FeatureReference;
}

/** Version of the format; increased when older readers would misunderstand a new manifest. Format 1, which had numbers only, still loads. */
export const MANIFEST_FORMAT = 2;
export const MAX_CLASSES = 10_000;
/** Maximum length of the name of a class or target, in characters. */
export const MAX_LABEL = 200;
const MAX_STRING = 1_000;
const MAX_MISSING_VALUES = 10_000;

/** Pattern of a model's name, which is part of URLs, paths and metric labels. */
export const MODEL_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const Sha256 = Type.String({ pattern: "^[0-9a-f]{64}$" });
const ShortString = Type.String({ maxLength: MAX_STRING });
const SAFE_INTEGER = { minimum: -INTEGER_MAX, maximum: INTEGER_MAX };
const Nullable = <T extends Type.TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const CategorySchema = Type.Object(
  {
    value: Type.Union([Type.String({ maxLength: MAX_STRING }), Type.Integer(SAFE_INTEGER)], {
      description: "The value in a request",
    }),
    share: Nullable(
      Type.Number({
        minimum: 0,
        maximum: 1,
        description: "Share of the training rows that have a value",
      }),
    ),
  },
  { title: "Category" },
);

const FeatureSchema = Type.Object(
  {
    name: Type.String({
      minLength: 1,
      maxLength: 200,
      description: "Name of the field in a request",
    }),
    type: Type.Enum([...FEATURE_TYPES], {
      description:
        "Type of the value in a request: a number, an integer, true or false, or one of `categories`",
    }),
    precision: Type.Enum(["float32", "float64"], {
      description: "The numbers that the graph computes with",
    }),
    unit: Nullable(Type.String({ maxLength: 50 })),
    sign: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 10,
        description: "If other than the unit: the sign that numbers may have in CSV, as in 12%",
      }),
    ),
    min: Nullable(Type.Number({ description: "Smallest value in the training data" })),
    max: Nullable(Type.Number({ description: "Largest value in the training data" })),
    nullable: Type.Boolean({ description: "True if null is accepted, as a missing value" }),
    categories: Type.Optional(
      Type.Array(CategorySchema, {
        maxItems: MAX_CATEGORIES,
        description: "Only of a category: its known values, all strings or all integers",
      }),
    ),
    missing_string: Type.Optional(
      Nullable(
        Type.String({
          maxLength: MAX_STRING,
          description:
            "Only of an imported graph that takes strings: the string that stands for a missing value in it",
        }),
      ),
    ),
  },
  { title: "Feature" },
);

export const ManifestSchema = Type.Object(
  {
    format: Type.Literal(MANIFEST_FORMAT),
    name: Type.String({ pattern: MODEL_NAME.source }),
    version: Type.Integer({ minimum: 1, maximum: 2_147_483_647 }),
    task: Type.Union([Type.Literal("classification"), Type.Literal("regression")]),
    engine: Type.Optional(
      Type.Literal("onnxruntime", {
        description:
          "If the graph has operators that Tepal does not compute: the engine that computes it",
      }),
    ),
    features: Type.Array(FeatureSchema, { minItems: 1, maxItems: MAX_FEATURES }),
    classes: Type.Array(Type.String({ maxLength: MAX_LABEL }), {
      maxItems: MAX_CLASSES,
      description: "Names of the classes, in the order of their indexes; empty for regression",
    }),
    class_values: Type.Optional(
      Type.Array(Type.Number(), {
        maxItems: MAX_CLASSES,
        description:
          "If the classes are numbers: their values, in the order of their indexes. `prediction` is then the value, otherwise the index",
      }),
    ),
    targets: Type.Array(Type.String({ minLength: 1, maxLength: MAX_LABEL }), {
      minItems: 1,
      maxItems: MAX_CLASSES,
      description: "Names of the predicted columns of the training data",
    }),
    missing_values: Type.Optional(
      Type.Array(ShortString, {
        maxItems: MAX_MISSING_VALUES,
        description:
          "If other than NA, N/A, NaN, null, None and ?: the CSV cells, and strings in place of categories, that are a missing value besides empty ones, in any case",
      }),
    ),
    training: Type.Unknown({ description: "The training report, or null" }),
    provenance: Type.Object({
      tool: ShortString,
      created: Type.String({ maxLength: 40, description: "ISO 8601, UTC" }),
      data: Nullable(ShortString),
      data_sha256: Nullable(Sha256),
      options: Type.Record(
        Type.String(),
        Type.Union([Type.String(), Type.Number(), Type.Boolean(), Type.Null()]),
      ),
    }),
    output_reference: Type.Optional(OutputReferenceSchema),
    feature_reference: Type.Optional(FeatureReferenceSchema),
    files: Type.Record(Type.String({ maxLength: 100 }), Sha256, {
      description: "SHA-256 of each other file of the version, by name",
    }),
    guard: Type.Unknown({
      description: "Parameters of the trust check, or null when the model has none",
    }),
  },
  { title: "Manifest", description: "Everything about a model version except its graph" },
);
