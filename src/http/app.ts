import rateLimit from "@fastify/rate-limit";
import fastify, { LogController, type FastifyInstance } from "fastify";
import { TepalError } from "../kernel/errors.ts";
import { authorizeRequests } from "./access/authorize.ts";
import { checkFraming, createServerHostCheck } from "./access/check-head.ts";
import { allowOrigins } from "./access/cors.ts";
import { acceptJsonBodies, acceptStreamBodies } from "./body/json-body.ts";
import { createBodyReader } from "./body/read-body.ts";
import { createConnectionErrors } from "./connections/connection-errors.ts";
import { createNodeServer } from "./connections/node-server.ts";
import { documentApi } from "./describe/openapi.ts";
import { createFastPath } from "./fast-path/fast-path.ts";
import type { App, AppParts } from "./http.ts";
import { createBodyMemory } from "./limits/body-memory.ts";
import { createTurns } from "./limits/turns.ts";
import { createWorkLimits } from "./limits/work-limits.ts";
import { createClientAddress } from "./limits/client-address.ts";
import { isRateLimited, RATE_WINDOW_MS, toRateError, toStore } from "./limits/rate-count.ts";
import { sendProblem, toTepalError } from "./problem.ts";
import { openPrometheus } from "./prometheus-proxy.ts";
import { toRequestId } from "./request-id.ts";
import { createRequestMeter, measureRequests } from "./request-meter.ts";
import { addAdminRoutes } from "./routes/admin.ts";
import { addAlertmanagerRoutes } from "./routes/alertmanager.ts";
import { addConsoleServerRoute } from "./routes/console-server.ts";
import { addConsoleRoutes } from "./routes/console.ts";
import { addSourceRoute } from "./routes/console-source.ts";
import { addLoadPageRoutes } from "./routes/load-page.ts";
import { addServerStatusRoutes } from "./routes/server-status.ts";
import { addRunbookRoutes } from "./routes/runbooks.ts";
import { addHealthRoutes } from "./routes/health.ts";
import { rejectOtherMethods } from "./routes/method-not-allowed.ts";
import { addMetricsRoute } from "./routes/metrics.ts";
import { addModelRoutes } from "./routes/models.ts";
import { addPredictRoutes } from "./routes/predict.ts";
import { addReferenceRoutes } from "./routes/reference.ts";
import { addPrometheusRoutes } from "./routes/prometheus.ts";
import { addReceiverRoutes } from "./routes/receivers.ts";

/** Creates the HTTP application; it does not listen yet. */
export async function createApp(parts: AppParts): Promise<App> {
  const { options, logger } = parts;
  const connectionErrors = createConnectionErrors(parts);
  const meter = createRequestMeter(parts);
  const workLimits = createWorkLimits(parts);
  const checkHost = createServerHostCheck(options);
  const app = fastify({
    loggerInstance: logger,
    // A logger for each request costs more than the prediction; log lines about a request carry its id instead.
    childLoggerFactory: (parent) => parent,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: options.bodyLimit,
    serverFactory: (listener) =>
      createNodeServer(createFastPath(parts, { meter, workLimits, checkHost }, listener), parts),
    // A draining server continues to serve health and metrics (connections/drain.ts).
    return503OnClosing: false,
    genReqId: toRequestId,
    clientErrorHandler: connectionErrors.handle,
    frameworkErrors: (error, request, reply) => {
      measure(request, reply);
      sendProblem(reply.header("x-request-id", request.id), toTepalError(error));
    },
    routerOptions: { maxParamLength: 200 },
  });

  // The hooks of all routes, in the order in which they run.
  const measure = measureRequests(app, meter, createClientAddress(options.trustProxy));
  await allowOrigins(app, parts);
  app.addHook("onRequest", (request, reply, done) => {
    void reply.header("x-request-id", request.id).header("x-content-type-options", "nosniff");
    if (parts.isDraining()) void reply.header("connection", "close");
    const error = checkFraming(request.raw) ?? checkHost(request.raw);
    // The rest of the connection may not be what the client means.
    if (error !== undefined) void reply.header("connection", "close");
    if (error !== undefined) done(error);
    else if (request.is404) done(notFound());
    else done(request.method === "POST" ? workLimits.checkHead(request.url) : undefined);
  });
  authorizeRequests(app, parts);
  app.setErrorHandler((thrown, request, reply) => {
    const error = toTepalError(thrown);
    if (error.requestCode === "INTERNAL")
      logger.error({ err: thrown, id: request.id }, "request failed");
    sendProblem(reply, error);
  });
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, notFound()));

  app.server.on("checkExpectation", connectionErrors.rejectExpectation);
  app.server.on("connect", connectionErrors.rejectTunnel);

  const memory = createBodyMemory(options.bodyMemory);
  const readBody = createBodyReader(memory, createTurns(), workLimits, parts.clock);
  acceptJsonBodies(app, readBody);
  acceptStreamBodies(app);
  if (options.rateLimit > 0) await limitRate(app, parts);
  const finishRoutes = rejectOtherMethods(app);
  await documentApi(app, parts);
  addHealthRoutes(app, parts);
  addModelRoutes(app, parts);
  addPredictRoutes(app, parts);
  addReferenceRoutes(app, parts);
  addMetricsRoute(app, parts);
  addAdminRoutes(app, parts);
  addServerStatusRoutes(app, parts);
  await addConsoleRoutes(app, parts);
  addLoadPageRoutes(app, parts);
  addConsoleServerRoute(app, parts);
  addRunbookRoutes(app);
  const prometheus = await openPrometheus(options);
  if (prometheus !== undefined) app.addHook("onClose", () => prometheus.close());
  const source = prometheus ?? parts.monitor;
  addSourceRoute(app, parts);
  if (source !== undefined) await addPrometheusRoutes(app, source, readBody, options);
  if (parts.monitor !== undefined) {
    addAlertmanagerRoutes(app, parts.monitor, options);
    addReceiverRoutes(app, parts.monitor, options);
  }
  return { app, finishRoutes };
}

function notFound(): TepalError {
  return new TepalError(
    "NOT_FOUND",
    "There is no route for this path. GET /docs lists all routes.",
  );
}

async function limitRate(
  app: FastifyInstance,
  { options: { rateLimit: perSecond }, countRequest }: AppParts,
): Promise<void> {
  const error = toRateError(perSecond);
  await app.register(rateLimit, {
    store: toStore(countRequest),
    max: perSecond,
    timeWindow: RATE_WINDOW_MS,
    keyGenerator: (request) => request.apiKey?.id ?? request.clientAddress,
    allowList: (request) => !isRateLimited(request.url),
    errorResponseBuilder: () => error,
  });
}
