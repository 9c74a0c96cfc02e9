import type {
  IncomingHttpHeaders,
  IncomingMessage,
  RequestListener,
  ServerResponse,
} from "node:http";
import type { TepalError } from "../../kernel/errors.ts";
import type { HostCheck } from "../../kernel/host-names.ts";
import { toProblemDetails } from "../../kernel/problem-details.ts";
import { checkFraming } from "../access/check-head.ts";
import { findKey, isAllowed } from "../access/authorize.ts";
import { parseJson } from "../body/json-body.ts";
import type { AppParts } from "../http.ts";
import { FREE_BODY_BYTES } from "../limits/body-memory.ts";
import type { WorkLimits } from "../limits/work-limits.ts";
import { createClientAddress } from "../limits/client-address.ts";
import { toRateError, type RateCount } from "../limits/rate-count.ts";
import type { AnyPredictor } from "../../serving/serving.ts";
import { createInputErrorCounter, toRequestResult } from "../prediction/input-errors.ts";
import { parseVersion } from "../prediction/model-params.ts";
import {
  BATCH_PREDICTOR,
  JSON_TYPE,
  ROW_PREDICTOR,
  type BodyPredictor,
} from "../prediction/predict-body.ts";
import { toProblemHeaders, toTepalError } from "../problem.ts";
import { toRequestId } from "../request-id.ts";
import type { MeasuredRequest, RequestMeter, RouteSeries } from "../request-meter.ts";
import { WholeBodyRequest } from "./whole-body-request.ts";

/** A route that predicts. */
interface PredictionRoute {
  readonly predict: BodyPredictor;
  /** Largest body in bytes. */
  readonly limit: number;
  readonly series: RouteSeries;
}

/** The route of a request, and the model that its path names. */
interface MatchedRoute extends PredictionRoute {
  readonly name?: string | undefined;
  readonly version?: number | undefined;
}

/** Parts that the fast path and the app share. */
export interface FastPathParts {
  readonly meter: RequestMeter;
  readonly workLimits: WorkLimits;
  readonly checkHost: HostCheck;
}

type FindRoute = (url: string) => MatchedRoute | undefined;

/**
 * Creates the fast path for ordinary predictions: JSON of known length, from an authorized client, to a server that is not
 * overloaded. It passes all other requests to the app, whose routes send the same replies to the same requests
 * (test/http/fast-path.test.ts compares them). Fastify's life cycle of hooks and wrappers costs as much as the rest of a
 * prediction, HTTP parsing included.
 */
export function createFastPath(
  parts: AppParts,
  { meter, workLimits, checkHost }: FastPathParts,
  app: RequestListener,
): RequestListener {
  const findRoute = createRouteFinder(meter, parts.options);
  const serve = createPredictionHandler(parts, meter, workLimits);
  const findClientAddress = createClientAddress(parts.options.trustProxy);
  return (request, response) => {
    const route = request.method === "POST" ? findRoute(request.url ?? "") : undefined;
    if (
      route !== undefined &&
      request instanceof WholeBodyRequest &&
      isOrdinary(request.headers, route.limit, parts) &&
      checkFraming(request) === undefined &&
      checkHost(request) === undefined
    ) {
      const address = findClientAddress(request);
      const client = findClient(request, address, parts);
      if (client !== undefined) {
        serve(route, client, address, request, response);
        return;
      }
    }
    app(request, response);
  };
}

const MODEL_PATH =
  /^\/models\/([^/?#%]{1,200})(?:\/versions\/([1-9]\d{0,8}))?(\/predict(?:\/batch)?)$/;

function createRouteFinder(
  meter: RequestMeter,
  { bodyLimit, batchLimit }: AppParts["options"],
): FindRoute {
  const routes = new Map<string, PredictionRoute>();
  for (const [suffix, predict, limit] of [
    ["/predict", ROW_PREDICTOR, bodyLimit],
    ["/predict/batch", BATCH_PREDICTOR, batchLimit],
  ] as const) {
    for (const prefix of ["", "/models/:name", "/models/:name/versions/:version"]) {
      const route = `${prefix}${suffix}`;
      const series = meter.open(route);
      if (route === "/predict") series.prepare("POST");
      routes.set(route, { predict, limit, series });
    }
  }
  return (url) => {
    if (!url.startsWith("/models/")) return routes.get(url);
    const [, name, version, suffix] = MODEL_PATH.exec(url) ?? [];
    const template = `/models/:name${version === undefined ? "" : "/versions/:version"}${suffix}`;
    const route = routes.get(template);
    return route === undefined ? undefined : { ...route, name, version: parseVersion(version) };
  };
}

function isOrdinary(
  headers: IncomingHttpHeaders,
  limit: number,
  { options, isDraining, inFlight, overload }: AppParts,
): boolean {
  const type = headers["content-type"];
  const length = Number(headers["content-length"]);
  return (
    (type === "application/json" || type === JSON_TYPE) &&
    length > 0 &&
    length <= Math.min(limit, FREE_BODY_BYTES) &&
    headers["content-encoding"] === undefined &&
    headers.expect === undefined &&
    headers.origin === undefined &&
    !isDraining() &&
    inFlight.count() < options.maxInFlight &&
    overload.reason() === null
  );
}

/** Returns the key of the client's rate limit: the id of its API key, or its IP address; undefined if it may not predict. */
function findClient(
  { headers }: IncomingMessage,
  address: string,
  { credentials }: AppParts,
): string | undefined {
  const keys = credentials.keys();
  if (keys === null) return address;
  const key = findKey(headers, keys);
  return key !== undefined && key !== "missing" && isAllowed(key, "predict") ? key.id : undefined;
}

function createPredictionHandler(parts: AppParts, meter: RequestMeter, workLimits: WorkLimits) {
  const { registry, options, logger, clock, countRequest } = parts;
  const { rateLimit } = options;
  // Created once: a rejection must cost less than the request, and an error's stack is a tenth of it.
  const rateError = toRateError(rateLimit);
  const countInputError = createInputErrorCounter(parts.metrics.inputErrors);

  return function serve(
    route: MatchedRoute,
    client: string,
    clientAddress: string,
    request: WholeBodyRequest,
    response: ServerResponse,
  ): void {
    const id = toRequestId(request);
    const measured: MeasuredRequest & { bodyBytes: number } = {
      id,
      method: "POST",
      url: request.url ?? "",
      clientAddress,
      bodyBytes: -1,
    };
    let replyBytes = Number.NaN;
    const begunSeconds = meter.begin(
      measured,
      response,
      () => route.series,
      () => replyBytes,
    );

    request.takeBody(Number(request.headers["content-length"]), (body) => {
      measured.bodyBytes = body.length;
      const arrivedSeconds = clock.monotonicSeconds();
      const overloaded = workLimits.checkBeforeWork(measured.url);
      if (overloaded !== undefined) sendError(overloaded, []);
      else if (rateLimit === 0) predict(body, [], arrivedSeconds, arrivedSeconds);
      else {
        countRequest(client, (counted) => {
          const headers = toRateHeaders(counted, rateLimit);
          if (counted.current > rateLimit) sendError(rateError, headers);
          else predict(body, headers, arrivedSeconds, clock.monotonicSeconds());
        });
      }
    });

    function predict(
      body: Buffer,
      headers: readonly string[],
      arrivedSeconds: number,
      startedSeconds: number,
    ): void {
      let reply: string;
      let predictor: AnyPredictor | undefined;
      try {
        predictor = registry.find(route.name, route.version);
        const parsed = parseJson(body, route.limit);
        const times = { begunSeconds, arrivedSeconds, startedSeconds };
        if (predictor.engine !== "tepal") {
          void waitForReply(
            predictor,
            route.predict.remotely(predictor, parsed, id, times),
            headers,
          );
          return;
        }
        reply = route.predict.here(predictor, parsed, id, times);
      } catch (thrown) {
        fail(thrown, predictor, headers);
        return;
      }
      send(200, reply, ["content-type", JSON_TYPE, ...headers]);
    }

    /** Sends the reply of another engine when it has arrived. */
    async function waitForReply(
      predictor: AnyPredictor,
      replying: Promise<string>,
      headers: readonly string[],
    ): Promise<void> {
      let reply: string;
      try {
        reply = await replying;
      } catch (thrown) {
        fail(thrown, predictor, headers);
        return;
      }
      send(200, reply, ["content-type", JSON_TYPE, ...headers]);
    }

    function fail(
      thrown: unknown,
      predictor: AnyPredictor | undefined,
      headers: readonly string[],
    ): void {
      const error = toTepalError(thrown);
      countInputError(error.code);
      const result = toRequestResult(error);
      if (result !== undefined) predictor?.requests.count(result);
      if (error.requestCode === "INTERNAL") logger.error({ err: thrown, id }, "request failed");
      sendError(error, headers);
    }

    function sendError(error: TepalError, headers: readonly string[]): void {
      const body = JSON.stringify(toProblemDetails(error, id));
      const all = { ...toProblemHeaders(error), ...toRecord(headers) };
      send(error.status, body, Object.entries(all).flat());
    }

    function send(status: number, body: string, headers: string[]): void {
      replyBytes = Buffer.byteLength(body);
      headers.push("content-length", String(replyBytes), "x-request-id", id);
      headers.push("x-content-type-options", "nosniff");
      response.writeHead(status, headers);
      // A string of as many bytes as characters is ASCII, which is faster to write.
      response.end(body, replyBytes === body.length ? "latin1" : "utf8");
    }
  };
}

/** Names and values in turn, as @fastify/rate-limit sends them. */
function toRateHeaders({ current, ttl }: RateCount, rateLimit: number): readonly string[] {
  const seconds = String(Math.ceil(ttl / 1_000));
  const left = Math.max(0, rateLimit - current);
  const headers = ["x-ratelimit-limit", String(rateLimit), "x-ratelimit-remaining", String(left)];
  headers.push("x-ratelimit-reset", seconds);
  if (current > rateLimit) headers.push("retry-after", seconds);
  return headers;
}

function toRecord(headers: readonly string[]): Record<string, string> {
  const record: Record<string, string> = {};
  for (let i = 0; i < headers.length; i += 2) record[headers[i]!] = headers[i + 1]!;
  return record;
}
