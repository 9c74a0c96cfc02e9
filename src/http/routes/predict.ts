import type { FastifyInstance } from "fastify";
import { TepalError } from "../../kernel/errors.ts";
import { getReplyEncoder } from "../../serving/encode-reply.ts";
import type { Predictor } from "../../serving/serving.ts";
import type { AppParts } from "../http.ts";
import { parseVersion, type ModelParams } from "../model-params.ts";
import { MODEL_PARAMS, VERSION_PARAMS } from "../schemas/models.ts";
import { BATCH_REPLY, BATCH_REQUEST, PREDICT_REPLY, PREDICT_REQUEST } from "../schemas/predict.ts";
import { problemReplies } from "../schemas/problem.ts";

const JSON_TYPE = "application/json; charset=utf-8";

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

/** What a request asks for: how its body is predicted and how the result is written. */
const KINDS = [
  {
    suffix: "/predict",
    what: "Predict one row with",
    body: PREDICT_REQUEST,
    reply: PREDICT_REPLY,
    answer: (predictor: Predictor, body: unknown, id: string) =>
      getReplyEncoder(predictor).encodeRow(predictor.predictRow(body), id),
  },
  {
    suffix: "/predict/batch",
    what: "Predict many rows with",
    body: BATCH_REQUEST,
    reply: BATCH_REPLY,
    answer: (predictor: Predictor, body: unknown, id: string) =>
      getReplyEncoder(predictor).encodeBatch(predictor.predictBatch(body), id),
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

/** Reasons of refusals that are the client's doing, as they are counted. */
const REASONS: Readonly<Record<string, string>> = {
  MALFORMED_JSON: "malformed_json",
  INVALID_INPUT: "invalid_input",
  OUT_OF_DISTRIBUTION: "out_of_distribution",
  UNSUPPORTED_MEDIA_TYPE: "media_type",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "media_type",
  BODY_TOO_LARGE: "too_large",
  FST_ERR_CTP_BODY_TOO_LARGE: "too_large",
};

function createInputErrorCounter(
  family: AppParts["metrics"]["inputErrors"],
): (error: Error) => void {
  const slots = new Map(Object.values(REASONS).map((reason) => [reason, family.open([reason])]));
  return (error) => {
    const code = "code" in error ? String(error.code) : "";
    const slot = slots.get(REASONS[code] ?? "");
    if (slot !== undefined) family.add(slot, 1);
  };
}
