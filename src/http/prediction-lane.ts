import type { IncomingHttpHeaders, RequestListener, ServerResponse } from "node:http";
import { answerBatch, answerRow, JSON_TYPE, type Answer } from "./answer.ts";
import { findKey, isAllowed } from "./authorize.ts";
import type { AppParts } from "./http.ts";
import { createInputErrorCounter } from "./input-errors.ts";
import { parseJson } from "./json-body.ts";
import type { MeasuredRequest, RequestMeter, RouteMeasures } from "./measure.ts";
import { parseVersion } from "./model-params.ts";
import { toProblemDetails, toProblemHeaders, toTepalError } from "./problem.ts";
import { toRequestId } from "./request-id.ts";
import { WholeBodyRequest } from "./whole-body-request.ts";

/** What an address of a prediction names. */
interface Target {
  readonly answer: Answer;
  readonly measures: RouteMeasures;
  readonly name?: string | undefined;
  readonly version?: number | undefined;
}

const MODEL_ADDRESS =
  /^\/models\/([^/?#%]{1,200})(?:\/versions\/([1-9]\d{0,8}))?(\/predict(?:\/batch)?)$/;

/**
 * A short way for ordinary predictions: JSON of known length, from a client that may, to a server that is not short of
 * anything. Everything else goes on to the app, whose routes give the same answers to the same requests
 * (`test/http/prediction-lane.test.ts` compares them): its life cycle of hooks and wrappers costs as much as all
 * that a prediction needs, parsing HTTP included.
 */
export function createPredictionLane(
  parts: AppParts,
  meter: RequestMeter,
  app: RequestListener,
): RequestListener {
  const { registry, options, inFlight, overload, credentials, logger, isDraining } = parts;
  const countInputError = createInputErrorCounter(parts.metrics.inputErrors);
  const targets = new Map<string, Target>();
  for (const [suffix, answer] of [
    ["/predict", answerRow],
    ["/predict/batch", answerBatch],
  ] as const) {
    for (const prefix of ["", "/models/:name", "/models/:name/versions/:version"]) {
      const route = `${prefix}${suffix}`;
      targets.set(route, { answer, measures: meter.open(route) });
    }
  }

  return (request, response) => {
    const target = request.method === "POST" ? findTarget(request.url ?? "") : undefined;
    const isOurs = target !== undefined && isOrdinary(request.headers);
    if (isOurs && request instanceof WholeBodyRequest) serve(target, request, response);
    else app(request, response);
  };

  function findTarget(url: string): Target | undefined {
    if (!url.startsWith("/models/")) return targets.get(url);
    const [, name, version, suffix] = MODEL_ADDRESS.exec(url) ?? [];
    const route = `/models/:name${version === undefined ? "" : "/versions/:version"}${suffix}`;
    const target = targets.get(route);
    return target === undefined ? undefined : { ...target, name, version: parseVersion(version) };
  }

  function isOrdinary(headers: IncomingHttpHeaders): boolean {
    const type = headers["content-type"];
    const length = Number(headers["content-length"]);
    return (
      (type === "application/json" || type === JSON_TYPE) &&
      length > 0 &&
      length <= options.bodyLimit &&
      headers["content-encoding"] === undefined &&
      headers.host !== undefined &&
      headers.origin === undefined &&
      options.rateLimit === 0 &&
      !isDraining() &&
      inFlight.count() < options.maxInFlight &&
      overload.reason() === null &&
      mayPredict(headers)
    );
  }

  function mayPredict(headers: IncomingHttpHeaders): boolean {
    const keys = credentials.keys();
    if (keys === null) return true;
    const key = findKey(headers, keys);
    return key !== undefined && key !== "missing" && isAllowed(key, "predict");
  }

  function serve(target: Target, request: WholeBodyRequest, response: ServerResponse): void {
    const id = toRequestId(request);
    const measured: MeasuredRequest & { bodyBytes: number } = {
      id,
      method: "POST",
      url: request.url ?? "",
      ip: request.socket.remoteAddress ?? "",
      bodyBytes: -1,
    };
    let replyBytes = Number.NaN;
    meter.begin(
      measured,
      response,
      () => target.measures,
      () => replyBytes,
    );
    request.takeBody((body) => {
      measured.bodyBytes = body.length;
      try {
        const predictor = registry.find(target.name, target.version);
        const text = target.answer(predictor, parseJson(body), id);
        replyBytes = Buffer.byteLength(text);
        response.writeHead(200, [
          "content-type",
          JSON_TYPE,
          "content-length",
          String(replyBytes),
          "x-request-id",
          id,
          "x-content-type-options",
          "nosniff",
        ]);
        response.end(text, replyBytes === text.length ? "latin1" : "utf8");
      } catch (thrown) {
        const error = toTepalError(thrown);
        countInputError(error);
        if (error.code === "INTERNAL") logger.error({ err: thrown, id }, "request failed");
        const text = JSON.stringify(toProblemDetails(error, id));
        replyBytes = Buffer.byteLength(text);
        response.writeHead(error.status, {
          ...toProblemHeaders(error),
          "content-length": replyBytes,
          "x-request-id": id,
          "x-content-type-options": "nosniff",
        });
        response.end(text);
      }
    });
  }
}
