import rateLimit from "@fastify/rate-limit";
import fastify, { LogController, type FastifyInstance } from "fastify";
import { TepalError } from "../kernel/errors.ts";
import { createConnectionErrors } from "./connection-errors.ts";
import type { AppParts } from "./http.ts";
import { acceptJsonBodies } from "./json-body.ts";
import { measureRequests } from "./measure.ts";
import { refuseOtherMethods } from "./methods.ts";
import { documentApi } from "./openapi.ts";
import { sendProblem, toTepalError } from "./problem.ts";
import { toRequestId } from "./request-id.ts";
import { addHealthRoutes } from "./routes/health.ts";
import { addMetricsRoute } from "./routes/metrics.ts";
import { addModelRoutes } from "./routes/models.ts";
import { addPredictRoutes } from "./routes/predict.ts";

/** Puts the HTTP app together without listening, so that tests can have one without a port. */
export async function createApp(parts: AppParts): Promise<FastifyInstance> {
  const { options, metrics, logger } = parts;
  const connectionErrors = createConnectionErrors(metrics);
  const app = fastify({
    loggerInstance: logger,
    // A logger a request costs more than the prediction; what is logged of a request carries its id.
    childLoggerFactory: (parent) => parent,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: options.bodyLimit,
    requestTimeout: options.requestTimeout * 1_000,
    http: {
      // Node would refuse it by itself, with a reply that is neither a problem nor counted.
      requireHostHeader: false,
      // Node swaps the two limits when that for the headers is the larger, and its default is 60 s.
      headersTimeout: options.requestTimeout * 1_000,
      // Node looks for late requests at this interval; its default of 30 s would make the limit a guess.
      connectionsCheckingInterval: Math.min(5_000, options.requestTimeout * 500),
    },
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
  const measure = measureRequests(app, parts);
  app.addHook("onRequest", (request, reply, done) => {
    void reply.header("x-request-id", request.id);
    if (request.raw.headers.host === undefined && request.raw.httpVersion === "1.1") {
      done(new TepalError("MALFORMED_REQUEST", "The request has no Host header"));
    } else if (request.is404) done(notFound());
    else if (parts.isDraining() && request.method === "POST") {
      done(new TepalError("SHUTTING_DOWN", "The server is stopping and takes no new work"));
    } else done();
  });
  app.setErrorHandler((thrown, request, reply) => {
    const error = toTepalError(thrown);
    if (error.code === "INTERNAL") logger.error({ err: thrown, id: request.id }, "request failed");
    sendProblem(reply, error);
  });
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, notFound()));

  app.server.on("checkExpectation", connectionErrors.refuseExpectation);

  acceptJsonBodies(app);
  if (options.rateLimit > 0) await limitRate(app, options.rateLimit);
  await documentApi(app, parts);
  const refuse = refuseOtherMethods(app);
  addHealthRoutes(app, parts);
  addModelRoutes(app, parts);
  addPredictRoutes(app, parts);
  addMetricsRoute(app, parts);
  refuse();
  return app;
}

function notFound(): TepalError {
  return new TepalError("NOT_FOUND", "There is nothing here; GET /docs shows what there is");
}

/** Health and metrics are never limited: they are how an overload is seen. */
async function limitRate(app: FastifyInstance, perSecond: number): Promise<void> {
  await app.register(rateLimit, {
    max: perSecond,
    timeWindow: 1_000,
    allowList: (request) => /^\/(?:health|metrics)\b/.test(request.url),
    errorResponseBuilder: () =>
      new TepalError("TOO_MANY_REQUESTS", `At most ${perSecond} requests a second are answered`),
  });
}
