import type { ModelStatus } from "../../model/model.ts";
import type { Predictor } from "../../serving/serving.ts";
import { isJsonObject, type JsonObject } from "../../kernel/json.ts";
import type { Feature } from "../../tabular/tabular.ts";

/**
 * Completes an OpenAPI document with the loaded models: the default model's features and examples under /predict, and a pair of
 * paths for each model.
 *
 * @param document generated from the schemas of the routes; not changed
 */
export function describeModels(
  document: object,
  predictors: readonly Predictor[],
  models: readonly ModelStatus[],
): Record<string, unknown> {
  const { paths: templatePaths, tags: templateTags } = toObject(document);
  const templates = toObject(templatePaths);
  const paths: Record<string, unknown> = { ...templates };
  const tags: unknown[] = Array.isArray(templateTags) ? [...templateTags] : [];
  for (const { name, serving, isDefault } of models) {
    const predictor = predictors.find(
      ({ manifest }) => manifest.name === name && manifest.version === serving,
    );
    if (predictor === undefined) continue;
    const tag = `model ${name}`;
    tags.push({ name: tag, description: describe(predictor) });
    for (const suffix of ["/predict", "/predict/batch"]) {
      const body = suffix === "/predict" ? toRowBody(predictor) : toBatchBody(predictor);
      if (isDefault) paths[suffix] = withBody(templates[suffix], body);
      const own = withBody(templates[`/models/{name}${suffix}`], body);
      const { parameters: _, ...post } = toObject(own["post"]);
      const summary = suffix === "/predict" ? "Predict one row" : "Predict a batch of rows";
      paths[`/models/${name}${suffix}`] = { post: { ...post, summary, tags: [tag] } };
    }
  }
  return { ...document, tags, paths };
}

/** The schema and the examples of a JSON request body. */
interface Body {
  readonly schema: JsonObject;
  readonly examples: JsonObject;
}

function withBody(path: unknown, body: Body): Record<string, unknown> {
  const post = toObject(toObject(path)["post"]);
  const content = toObject(toObject(post["requestBody"])["content"]);
  const requestBody = { required: true, content: { ...content, "application/json": body } };
  return { ...toObject(path), post: { ...post, requestBody } };
}

function toRowBody(predictor: Predictor): Body {
  const { features } = predictor.manifest;
  const outlier = toOutlier(features, predictor.example);
  return {
    schema: toRowSchema(features, predictor.example),
    examples: {
      ordinary: {
        summary: "A row of the training data",
        value: toRow(features, predictor.example),
      },
      outlier: { summary: "A row unlike the training data", value: toRow(features, outlier) },
    },
  };
}

function toBatchBody(predictor: Predictor): Body {
  const { features } = predictor.manifest;
  const { example } = predictor;
  const row = toRowSchema(features, example);
  const { length } = features;
  const numbers = { type: "array", items: { type: "number" }, minItems: length, maxItems: length };
  return {
    schema: {
      type: "object",
      required: ["instances"],
      properties: { instances: { type: "array", minItems: 1, items: { anyOf: [row, numbers] } } },
    },
    examples: {
      objects: { summary: "Rows as objects", value: { instances: [toRow(features, example)] } },
      arrays: {
        summary: `Rows as arrays: ${features.map(({ name }) => name).join(", ")}`,
        value: { instances: [example, toOutlier(features, example)] },
      },
    },
  };
}

function toRowSchema(
  features: readonly Feature[],
  example: readonly (number | null)[],
): JsonObject {
  return {
    type: "object",
    required: features.filter(({ nullable }) => !nullable).map(({ name }) => name),
    properties: Object.fromEntries(
      features.map((feature, i) => [
        feature.name,
        {
          type: feature.nullable ? ["number", "null"] : "number",
          description: describeRange(feature),
          examples: [example[i] ?? null],
        },
      ]),
    ),
  };
}

function describeRange({ min, max, unit }: Feature): string {
  const suffix = unit === null ? "" : ` ${unit}`;
  return min === null || max === null
    ? `A number${suffix && ` in${suffix}`}`
    : `Training range: ${min} to ${max}${suffix}`;
}

function toRow(
  features: readonly Feature[],
  values: readonly (number | null)[],
): Record<string, number | null> {
  return Object.fromEntries(features.map(({ name }, i) => [name, values[i] ?? null]));
}

/** Returns the example row with its first feature far above the training range. */
function toOutlier(
  features: readonly Feature[],
  example: readonly (number | null)[],
): (number | null)[] {
  const { min, max } = features[0] ?? {};
  const far = Math.round((max ?? 1) + 20 * ((max ?? 1) - (min ?? 0)));
  return [far, ...example.slice(1)];
}

function describe({ manifest }: Predictor): string {
  const targets = manifest.targets.join(", ");
  const kind =
    manifest.task === "classification"
      ? `classifier of ${targets}: ${manifest.classes.slice(0, 10).join(", ")}`
      : `regression of ${targets}`;
  return `Version ${manifest.version}, ${kind}`;
}

function toObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
