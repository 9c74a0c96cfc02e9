import { toJsonObject, type JsonObject } from "../../kernel/json.ts";
import type { ModelStatus } from "../../model/model.ts";
import type { AnyPredictor } from "../../serving/serving.ts";
import { createBatchExamples, createRowExamples, type RouteExamples } from "./model-examples.ts";
import { createModelSchemas, type ModelSchemas } from "./model-schemas.ts";

/**
 * Completes an OpenAPI document with the loaded models: the exact types and examples of the default model under /predict, and paths with
 * those of each READY version in place of the paths that have the model's name as a parameter.
 *
 * @param document generated from the schemas of the routes; not changed
 */
export async function describeModels(
  document: object,
  predictors: readonly AnyPredictor[],
  models: readonly ModelStatus[],
): Promise<JsonObject> {
  const { paths: templatePaths, tags: templateTags } = toJsonObject(document);
  const templates = toJsonObject(templatePaths);
  const paths: Record<string, unknown> = { ...templates };
  const tags: unknown[] = Array.isArray(templateTags) ? [...templateTags] : [];
  const toUniquePrefix = createNames();
  const toUniqueTitle = createNames();
  const toUniqueId = createNames();
  // Operations without a model have their names first.
  for (const item of Object.values(templates)) {
    for (const operation of Object.values(toJsonObject(item))) {
      toUniqueId(String(toJsonObject(operation)["operationId"]));
    }
  }
  const ids = models.map(({ name }) => toUniquePrefix(toTypeName(name)));

  for (const [index, { name, versions, serving, isDefault }] of models.entries()) {
    const id = ids[index] ?? "";
    const tag = `model ${name}`;
    for (const { version } of versions.toReversed()) {
      const predictor = predictors.find(
        ({ manifest }) => manifest.name === name && manifest.version === version,
      );
      if (predictor === undefined) continue;
      const isServing = version === serving;
      if (isServing) tags.push({ name: tag, description: describe(predictor) });
      const own = isServing ? id : toUniquePrefix(`${id}V${version}`);
      const schemas = createModelSchemas(predictor, (kind) => toUniqueTitle(`${own}${kind}`));
      const of = `${name} version ${version}`;
      for (const route of await toRoutes(predictor, schemas)) {
        const template = toPost(templates[route.path]);
        const operation = withModel(template, route);
        const add = (path: string, operationId: string, changes: object): void => {
          paths[path] = { post: { ...operation, operationId, ...changes } };
        };
        const { action } = route;
        const verb = toVerb(route.path);
        const summary = `${action} with ${of}`;
        if (isDefault && isServing) {
          add(route.path, verb, { summary: `${action} with the default model, ${of}` });
        }
        if (isServing) {
          const operationId = toUniqueId(`${verb}${id}`);
          add(`/models/${name}${route.path}`, operationId, { summary, tags: [tag] });
        }
        const operationId = toUniqueId(`${verb}${id}V${version}`);
        const path = `/models/${name}/versions/${version}${route.path}`;
        add(path, operationId, { summary, tags: [tag] });
        delete paths[`/models/{name}${route.path}`];
        delete paths[`/models/{name}/versions/{version}${route.path}`];
      }
    }
  }
  return { ...toJsonObject(document), tags, paths };
}

/** A route of a model version. */
interface Route {
  readonly path: "/predict" | "/predict/batch";
  readonly action: string;
  readonly request: JsonObject;
  /** Undefined for a route without streams. */
  readonly csv: JsonObject | undefined;
  readonly reply: JsonObject;
  readonly examples: RouteExamples;
}

async function toRoutes(predictor: AnyPredictor, schemas: ModelSchemas): Promise<readonly Route[]> {
  return [
    {
      path: "/predict",
      action: "Predict one row",
      request: schemas.row,
      csv: undefined,
      reply: schemas.reply,
      examples: await createRowExamples(predictor),
    },
    {
      path: "/predict/batch",
      action: "Predict a batch of rows",
      request: schemas.batch,
      csv: schemas.csv,
      reply: schemas.batchReply,
      examples: await createBatchExamples(predictor),
    },
  ];
}

/** Returns the start of operation ids. */
function toVerb(path: Route["path"]): string {
  return path === "/predict" ? "predict" : "predictBatch";
}

function toPost(pathItem: unknown): JsonObject {
  return toJsonObject(toJsonObject(pathItem)["post"]);
}

/** Replaces the types and examples of a template's request and reply by those of a model. */
function withModel(template: JsonObject, { request, csv, reply, examples }: Route): JsonObject {
  const responses = toJsonObject(template["responses"]);
  const success = toJsonObject(responses["200"]);
  const content = toJsonObject(success["content"]);
  const ofReply: Record<string, unknown> = { ...content };
  const ofRequest: Record<string, unknown> = {};
  ofRequest[JSON_TYPE] = { schema: request, examples: examples.request.json };
  ofReply[JSON_TYPE] = { schema: reply, examples: examples.reply.json };
  if (csv !== undefined) {
    ofRequest[CSV_TYPE] = { schema: csv, example: examples.request.csv };
    // JSON Schema describes values of JSON, not lines of them.
    ofRequest[NDJSON_TYPE] = {};
    for (const [type, example] of [
      [CSV_TYPE, examples.reply.csv],
      [NDJSON_TYPE, examples.reply.ndjson],
    ] as const) {
      ofReply[type] = { ...toJsonObject(content[type]), ...(example !== undefined && { example }) };
    }
  }
  const requestBody = {
    ...(csv !== undefined && { description: STREAMS }),
    required: true,
    content: ofRequest,
  };
  return {
    ...template,
    requestBody,
    responses: { ...responses, 200: { ...success, content: ofReply } },
  };
}

const [JSON_TYPE, CSV_TYPE, NDJSON_TYPE] = [
  "application/json",
  "text/csv",
  "application/x-ndjson",
] as const;

const STREAMS =
  "Rows as one JSON document, or as a stream: CSV with a header, or NDJSON, whose lines are objects or arrays in feature order.";

/** Creates a function that returns a name, with underscores if it was returned before. */
function createNames(): (name: string) => string {
  const taken = new Set<string>();
  return (wanted) => {
    let name = wanted;
    while (taken.has(name)) name += "_";
    taken.add(name);
    return name;
  };
}

/** Makes the start of type names: `credit-risk` becomes `CreditRisk`. */
function toTypeName(model: string): string {
  const name = model
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.slice(0, 1).toUpperCase() + word.slice(1))
    .join("");
  return /^[A-Za-z]/.test(name) ? name : `Model${name}`;
}

function describe({ manifest }: AnyPredictor): string {
  const targets = manifest.targets.join(", ");
  const kind =
    manifest.task === "classification"
      ? `classifier of ${targets}: ${manifest.classes.slice(0, 10).join(", ")}`
      : `regression of ${targets}`;
  return `Version ${manifest.version}, ${kind}`;
}
