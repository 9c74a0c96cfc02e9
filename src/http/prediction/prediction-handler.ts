import type { TepalError } from "../../kernel/errors.ts";
import { toProblemDetails } from "../../kernel/problem-details.ts";
import type { AnyPredictor } from "../../serving/serving.ts";
import type { AppParts } from "../http.ts";
import type { WorkLimits } from "../limits/work-limits.ts";
import { toProblemHeaders, toTepalError } from "../problem.ts";
import { createInputErrorCounter, toRequestResult } from "./input-errors.ts";
import type { ModelOfPath } from "./model-params.ts";
import {
  JSON_TYPE,
  predictBody,
  type BodyPredictor,
  type BodyTimes,
  type ReplyBody,
} from "./predict-body.ts";

/** An admitted request for predictions, whose JSON body has arrived. */
export interface PredictionRequest {
  readonly predict: BodyPredictor;
  readonly model: ModelOfPath;
  readonly id: string;
  readonly url: string;
  readonly body: Buffer;
  /** Largest size of the body in bytes. */
  readonly limit: number;
  readonly times: BodyTimes;
}

/** A whole reply, without the headers of its admission. */
export interface PredictionReply {
  readonly status: number;
  /** Lower-case names and values in turn. */
  readonly headers: readonly string[];
  /** The fast path recycles bytes after it has sent them. */
  readonly body: ReplyBody;
}

/** Predicts JSON bodies, with and without the fast path. */
export interface PredictionHandler {
  /** Returns the reply: at once, or when another engine has computed the predictions. Never throws or rejects. */
  handle(request: PredictionRequest): PredictionReply | Promise<PredictionReply>;
  /** Counts an error that ends a request before `handle`, by its code, and for its model if there is one. */
  countError(error: unknown, findPredictor: () => AnyPredictor): void;
  /** Counts the error of a row in a stream. */
  countRowError(code: string): void;
}

const REPLY_HEADERS = ["content-type", JSON_TYPE];

export function createPredictionHandler(
  { registry, logger, metrics }: Pick<AppParts, "registry" | "logger" | "metrics">,
  workLimits: WorkLimits,
): PredictionHandler {
  const countInputError = createInputErrorCounter(metrics.inputErrors);

  function countError(error: unknown, findPredictor: () => AnyPredictor): void {
    if (error instanceof Error && "code" in error) countInputError(String(error.code));
    const result = toRequestResult(error);
    if (result === undefined) return;
    let predictor: AnyPredictor;
    try {
      predictor = findPredictor();
    } catch {
      return;
    }
    predictor.requests.count(result);
  }

  function fail(thrown: unknown, { model, id }: PredictionRequest): PredictionReply {
    const error = toTepalError(thrown);
    countError(error, () => registry.find(model.name, model.version));
    if (error.requestCode === "INTERNAL") logger.error({ err: thrown, id }, "request failed");
    return toErrorReply(error, id);
  }

  return {
    countError,
    countRowError: countInputError,
    handle(request) {
      const { predict, model, id, url, body, limit, times } = request;
      try {
        const overloaded = workLimits.checkBeforeWork(url);
        if (overloaded !== undefined) throw overloaded;
        const predictor = registry.find(model.name, model.version);
        const predicted = predictBody(predict, predictor, body, limit, id, times);
        if (!(predicted instanceof Promise)) return succeed(predicted);
        return predicted.then(succeed, (thrown: unknown) => fail(thrown, request));
      } catch (thrown) {
        return fail(thrown, request);
      }
    },
  };
}

function succeed(body: ReplyBody): PredictionReply {
  return { status: 200, headers: REPLY_HEADERS, body };
}

/** Makes the reply to a request that ends with an error. */
export function toErrorReply(error: TepalError, id: string): PredictionReply {
  return {
    status: error.status,
    headers: toProblemHeaders(error),
    body: JSON.stringify(toProblemDetails(error, id)),
  };
}
