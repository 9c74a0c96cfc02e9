import type { FastifyInstance } from "fastify";
import { TepalError } from "../../kernel/errors.ts";
import type { AppParts } from "../http.ts";
import { createInputErrorCounter } from "../input-errors.ts";
import { answerBatch, answerRow, JSON_TYPE } from "../answer.ts";
import { parseVersion, type ModelParams } from "../model-params.ts";
import { MODEL_PARAMS, VERSION_PARAMS } from "../schemas/models.ts";
import { BATCH_REPLY, BATCH_REQUEST, PREDICT_REPLY, PREDICT_REQUEST } from "../schemas/predict.ts";
import { problemReplies } from "../schemas/problem.ts";

/** Where a model is named, and what the address's parameters are. */
const PREFIXES = [
  { prefix: "", of: "the default model", params: undefined },
  { prefix: "/models/:name", of: "a model", params: MODEL_PARAMS },
  {
    prefix: "/models/:name/versions/:version",
    of: "one version of a model",
    params: VERSION_PARAMS,
  },
] as const;

const KINDS = [
  {
    suffix: "/predict",
    what: "Predict one row with",
    body: PREDICT_REQUEST,
    reply: PREDICT_REPLY,
    answer: answerRow,
  },
  {
    suffix: "/predict/batch",
    what: "Predict many rows with",
    body: BATCH_REQUEST,
    reply: BATCH_REPLY,
    answer: answerBatch,
  },
] as const;

export function addPredictRoutes(app: FastifyInstance, { registry, metrics }: AppParts): void {
  const countInputError = createInputErrorCounter(metrics.inputErrors);
  for (const { prefix, of, params } of PREFIXES) {
    for (const { suffix, what, body, reply, answer } of KINDS) {
      app.post<{ Params: ModelParams }>(
        `${prefix}${suffix}`,
        {
          schema: {
            tags: ["predictions"],
            summary: `${what} ${of}`,
            ...(params !== undefined && { params }),
            body,
            response: {
              200: reply,
              ...problemReplies(400, 401, 403, 404, 408, 413, 415, 422, 429, 503),
            },
          },
          // The predictor decodes and checks the body: it alone knows the model's features.
          validatorCompiler: () => () => true,
          onError(_request, _reply, error, done) {
            countInputError(error);
            done();
          },
        },
        (request, response) => {
          const predictor = registry.find(
            request.params.name,
            parseVersion(request.params.version),
          );
          if (request.body === undefined) {
            throw new TepalError("MALFORMED_JSON", "The request has no body; JSON is expected");
          }
          response.header("content-type", JSON_TYPE);
          return response.send(answer(predictor, request.body, request.id));
        },
      );
    }
  }
}
