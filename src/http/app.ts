import fastify, { LogController, type FastifyInstance, type FastifyRequest } from "fastify";
import type { Access } from "./access/authorize.ts";
import type { StoredKey } from "./access/api-keys.ts";
import { createServerHostCheck } from "./access/check-head.ts";
import { allowOrigins } from "./access/cors.ts";
import { createAdmission, toNotFound, type Admission, type Decision } from "./admission.ts";
import { acceptJsonBodies, acceptStreamBodies } from "./body/json-body.ts";
import { createBodyReader } from "./body/read-body.ts";
import { inTurn } from "./connections/in-turn.ts";
import { createConnectionErrors } from "./connections/connection-errors.ts";
import { createNodeServer } from "./connections/node-server.ts";
import { documentApi } from "./describe/openapi.ts";
import { createFastPath } from "./fast-path/fast-path.ts";
import type { App, AppParts } from "./http.ts";
import { createBodyMemory } from "./limits/body-memory.ts";
import { createTurns } from "./limits/turns.ts";
import { createWorkLimits } from "./limits/work-limits.ts";
import { createClientAddress } from "./limits/client-address.ts";
import { createPredictionHandler } from "./prediction/prediction-handler.ts";
import { sendProblem, toTepalError } from "./problem.ts";
import { openPrometheus } from "./prometheus-proxy.ts";
import type { RequestHead } from "./request-head.ts";
import { setHeaders } from "./reply-headers.ts";
import { toRequestId } from "./request-id.ts";
import { createRequestMeter, measureRequests } from "./request-meter.ts";
import { addAdminRoutes } from "./routes/admin.ts";
import { addAlertmanagerRoutes } from "./routes/alertmanager.ts";
import { addConsoleServerRoute } from "./routes/console-server.ts";
import { addConsoleRoutes } from "./routes/console.ts";
import { addSourceRoute } from "./routes/console-source.ts";
import { addLoadPageRoutes } from "./routes/load-page.ts";
import { addServerStatusRoutes } from "./routes/server-status.ts";
import { createSharingCompiler } from "./share-serializers.ts";
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
  const admission = createAdmission(parts, workLimits, createServerHostCheck(options));
  const handler = createPredictionHandler(parts, workLimits);
  const fastPath = createFastPath(parts, { meter, admission, handler });
  const app = fastify({
    loggerInstance: logger,
    // A logger for each request costs more than the prediction; log lines about a request carry its id instead.
    childLoggerFactory: (parent) => parent,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: options.bodyLimit,
    serverFactory: (listener) => {
      const server = createNodeServer(listener, parts);
      fastPath.attach(server);
      return server;
    },
    // A draining server continues to serve health and metrics (connections/drain.ts).
    return503OnClosing: false,
    genReqId: toRequestId,
    clientErrorHandler: connectionErrors.handle,
    frameworkErrors: (error, request, reply) => {
      measure(request, reply);
      setHeaders(reply, admission.toCommonHeaders(request.id));
      sendProblem(reply, toTepalError(error));
    },
    routerOptions: { maxParamLength: 200 },
    schemaController: { compilersFactory: { buildSerializer: createSharingCompiler } },
  });

  // Set before the first route, which would otherwise get the default handler.
  app.setErrorHandler((thrown, request, reply) => {
    const error = toTepalError(thrown);
    if (error.requestCode === "INTERNAL")
      logger.error({ err: thrown, id: request.id }, "request failed");
    sendProblem(reply, error);
  });
  app.setNotFoundHandler((_request, reply) => sendProblem(reply, toNotFound()));

  // The hooks of all routes, in the order in which they run.
  const measure = measureRequests(app, meter, createClientAddress(options.trustProxy));
  await allowOrigins(app, parts, admission);
  admitRequests(app, admission, options.openDocs);
  app.server.on("checkExpectation", inTurn(connectionErrors.rejectExpectation));
  app.server.on("connect", connectionErrors.rejectTunnel);

  const memory = createBodyMemory(options.bodyMemory);
  const readBody = createBodyReader(memory, createTurns(), workLimits, parts.clock);
  acceptJsonBodies(app, readBody, workLimits);
  acceptStreamBodies(app);
  const finishRoutes = rejectOtherMethods(app);
  await documentApi(app, parts);
  addHealthRoutes(app, parts);
  addModelRoutes(app, parts);
  addPredictRoutes(app, parts, handler);
  addReferenceRoutes(app, parts);
  addMetricsRoute(app, parts);
  addAdminRoutes(app, parts);
  addServerStatusRoutes(app, parts);
  addConsoleRoutes(app, parts);
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
  onLaterHook(app, fastPath.turnOff);
  return { app, finishRoutes };
}

/** Calls a function when an application adds a hook: such a hook may reject requests that Tepal accepts. */
function onLaterHook(app: FastifyInstance, called: () => void): void {
  // The instances of plugins inherit it.
  app.addHook = new Proxy(app.addHook, {
    apply(addHook, instance, args) {
      called();
      return Reflect.apply(addHook, instance, args);
    },
  });
}

declare module "fastify" {
  interface FastifyRequest {
    /** The API key of the request; null if the server has no keys. */
    apiKey: StoredKey | null;
  }
  interface FastifyContextConfig {
    /** The role that a request's API key needs, "public" or "any key", or a function that returns it. Default: predict. */
    access?: Access | ((head: RequestHead) => Access);
  }
}

/** Passes every request of the app through the admission. */
function admitRequests(app: FastifyInstance, admission: Admission, openDocs: boolean): void {
  app.decorateRequest("apiKey", null);
  app.addHook("onRequest", (request, reply, done) => {
    const use = ({ error, headers, apiKey }: Decision): void => {
      setHeaders(reply, headers);
      request.apiKey = apiKey;
      done(error);
    };
    const { raw, id, clientAddress } = request;
    const decision = admission.decide(raw, id, clientAddress, toAccess(request, openDocs));
    if (decision instanceof Promise) void decision.then(use);
    else use(decision);
  });
}

/** Returns the access to the route of a request; undefined if it has none. */
function toAccess(
  { is404, raw, routeOptions: { url = "", config } }: FastifyRequest,
  openDocs: boolean,
): Access | undefined {
  // The route of preflight requests matches every path.
  if (is404 || url === "*") return undefined;
  if (openDocs && /^\/(?:docs|openapi\.json)(?:\/|$)/.test(url)) return "public";
  const { access = "predict" } = config;
  return typeof access === "function" ? access(raw) : access;
}
