import rateLimit from "@fastify/rate-limit";
import fastify, { LogController, type FastifyInstance } from "fastify";
import { TepalError } from "../kernel/errors.ts";
import { authorizeRequests } from "./access/authorize.ts";
import { createConnectionErrors } from "./connection-errors.ts";
import type { AppParts } from "./http.ts";
import { allowOrigins } from "./access/cors.ts";
import { acceptJsonBodies, acceptStreamBodies } from "./body/json-body.ts";
import { createRequestMeter, measureRequests } from "./measure.ts";
import { refuseOtherMethods } from "./methods.ts";
import { documentApi } from "./describe/openapi.ts";
import { sendProblem, toTepalError } from "./problem.ts";
import { toRequestId } from "./request-id.ts";
import { addAdminRoutes } from "./routes/admin.ts";
import { addHealthRoutes } from "./routes/health.ts";
import { addMetricsRoute } from "./routes/metrics.ts";
import { addModelRoutes } from "./routes/models.ts";
import { addPrometheusRoutes } from "./routes/prometheus.ts";
import { addPredictRoutes } from "./routes/predict.ts";
import { createNodeServer } from "./node-server.ts";
import { createPredictionLane } from "./fast-path/fast-path.ts";
import { RATE_WINDOW_MS, toRateError, toStore } from "./limits/rate-count.ts";

/** Puts the HTTP app together without listening, so that tests can have one without a port. */
export async function createApp(parts: AppParts): Promise<FastifyInstance> {
  const { options, logger } = parts;
  const connectionErrors = createConnectionErrors(parts);
  const meter = createRequestMeter(parts);
  const app = fastify({
    loggerInstance: logger,
    // A logger a request costs more than the prediction; what is logged of a request carries its id.
    childLoggerFactory: (parent) => parent,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: options.bodyLimit,
    serverFactory: (listener) =>
      createNodeServer(createPredictionLane(parts, meter, listener), parts),
    // Draining is our own (see below): health and metrics go on answering.
    return503OnClosing: false,
    genReqId: toRequestId,
    clientErrorHandler: connectionErrors.answer,
    frameworkErrors: (error, request, reply) => {
      measure(request, reply);
      sendProblem(reply.header("x-request-id", request.id), toTepalError(error));
    },
    routerOptions: { maxParamLength: 200 },
  });

  // Hooks of the whole app, in the order in which a request meets them.
  const measure = measureRequests(app, meter);
  const refuseWork = createWorkRefusal(parts);
  await allowOrigins(app, parts);
  app.addHook("onRequest", (request, reply, done) => {
    void reply.header("x-request-id", request.id).header("x-content-type-options", "nosniff");
    if (parts.isDraining()) void reply.header("connection", "close");
    if (request.raw.headers.host === undefined && request.raw.httpVersion === "1.1") {
      done(new TepalError("MALFORMED_REQUEST", "The request has no Host header"));
    } else if (request.is404) done(notFound());
    else done(request.method === "POST" ? refuseWork(request.url) : undefined);
  });
  authorizeRequests(app, parts);
  app.setErrorHandler((thrown, request, reply) => {
    const error = toTepalError(thrown);
    if (error.code === "INTERNAL") logger.error({ err: thrown, id: request.id }, "request failed");
    sendProblem(reply, error);
  });
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, notFound()));

  app.server.on("checkExpectation", connectionErrors.refuseExpectation);

  acceptJsonBodies(app);
  acceptStreamBodies(app);
  if (options.rateLimit > 0) await limitRate(app, parts);
  await documentApi(app, parts);
  const refuse = refuseOtherMethods(app);
  addHealthRoutes(app, parts);
  addModelRoutes(app, parts);
  addPredictRoutes(app, parts);
  addMetricsRoute(app, parts);
  addAdminRoutes(app, parts);
  if (parts.monitor !== undefined) await addPrometheusRoutes(app, parts.monitor);
  refuse();
  return app;
}

/** Says why a request for work is not taken now. Administration, health, metrics and their history always are. */
function createWorkRefusal({
  overload,
  metrics,
}: AppParts): (url: string) => TepalError | undefined {
  const slots = {
    in_flight: metrics.apiOverload.open(["in_flight"]),
    event_loop: metrics.apiOverload.open(["event_loop"]),
  };
  return (url) => {
    if (url.startsWith("/admin/") || url.startsWith("/prometheus/")) return undefined;
    const reason = overload.reason();
    if (reason === null) return undefined;
    metrics.apiOverload.add(slots[reason], 1);
    return new TepalError("OVERLOADED", "The server has too much to do; try again in a moment");
  };
}

function notFound(): TepalError {
  return new TepalError("NOT_FOUND", "There is nothing here; GET /docs shows what there is");
}

/** Health, metrics and their history are never limited: they are how an overload is seen. */
async function limitRate(
  app: FastifyInstance,
  { options: { rateLimit: perSecond }, countRequest }: AppParts,
): Promise<void> {
  const error = toRateError(perSecond);
  await app.register(rateLimit, {
    store: toStore(countRequest),
    max: perSecond,
    timeWindow: RATE_WINDOW_MS,
    keyGenerator: (request) => request.apiKey?.id ?? request.ip,
    allowList: (request) => /^\/(?:health|metrics|prometheus)\b/.test(request.url),
    errorResponseBuilder: () => error,
  });
}
