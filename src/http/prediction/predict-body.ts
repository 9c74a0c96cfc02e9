import { getReplyEncoder } from "../../serving/encode/encode-reply.ts";
import type {
  AnyPredictor,
  Predictions,
  Predictor,
  PredictorBase,
  RemotePredictor,
} from "../../serving/serving.ts";
import { parseJson } from "../body/json-body.ts";

export const JSON_TYPE = "application/json; charset=utf-8";

/** The body of a reply: bytes for a batch, in UTF-8. */
export type ReplyBody = string | Buffer;

/** Times of a request with a whole body, on the clock for durations. */
export interface BodyTimes {
  /** The head has arrived. */
  readonly begunSeconds: number;
  /** The body has arrived. */
  readonly arrivedSeconds: number;
  /** Its turn has come: decoding begins. */
  readonly startedSeconds: number;
}

/** Predicts the rows of a request's JSON body and encodes the reply's body. */
export interface BodyPredictor {
  /**
   * @param limit largest size of the body in bytes
   * @param id the request id
   * @throws TepalError MALFORMED_JSON, INVALID_INPUT or OUT_OF_DISTRIBUTION
   */
  here(predictor: Predictor, body: Buffer, limit: number, id: string, times: BodyTimes): ReplyBody;
  /** Does the same with another engine. @throws TepalError also ENGINE_FAILED, ENGINE_TIMEOUT or ENGINE_OVERLOADED */
  remotely(
    predictor: RemotePredictor,
    body: Buffer,
    limit: number,
    id: string,
    times: BodyTimes,
  ): Promise<ReplyBody>;
}

/** For `POST /predict`. */
export const ROW_PREDICTOR = createBodyPredictor("predictRow", "encodeRow");
/** For `POST /predict/batch`. */
export const BATCH_PREDICTOR = createBodyPredictor("predictBatch", "encodeBatch");

function createBodyPredictor(
  predict: "predictRow" | "predictBatch",
  encoding: "encodeRow" | "encodeBatch",
): BodyPredictor {
  // Created once, not with each request.
  const fromBytes = `${predict}Bytes` as const;
  return {
    here(predictor, body, limit, id, times) {
      const predictions =
        predictor[fromBytes](body, limit, times.startedSeconds) ??
        predictor[predict](parseJson(body, limit), times.startedSeconds);
      return encode(predictor, predictions, id, times, encoding);
    },
    async remotely(predictor, body, limit, id, times) {
      const rows = parseJson(body, limit);
      const predictions = await predictor[predict](rows, times.startedSeconds);
      return encode(predictor, predictions, id, times, encoding);
    },
  };
}

/** Predicts with the engine of the model. */
export function predictBody(
  { here, remotely }: BodyPredictor,
  predictor: AnyPredictor,
  body: Buffer,
  limit: number,
  id: string,
  times: BodyTimes,
): ReplyBody | Promise<ReplyBody> {
  return predictor.engine === "tepal"
    ? here(predictor, body, limit, id, times)
    : remotely(predictor, body, limit, id, times);
}

function encode(
  predictor: PredictorBase,
  predictions: Predictions,
  id: string,
  { begunSeconds, arrivedSeconds, startedSeconds }: BodyTimes,
  method: "encodeRow" | "encodeBatch",
): ReplyBody {
  const { requests } = predictor;
  const begun = requests.nowSeconds();
  const reply = getReplyEncoder(predictor)[method](predictions, id);
  const ended = requests.nowSeconds();
  requests.observeStage("body", arrivedSeconds - begunSeconds);
  requests.observeStage("queue", startedSeconds - arrivedSeconds);
  requests.observeStage("encode", ended - begun);
  requests.succeed(ended - begunSeconds);
  return reply;
}
