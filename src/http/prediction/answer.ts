import type { Predictor } from "../../serving/serving.ts";
import { getReplyEncoder } from "../../serving/encode/encode-reply.ts";

export const JSON_TYPE = "application/json; charset=utf-8";

/**
 * Predicts a parsed body and writes the reply's body.
 * @param id of the request
 * @throws TepalError INVALID_INPUT or OUT_OF_DISTRIBUTION
 */
export type Answer = (predictor: Predictor, body: unknown, id: string) => string;

/** Of `POST /predict`. */
export const answerRow: Answer = (predictor, body, id) =>
  getReplyEncoder(predictor).encodeRow(predictor.predictRow(body), id);

/** Of `POST /predict/batch`. */
export const answerBatch: Answer = (predictor, body, id) =>
  getReplyEncoder(predictor).encodeBatch(predictor.predictBatch(body), id);
