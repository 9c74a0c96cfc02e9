import type { FastifyInstance } from "fastify";
import type { AppParts } from "../http.ts";
import { MANIFEST, MODEL_LIST, MODEL_PARAMS, VERSION_PARAMS } from "../schemas/models.ts";
import { problemReplies } from "../schemas/problem.ts";
import { parseVersion, type ModelParams } from "../prediction/model-params.ts";

/** Adds the routes for models and manifests. There is deliberately no route for training. */
export function addModelRoutes(app: FastifyInstance, { registry }: AppParts): void {
  app.get(
    "/models",
    {
      schema: {
        operationId: "listModels",
        tags: ["models"],
        summary: "List models and their versions",
        description:
          "A rejected version has a `reason`. The newest READY version of a model serves.",
        response: { 200: MODEL_LIST },
      },
    },
    () => ({
      models: registry.list().map(({ name, serving, isDefault, versions }) => ({
        name,
        is_default: isDefault,
        serving,
        versions: versions.map(({ version, state, reason, loadedAtMs }) => ({
          version,
          state,
          reason,
          loaded_at: loadedAtMs === null ? null : new Date(loadedAtMs).toISOString(),
        })),
      })),
    }),
  );

  app.get<{ Params: ModelParams }>(
    "/models/:name",
    {
      schema: {
        operationId: "getModel",
        tags: ["models"],
        summary: "Manifest of the serving version",
        params: MODEL_PARAMS,
        response: { 200: MANIFEST, ...problemReplies(404, 503) },
      },
      // `parseVersion` and the registry check the parameters: 404 is the right status.
      validatorCompiler: () => () => true,
    },
    ({ params }) => registry.find(params.name).manifest,
  );

  app.get<{ Params: ModelParams }>(
    "/models/:name/versions/:version",
    {
      schema: {
        operationId: "getModelVersion",
        tags: ["models"],
        summary: "Manifest of one version",
        params: VERSION_PARAMS,
        response: { 200: MANIFEST, ...problemReplies(404, 503) },
      },
      // `parseVersion` and the registry check the parameters: 404 is the right status.
      validatorCompiler: () => () => true,
    },
    ({ params }) => registry.find(params.name, parseVersion(params.version)).manifest,
  );
}
