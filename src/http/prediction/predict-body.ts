import type { Predictor } from "../../serving/serving.ts";
import { getReplyEncoder } from "../../serving/encode/encode-reply.ts";

export const JSON_TYPE = "application/json; charset=utf-8";

/**
 * Predicts the rows of a parsed request body and encodes the reply's body.
 * @param id the request id
 * @throws TepalError INVALID_INPUT or OUT_OF_DISTRIBUTION
 */
export type PredictBody = (predictor: Predictor, body: unknown, id: string) => string;

/** For `POST /predict`. */
export const predictRow: PredictBody = (predictor, body, id) =>
  getReplyEncoder(predictor).encodeRow(predictor.predictRow(body), id);

/** For `POST /predict/batch`. */
export const predictBatch: PredictBody = (predictor, body, id) =>
  getReplyEncoder(predictor).encodeBatch(predictor.predictBatch(body), id);
