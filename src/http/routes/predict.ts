import type { FastifyInstance, FastifyReply } from "fastify";
import { TepalError } from "../../kernel/errors.ts";
import type { AppParts } from "../http.ts";
import type { AnyPredictor } from "../../serving/serving.ts";
import { createInputErrorCounter, toRequestResult } from "../prediction/input-errors.ts";
import {
  BATCH_PREDICTOR,
  JSON_TYPE,
  predictBody,
  ROW_PREDICTOR,
} from "../prediction/predict-body.ts";
import { predictStream } from "../prediction/predict-stream.ts";
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

/** The paths that name a model, and their parameters. */
const PREFIXES = [
  { prefix: "", of: "the default model", params: undefined, id: "" },
  { prefix: "/models/:name", of: "a model", params: MODEL_PARAMS, id: "WithModel" },
  {
    prefix: "/models/:name/versions/:version",
    of: "one version of a model",
    params: VERSION_PARAMS,
    id: "WithVersion",
  },
] as const;

const KINDS = [
  {
    suffix: "/predict",
    action: "Predict one row with",
    body: PREDICT_REQUEST,
    reply: PREDICT_REPLY,
    predict: ROW_PREDICTOR,
  },
  {
    suffix: "/predict/batch",
    action: "Predict a batch of rows with",
    body: BATCH_BODIES,
    reply: BATCH_REPLIES,
    predict: BATCH_PREDICTOR,
  },
] as const;

export function addPredictRoutes(app: FastifyInstance, parts: AppParts): void {
  const { options, registry, metrics } = parts;
  const countInputError = createInputErrorCounter(metrics.inputErrors);

  /** Counts a failed request for its model, if there is one of that name. */
  function countFailure({ name, version }: ModelParams, error: Error): void {
    const result = toRequestResult(error);
    if (result === undefined) return;
    let predictor: AnyPredictor;
    try {
      predictor = registry.find(name, parseVersion(version));
    } catch {
      return;
    }
    predictor.requests.count(result);
  }

  for (const { prefix, of, params, id } of PREFIXES) {
    for (const { suffix, action, body, reply, predict } of KINDS) {
      const acceptsStreams = suffix === "/predict/batch";
      app.post<{ Params: ModelParams; Querystring: StreamQuery }>(
        `${prefix}${suffix}`,
        {
          config: { acceptsStreams },
          ...(acceptsStreams && { bodyLimit: options.batchLimit }),
          schema: {
            operationId: `${acceptsStreams ? "predictBatch" : "predict"}${id}`,
            tags: ["predictions"],
            summary: `${action} ${of}`,
            ...(params !== undefined && { params }),
            ...(acceptsStreams && { querystring: STREAM_QUERY }),
            body,
            response: {
              200: reply,
              ...(acceptsStreams && problemReplies(406)),
              ...problemReplies(404, 408, 413, 415, 422, 503),
            },
          },
          // The predictor validates the body: only it knows the model's features.
          validatorCompiler: () => () => true,
          onError(request, _reply, error, done) {
            countInputError("code" in error ? String(error.code) : "");
            countFailure(request.params, error);
            done();
          },
        },
        (request, response) => {
          const predictor = registry.find(
            request.params.name,
            parseVersion(request.params.version),
          );
          if (request.body === undefined) {
            throw new TepalError("MALFORMED_JSON", "Body: Expected JSON, got no body.");
          }
          const onBadRow = acceptsStreams ? parseOnBadRow(request.query.on_bad_row) : undefined;
          // A body that is not parsed is a stream (`acceptStreamBodies`).
          if (acceptsStreams && request.body === request.raw) {
            return predictStream(request, response, predictor, parts, onBadRow, countInputError);
          }
          const predicted = predictBody(predict, predictor, request.body, request.id, request);
          const send = (text: string): FastifyReply =>
            response.header("content-type", JSON_TYPE).send(text);
          return typeof predicted === "string" ? send(predicted) : predicted.then(send);
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
    `Query parameter on_bad_row: Expected one of: skip, stop, got ${JSON.stringify(given).slice(0, 60)}.`,
  );
}
