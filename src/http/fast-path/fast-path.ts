import type {
  IncomingHttpHeaders,
  IncomingMessage,
  RequestListener,
  ServerResponse,
} from "node:http";
import type { TepalError } from "../../kernel/errors.ts";
import { answerBatch, answerRow, JSON_TYPE, type Answer } from "../prediction/answer.ts";
import { findKey, isAllowed } from "../access/authorize.ts";
import type { AppParts } from "../http.ts";
import { createInputErrorCounter } from "../prediction/input-errors.ts";
import { parseJson } from "../body/json-body.ts";
import type { MeasuredRequest, RequestMeter, RouteMeasures } from "../measure.ts";
import { parseVersion } from "../prediction/model-params.ts";
import { toProblemDetails } from "../../kernel/problem-details.ts";
import { toProblemHeaders, toTepalError } from "../problem.ts";
import { toRateError, type RateCount } from "../limits/rate-count.ts";
import { toRequestId } from "../request-id.ts";
import { WholeBodyRequest } from "./whole-body-request.ts";

/** What an address of a prediction names. */
interface Target {
  readonly answer: Answer;
  readonly measures: RouteMeasures;
  readonly name?: string | undefined;
  readonly version?: number | undefined;
}

const NO_HEADERS: readonly string[] = [];

const MODEL_ADDRESS =
  /^\/models\/([^/?#%]{1,200})(?:\/versions\/([1-9]\d{0,8}))?(\/predict(?:\/batch)?)$/;

/**
 * A short way for ordinary predictions: JSON of known length, from a client that may, to a server that is not short of
 * anything. Everything else goes on to the app, whose routes give the same answers to the same requests
 * (`test/http/fast-path.test.ts` compares them): its life cycle of hooks and wrappers costs as much as all
 * that a prediction needs, parsing HTTP included.
 */
export function createPredictionLane(
  parts: AppParts,
  meter: RequestMeter,
  app: RequestListener,
): RequestListener {
  const { registry, options, inFlight, overload, credentials, logger, isDraining } = parts;
  const { countRequest } = parts;
  const { rateLimit } = options;
  // Made once: a flood must cost less than what it asks for, and an error's stack is a tenth of a refusal.
  const rateError = toRateError(rateLimit);
  const countInputError = createInputErrorCounter(parts.metrics.inputErrors);
  const targets = new Map<string, Target>();
  for (const [suffix, answer] of [
    ["/predict", answerRow],
    ["/predict/batch", answerBatch],
  ] as const) {
    for (const prefix of ["", "/models/:name", "/models/:name/versions/:version"]) {
      const route = `${prefix}${suffix}`;
      const measures = meter.open(route);
      // A rate takes no notice of a series' first value: the first failure must not be one.
      for (const status of [200, 500]) measures.find("POST", status);
      targets.set(route, { answer, measures });
    }
  }

  return (request, response) => {
    const target = request.method === "POST" ? findTarget(request.url ?? "") : undefined;
    const caller = target !== undefined && isOrdinary(request.headers) ? findCaller(request) : null;
    if (target === undefined || caller === null || !(request instanceof WholeBodyRequest)) {
      app(request, response);
    } else serve(target, caller, request, response);
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
      !isDraining() &&
      inFlight.count() < options.maxInFlight &&
      overload.reason() === null
    );
  }

  /** Whom the limit on rate goes by: the id of the key, or the address; null for one who may not predict. */
  function findCaller({ headers, socket }: IncomingMessage): string | null {
    const keys = credentials.keys();
    if (keys === null) return socket.remoteAddress ?? "";
    const key = findKey(headers, keys);
    return key !== undefined && key !== "missing" && isAllowed(key, "predict") ? key.id : null;
  }

  function serve(
    target: Target,
    caller: string,
    request: WholeBodyRequest,
    response: ServerResponse,
  ): void {
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
      if (rateLimit === 0) answer(body, NO_HEADERS);
      else {
        countRequest(caller, (counted) => {
          if (counted.current > rateLimit) refuse(rateError, toRateHeaders(counted));
          else answer(body, toRateHeaders(counted));
        });
      }
    });

    function answer(body: Buffer, headers: readonly string[]): void {
      let text: string;
      try {
        text = target.answer(registry.find(target.name, target.version), parseJson(body), id);
      } catch (thrown) {
        const error = toTepalError(thrown);
        countInputError(error.code);
        if (error.code === "INTERNAL") logger.error({ err: thrown, id }, "request failed");
        refuse(error, headers);
        return;
      }
      send(200, text, ["content-type", JSON_TYPE, ...headers]);
    }

    function refuse(error: TepalError, headers: readonly string[]): void {
      const text = JSON.stringify(toProblemDetails(error, id));
      const own = { ...toProblemHeaders(error), ...toRecord(headers) };
      send(error.status, text, Object.entries(own).flat());
    }

    function send(status: number, text: string, headers: string[]): void {
      replyBytes = Buffer.byteLength(text);
      headers.push("content-length", String(replyBytes), "x-request-id", id);
      headers.push("x-content-type-options", "nosniff");
      response.writeHead(status, headers);
      // What has as many bytes as characters is ASCII, which takes less to write.
      response.end(text, replyBytes === text.length ? "latin1" : "utf8");
    }
  }

  function toRateHeaders({ current, ttl }: RateCount): readonly string[] {
    const seconds = String(Math.ceil(ttl / 1_000));
    const left = Math.max(0, rateLimit - current);
    const headers = ["x-ratelimit-limit", String(rateLimit), "x-ratelimit-remaining", String(left)];
    headers.push("x-ratelimit-reset", seconds);
    if (current > rateLimit) headers.push("retry-after", seconds);
    return headers;
  }
}

function toRecord(headers: readonly string[]): Record<string, string> {
  const record: Record<string, string> = {};
  for (let i = 0; i < headers.length; i += 2) record[headers[i] ?? ""] = headers[i + 1] ?? "";
  return record;
}
