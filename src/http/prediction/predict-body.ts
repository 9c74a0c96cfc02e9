import type { Predictions, Predictor } from "../../serving/serving.ts";
import { getReplyEncoder } from "../../serving/encode/encode-reply.ts";

export const JSON_TYPE = "application/json; charset=utf-8";

/** Times of a request with a whole body, on the clock for durations. */
export interface BodyTimes {
  /** The head has arrived. */
  readonly begunSeconds: number;
  /** The body has arrived. */
  readonly arrivedSeconds: number;
  /** Its turn has come: decoding begins. */
  readonly startedSeconds: number;
}

/**
 * Predicts the rows of a parsed request body and encodes the reply's body.
 * @param id the request id
 * @throws TepalError INVALID_INPUT or OUT_OF_DISTRIBUTION
 */
export type PredictBody = (
  predictor: Predictor,
  body: unknown,
  id: string,
  times: BodyTimes,
) => string;

/** For `POST /predict`. */
export const predictRow: PredictBody = (predictor, body, id, times) => {
  const predictions = predictor.predictRow(body, times.startedSeconds);
  return encode(predictor, predictions, id, times, "encodeRow");
};

/** For `POST /predict/batch`. */
export const predictBatch: PredictBody = (predictor, body, id, times) => {
  const predictions = predictor.predictBatch(body, times.startedSeconds);
  return encode(predictor, predictions, id, times, "encodeBatch");
};

function encode(
  predictor: Predictor,
  predictions: Predictions,
  id: string,
  { begunSeconds, arrivedSeconds, startedSeconds }: BodyTimes,
  method: "encodeRow" | "encodeBatch",
): string {
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
