import type { ModelStatus } from "../../model/registry.ts";
import type { Predictor } from "../../serving/serving.ts";
import { isJsonObject, type JsonObject } from "../../kernel/json.ts";
import type { Feature } from "../../tabular/tabular.ts";

/**
 * Fills a frame of an OpenAPI document with what is loaded: the default model's features and examples under
 * /predict, and a pair of addresses for each model.
 *
 * @param document as the routes' schemas give it; not changed
 */
export function describeModels(
  document: object,
  predictors: readonly Predictor[],
  models: readonly ModelStatus[],
): Record<string, unknown> {
  const { paths: framePaths, tags: frameTags } = toObject(document);
  const frame = toObject(framePaths);
  const paths: Record<string, unknown> = { ...frame };
  const tags: unknown[] = Array.isArray(frameTags) ? [...frameTags] : [];
  for (const { name, serving, isDefault } of models) {
    const predictor = predictors.find(
      ({ manifest }) => manifest.name === name && manifest.version === serving,
    );
    if (predictor === undefined) continue;
    const tag = `model ${name}`;
    tags.push({ name: tag, description: describe(predictor) });
    for (const suffix of ["/predict", "/predict/batch"]) {
      const body = suffix === "/predict" ? toRowBody(predictor) : toBatchBody(predictor);
      if (isDefault) paths[suffix] = withBody(frame[suffix], body);
      const own = withBody(frame[`/models/{name}${suffix}`], body);
      const { parameters: _, ...post } = toObject(own["post"]);
      const summary = suffix === "/predict" ? "Predict one row" : "Predict many rows";
      paths[`/models/${name}${suffix}`] = { post: { ...post, summary, tags: [tag] } };
    }
  }
  return { ...document, tags, paths };
}

/** A request body of one media type. */
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
    : `Trained on ${min} to ${max}${suffix}`;
}

function toRow(
  features: readonly Feature[],
  values: readonly (number | null)[],
): Record<string, number | null> {
  return Object.fromEntries(features.map(({ name }, i) => [name, values[i] ?? null]));
}

/** The example with its first feature far above everything in training. */
function toOutlier(
  features: readonly Feature[],
  example: readonly (number | null)[],
): (number | null)[] {
  const { min, max } = features[0] ?? {};
  const far = Math.round((max ?? 1) + 20 * ((max ?? 1) - (min ?? 0)));
  return [far, ...example.slice(1)];
}

function describe({ manifest }: Predictor): string {
  const what =
    manifest.task === "classification"
      ? `predicts ${manifest.targets.join(", ")}: ${manifest.classes.slice(0, 10).join(", ")}`
      : `predicts the number ${manifest.targets.join(", ")}`;
  return `Version ${manifest.version}, ${what}`;
}

function toObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}
