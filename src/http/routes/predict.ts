import type { FastifyInstance, FastifyReply } from "fastify";
import { TepalError } from "../../kernel/errors.ts";
import type { AppParts } from "../http.ts";
import type { AnyPredictor } from "../../serving/serving.ts";
import { BATCH_PREDICTOR, ROW_PREDICTOR } from "../prediction/predict-body.ts";
import type { PredictionHandler, PredictionReply } from "../prediction/prediction-handler.ts";
import { predictStream } from "../prediction/predict-stream.ts";
import { parseModel, type ModelParams } from "../prediction/model-params.ts";
import { setHeaders } from "../reply-headers.ts";
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

export function addPredictRoutes(
  app: FastifyInstance,
  parts: AppParts,
  handler: PredictionHandler,
): void {
  const { options, registry } = parts;
  const findPredictor = (params: ModelParams): AnyPredictor => {
    const { name, version } = parseModel(params);
    return registry.find(name, version);
  };

  for (const { prefix, of, params, id } of PREFIXES) {
    for (const { suffix, action, body, reply, predict } of KINDS) {
      const acceptsStreams = suffix === "/predict/batch";
      app.post<{ Params: ModelParams; Querystring: StreamQuery }>(
        `${prefix}${suffix}`,
        {
          config: { acceptsStreams, readsBytes: true },
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
            // A client that disconnects within its body has made no error in its input.
            const hasLeft = request.raw.destroyed && !request.raw.complete;
            if (!hasLeft) handler.countError(error, () => findPredictor(request.params));
            done();
          },
        },
        (request, response) => {
          const onBadRow = acceptsStreams ? parseOnBadRow(request.query.on_bad_row) : undefined;
          if (!Buffer.isBuffer(request.body)) {
            const predictor = findPredictor(request.params);
            if (request.body === undefined) {
              throw new TepalError("MALFORMED_JSON", "Body: Expected JSON, got no body.");
            }
            const { countRowError } = handler;
            return predictStream(request, response, predictor, parts, onBadRow, countRowError);
          }
          const { url, body: bytes, routeOptions, begunSeconds } = request;
          const { arrivedSeconds, startedSeconds } = request;
          const times = { begunSeconds, arrivedSeconds, startedSeconds };
          const prediction = {
            predict,
            model: parseModel(request.params),
            id: request.id,
            url,
            body: bytes,
            limit: routeOptions.bodyLimit,
            times,
          };
          const send = ({ status, headers, body: text }: PredictionReply): FastifyReply =>
            setHeaders(response.code(status), headers).send(text);
          const predicted = handler.handle(prediction);
          return predicted instanceof Promise ? predicted.then(send) : send(predicted);
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
