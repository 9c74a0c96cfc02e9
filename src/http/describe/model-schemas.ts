import type { JsonObject } from "../../kernel/json.ts";
import type { AnyPredictor } from "../../serving/serving.ts";
import { quoteCell } from "../../tabular/csv-row.ts";
import { toPublicValue } from "../../tabular/feature-codec.ts";
import { toLimit, type Feature } from "../../tabular/tabular.ts";
import { MODEL_REFERENCE } from "../schemas/models.ts";
import {
  CHECKED_VERDICT,
  CLASS_INDEX,
  REQUEST_ID,
  SCORE,
  VERDICT,
  WARNINGS,
} from "../schemas/predict.ts";

/** The schemas of a model version, with the title under which clients get each of them. */
export interface ModelSchemas {
  readonly row: JsonObject;
  readonly batch: JsonObject;
  /** Rows as CSV. */
  readonly csv: JsonObject;
  readonly reply: JsonObject;
  readonly batchReply: JsonObject;
}

/** Longer lists of classes and categories are described by their type alone. */
const MAX_LISTED = 100;

/**
 * Makes the exact schemas of a model version: its features with their limits, its classes, and the type of its predictions.
 * @param toTitle makes the title of each schema from its kind
 */
export function createModelSchemas(
  predictor: AnyPredictor,
  toTitle: (kind: "Row" | "Batch" | "Prediction" | "Reply" | "BatchReply") => string,
): ModelSchemas {
  const { features, example, maxBatchRows } = predictor;
  const row = toRowSchema(features, example, toTitle("Row"));
  const prediction = toPredictionSchema(predictor, toTitle("Prediction"));
  const modelAndId = {
    model: MODEL_REFERENCE,
    id: REQUEST_ID,
  };
  return {
    row,
    batch: {
      title: toTitle("Batch"),
      ...toObjectSchema({
        instances: {
          type: "array",
          minItems: 1,
          maxItems: maxBatchRows,
          items: { anyOf: [row, toArraySchema(features)] },
        },
      }),
    },
    csv: toCsvSchema(features),
    reply: { title: toTitle("Reply"), allOf: [prediction, toObjectSchema(modelAndId)] },
    batchReply: {
      title: toTitle("BatchReply"),
      ...toObjectSchema({ predictions: { type: "array", items: prediction }, ...modelAndId }),
    },
  };
}

/** An object that has all of these fields. */
function toObjectSchema(properties: JsonObject): JsonObject {
  return { type: "object", required: Object.keys(properties), properties };
}

function toRowSchema(
  features: readonly Feature[],
  example: readonly (number | null)[],
  title: string,
): JsonObject {
  return {
    title,
    type: "object",
    required: features.filter(({ nullable }) => !nullable).map(({ name }) => name),
    properties: Object.fromEntries(
      features.map((feature, i) => [
        feature.name,
        {
          ...toValueSchema(feature),
          description: describeRange(feature),
          examples: [toPublicValue(feature, example[i] ?? null)],
        },
      ]),
    ),
    ...(features.every(({ nullable }) => nullable) && {
      // A row without any value is rejected.
      not: {
        properties: Object.fromEntries(features.map(({ name }) => [name, { type: "null" }])),
      },
    }),
  };
}

/** A row as an array in feature order. */
function toArraySchema(features: readonly Feature[]): JsonObject {
  const { length } = features;
  const items = features.map((feature) => JSON.stringify(toValueSchema(feature)));
  const [first = "{}"] = items;
  // A tuple of one type is an array of that type in generated clients.
  const areEqual = items.every((item) => item === first);
  const types = areEqual
    ? { items: JSON.parse(first) }
    : { prefixItems: features.map(toValueSchema), items: false };
  const mayBeEmpty = features.every(({ nullable }) => nullable);
  return {
    type: "array",
    minItems: length,
    maxItems: length,
    ...types,
    ...(mayBeEmpty && { contains: { not: { type: "null" } } }),
  };
}

/** The pattern of a wider model would be longer than the rest of its schemas. */
const MAX_PATTERN_FEATURES = 100;
const NUMBER_CELL = String.raw`-?[0-9]{1,9}(\.[0-9]{1,9})?`;
const INTEGER_CELL = "-?[0-9]{1,9}";
/** A category that needs no quotes in CSV. */
const PLAIN_CATEGORY = /^[A-Za-z0-9](?:[A-Za-z0-9 _-]*[A-Za-z0-9])?$/;

/** Returns the pattern of a feature's plain cells; undefined if there is none. */
function toCellPattern({ type, categories = [] }: Feature): string | undefined {
  if (type === "number") return NUMBER_CELL;
  if (type === "integer") return INTEGER_CELL;
  if (type === "boolean") return "(true|false)";
  const plain = categories
    .map(({ value }) => String(value))
    .filter((value) => PLAIN_CATEGORY.test(value))
    .slice(0, MAX_LISTED);
  return plain.length === 0 ? undefined : `(${plain.join("|")})`;
}

/** The plain form of CSV, whose rows after the first may be bad. JSON Schema cannot describe all others. */
function toCsvSchema(features: readonly Feature[]): JsonObject {
  const header = features
    .map(({ name }) => quoteCell(name).replaceAll(/[\\^$.*+?()[\]{}|]/g, String.raw`\$&`))
    .join(",");
  // A row without any value is rejected.
  const mayOmit = features.some(({ type }) => type === "number");
  const cells = features.map((feature) => {
    const pattern = toCellPattern(feature);
    const isOptional = mayOmit && feature.nullable && feature.type === "category";
    return isOptional && pattern !== undefined ? `${pattern}?` : pattern;
  });
  const isPlain = features.length <= MAX_PATTERN_FEATURES && !cells.includes(undefined);
  return {
    type: "string",
    ...(isPlain && { pattern: String.raw`^${header}\n${cells.join(",")}\n[\s\S]*$` }),
    description:
      "A header with the names of the features, then rows. The pattern is the plain form; columns in any order, other columns, " +
      "quotes, missing values and other line ends are accepted too",
  };
}

function toValueSchema(feature: Feature): JsonObject {
  const { type, nullable, precision, categories = [] } = feature;
  const withNull = (name: string): string | string[] => (nullable ? [name, "null"] : name);
  if (type === "boolean") return { type: withNull("boolean") };
  if (type === "category") {
    const values = categories.map(({ value }) => value);
    const isListed = values.length > 0 && values.length <= MAX_LISTED;
    return {
      type: withNull(typeof values[0] === "number" ? "integer" : "string"),
      ...(isListed && { enum: nullable ? [...values, null] : values }),
    };
  }
  const isBounded = type === "integer" || precision === "float32";
  const limit = toLimit(feature);
  return { type: withNull(type), ...(isBounded && { minimum: -limit, maximum: limit }) };
}

function describeRange({ type, min, max, unit, categories = [] }: Feature): string {
  if (type === "boolean") return "True or false";
  if (type === "category") return describeCategories(categories.length);
  const suffix = unit === null ? "" : ` ${unit}`;
  return min === null || max === null
    ? `A number${suffix && ` in${suffix}`}`
    : `Training range: ${min} to ${max}${suffix}`;
}

function describeCategories(count: number): string {
  const listed = count > MAX_LISTED ? ` of ${count} categories` : "";
  return `A category${listed}. By default, other values are predicted with the warning unknown_category`;
}

function toPredictionSchema(
  { manifest, features, hasGuard, classValues }: AnyPredictor,
  title: string,
): JsonObject {
  const { task, classes, targets } = manifest;
  const verdict = features.some(({ nullable }) => nullable) ? VERDICT : CHECKED_VERDICT;
  // The results of a foreign model may be infinite.
  const score = manifest.training === null ? SCORE : { type: "number" };
  const target = { ...score, description: `The predicted ${targets[0]}` };
  const output =
    task === "regression"
      ? {
          prediction:
            targets.length === 1
              ? target
              : {
                  type: "array",
                  items: score,
                  minItems: targets.length,
                  maxItems: targets.length,
                  description: `The predicted ${targets.join(", ")}`,
                },
        }
      : toClassSchemas(classes, classValues, manifest.class_values !== undefined, score);
  return {
    title,
    ...toObjectSchema({
      ...output,
      warnings: WARNINGS,
      out_of_distribution: hasGuard
        ? verdict
        : { type: "null", description: "The model has no trust parameters" },
    }),
  };
}

function toClassSchemas(
  classes: readonly string[],
  values: readonly number[],
  areNumbers: boolean,
  score: object,
): JsonObject {
  const isListed = classes.length <= MAX_LISTED;
  const meaning = isListed
    ? `: ${classes.map((name, i) => `${values[i]} = ${name}`).join(", ")}`
    : "";
  return {
    prediction: {
      type: values.every(Number.isInteger) ? "integer" : "number",
      ...(isListed && { enum: values }),
      description: areNumbers ? "The predicted class" : `Index of the predicted class${meaning}`,
    },
    label: {
      type: "string",
      ...(isListed && { enum: classes }),
      description: "Name of the predicted class",
    },
    class_index: { ...CLASS_INDEX, maximum: classes.length - 1 },
    probabilities: {
      type: "object",
      description: "Probability of each class",
      ...(isListed
        ? toObjectSchema(Object.fromEntries(classes.map((name) => [name, score])))
        : { additionalProperties: score }),
    },
  };
}
