import type { FastifyInstance } from "fastify";
import { TepalError } from "../../kernel/errors.ts";
import { getReplyEncoder } from "../../serving/encode-reply.ts";
import type { Predictor } from "../../serving/serving.ts";
import type { AppParts } from "../http.ts";
import { answerStream } from "../predict-stream.ts";
import { parseVersion, type ModelParams } from "../model-params.ts";
import { MODEL_PARAMS, VERSION_PARAMS } from "../schemas/models.ts";
import {
  BATCH_BODIES,
  BATCH_REPLIES,
  PREDICT_REPLY,
  PREDICT_REQUEST,
  STREAM_QUERY,
} from "../schemas/predict.ts";
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
    body: BATCH_BODIES,
    reply: BATCH_REPLIES,
    answer: (predictor: Predictor, body: unknown, id: string) =>
      getReplyEncoder(predictor).encodeBatch(predictor.predictBatch(body), id),
  },
] as const;

export function addPredictRoutes(app: FastifyInstance, parts: AppParts): void {
  const { registry, metrics } = parts;
  const countInputError = createInputErrorCounter(metrics.inputErrors);
  for (const { prefix, of, params } of PREFIXES) {
    for (const { suffix, what, body, reply, answer } of KINDS) {
      const takesStreams = suffix === "/predict/batch";
      app.post<{ Params: ModelParams; Querystring: StreamQuery }>(
        `${prefix}${suffix}`,
        {
          config: { takesStreams },
          schema: {
            tags: ["predictions"],
            summary: `${what} ${of}`,
            ...(params !== undefined && { params }),
            ...(takesStreams && { querystring: STREAM_QUERY }),
            body,
            response: {
              200: reply,
              ...(takesStreams && problemReplies(406)),
              ...problemReplies(400, 401, 403, 404, 408, 413, 415, 422, 429, 503),
            },
          },
          // The predictor decodes and checks the body: it alone knows the model's features.
          validatorCompiler: () => () => true,
          onError(_request, _reply, error, done) {
            countInputError("code" in error ? String(error.code) : "");
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
          // Whatever is not parsed is a stream that `acceptStreamBodies` has let pass.
          if (takesStreams && request.body === request.raw) {
            const onBadRow = parseOnBadRow(request.query.on_bad_row);
            return answerStream(request, response, predictor, parts, onBadRow, countInputError);
          }
          response.header("content-type", JSON_TYPE);
          return response.send(answer(predictor, request.body, request.id));
        },
      );
    }
  }
}

interface StreamQuery {
  readonly on_bad_row?: unknown;
}

/** @throws TepalError MALFORMED_REQUEST */
function parseOnBadRow(given: unknown): "skip" | "stop" | undefined {
  if (given === undefined || given === "skip" || given === "stop") return given;
  throw new TepalError(
    "MALFORMED_REQUEST",
    `on_bad_row is ${JSON.stringify(given).slice(0, 60)}; skip or stop is expected`,
  );
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
): (code: string) => void {
  const slots = new Map(Object.values(REASONS).map((reason) => [reason, family.open([reason])]));
  return (code) => {
    const slot = slots.get(REASONS[code] ?? "");
    if (slot !== undefined) family.add(slot, 1);
  };
}
