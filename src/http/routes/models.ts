import { toPublicRow } from "../../model/public-row.ts";
import type { FastifyInstance } from "fastify";
import type { AppParts } from "../http.ts";
import type { AnyPredictor } from "../../serving/serving.ts";
import { MANIFEST, MODEL_LIST, MODEL_PARAMS, VERSION_PARAMS } from "../schemas/models.ts";
import { PREDICT_REQUEST } from "../schemas/predict.ts";
import { problemReplies } from "../schemas/problem.ts";
import { parseVersion, type ModelParams } from "../prediction/model-params.ts";

const PREFIXES = [
  { prefix: "/models/:name", params: MODEL_PARAMS, id: "", of: "the serving version" },
  {
    prefix: "/models/:name/versions/:version",
    params: VERSION_PARAMS,
    id: "Version",
    of: "one version",
  },
] as const;

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
    () => {
      const engines = new Map(
        registry
          .ready()
          .map(({ manifest: { name, version }, engine }) => [`${name}/${version}`, engine]),
      );
      return {
        models: registry.list().map(({ name, serving, isDefault, versions }) => ({
          name,
          is_default: isDefault,
          serving,
          versions: versions.map(({ version, state, reason, loadedAtMs }) => ({
            version,
            state,
            engine: engines.get(`${name}/${version}`) ?? null,
            reason,
            loaded_at: loadedAtMs === null ? null : new Date(loadedAtMs).toISOString(),
          })),
        })),
      };
    },
  );

  for (const { prefix, params, id, of } of PREFIXES) {
    // `parseVersion` and the registry check the parameters: 404 is the right status.
    const route = { validatorCompiler: () => () => true };
    const common = { tags: ["models"], params };
    const find = ({ name, version }: ModelParams): AnyPredictor =>
      registry.find(name, parseVersion(version));

    app.get<{ Params: ModelParams }>(
      prefix,
      {
        ...route,
        schema: {
          ...common,
          operationId: `getModel${id}`,
          summary: `Manifest of ${of}`,
          response: { 200: MANIFEST, ...problemReplies(404, 503) },
        },
      },
      (request) => find(request.params).manifest,
    );

    app.get<{ Params: ModelParams }>(
      `${prefix}/example`,
      {
        ...route,
        schema: {
          ...common,
          operationId: `getExample${id === "" ? "" : `Of${id}`}`,
          summary: `A typical row, which ${of} accepts`,
          response: { 200: PREDICT_REQUEST, ...problemReplies(404, 503) },
        },
      },
      (request) => {
        const { manifest, example } = find(request.params);
        return toPublicRow(manifest.features, example);
      },
    );
  }
}
