import type { FastifyInstance } from "fastify";
import { TepalError } from "../../kernel/errors.ts";
import type { AppParts } from "../http.ts";
import { createInputErrorCounter } from "../prediction/input-errors.ts";
import { answerBatch, answerRow, JSON_TYPE } from "../prediction/answer.ts";
import { answerStream } from "../prediction/predict-stream.ts";
import { parseVersion, type ModelParams } from "../prediction/model-params.ts";
import { MODEL_PARAMS, VERSION_PARAMS } from "../schemas/models.ts";
import {
  BATCH_BODIES,
  BATCH_REPLIES,
  PREDICT_REPLY,
  PREDICT_REQUEST,
  STREAM_QUERY,
} from "../schemas/predict.ts";
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
    body: BATCH_BODIES,
    reply: BATCH_REPLIES,
    answer: answerBatch,
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
