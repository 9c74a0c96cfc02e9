import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Metrics } from "../metrics/metrics.ts";
import type { AppParts } from "./http.ts";
import { createUniqueClients } from "./unique-clients.ts";

/** nginx's number for a request whose client went away before it had its reply. */
const CLIENT_CLOSED_REQUEST = 499;
/** The route label of every address that does not exist, so that clients cannot make series. */
const UNMATCHED = "unmatched";
/** Methods that get a label of their own. */
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

declare module "fastify" {
  interface FastifyRequest {
    /** The series of the request's route. */
    measures: RouteMeasures | null;
  }
}

/** The series of one route: looked up by status, not by labels, when a request ends. */
interface RouteMeasures {
  readonly requestSize: number;
  readonly responseSize: number;
  /** By method and status. */
  find(method: string, status: number): { readonly requests: number; readonly latency: number };
}

/**
 * Counts and times every request of the app, from its head to the end of its reply, including those
 * that match no route, are refused, or lose their client.
 *
 * @returns what starts measuring a request, for those that the app answers without running its hooks
 */
export function measureRequests(
  app: FastifyInstance,
  { metrics, clock, inFlight, logger }: Pick<AppParts, "metrics" | "clock" | "inFlight" | "logger">,
): (request: FastifyRequest, reply: FastifyReply) => void {
  const clients = createUniqueClients(clock);
  const uniqueClients = metrics.apiUniqueClients.open([]);
  const begunRequests = metrics.apiRequestsInFlight.open([]);
  metrics.beforeRender(() => {
    metrics.apiUniqueClients.set(uniqueClients, clients.count());
    metrics.apiRequestsInFlight.set(begunRequests, inFlight.count());
  });
  const unmatched = createRouteMeasures(metrics, UNMATCHED);
  const byRoute = new Map<string, RouteMeasures>();
  const logsRequests = logger.level === "debug" || logger.level === "trace";

  app.decorateRequest("measures", null);
  app.decorateRequest("bodyBytes", -1);
  app.decorateRequest("sentBytes", -1);

  app.addHook("onRoute", (route) => {
    const measures = byRoute.get(route.url) ?? createRouteMeasures(metrics, route.url);
    byRoute.set(route.url, measures);
    const own = route.onRequest ?? [];
    route.onRequest = [
      (request, _reply, done) => {
        request.measures = measures;
        done();
      },
      ...(Array.isArray(own) ? own : [own]),
    ];
  });

  app.addHook("onRequest", (request, reply, done) => {
    measure(request, reply);
    done();
  });

  return measure;

  function measure(request: FastifyRequest, reply: FastifyReply): void {
    const begun = clock.monotonicSeconds();
    inFlight.begin(reply.raw);
    clients.add(request.ip);
    // "close" comes once, after the reply is written or when the client is gone, whichever is first. `once` would
    // only add a wrapper.
    reply.raw.on("close", () => {
      inFlight.end(reply.raw);
      const status = reply.raw.writableFinished ? reply.raw.statusCode : CLIENT_CLOSED_REQUEST;
      const seconds = clock.monotonicSeconds() - begun;
      if (logsRequests) {
        const { id, method, url, ip } = request;
        logger.debug({ id, method, url, status, ip, seconds }, "request");
      }
      // A request that a hook of the whole app refused never came to its route's own.
      const measures = request.measures ?? byRoute.get(request.routeOptions.url ?? "") ?? unmatched;
      const slots = measures.find(request.method, status);
      metrics.apiRequests.add(slots.requests, 1);
      metrics.apiRequestLatency.observe(slots.latency, seconds);
      const sent =
        request.sentBytes >= 0
          ? request.sentBytes
          : Number(reply.getHeader("content-length") ?? Number.NaN);
      if (sent >= 0) metrics.apiResponseSize.observe(measures.responseSize, sent);
      if (request.bodyBytes >= 0) {
        metrics.apiRequestSize.observe(measures.requestSize, request.bodyBytes);
      }
    });
  }
}

function createRouteMeasures(metrics: Metrics, route: string): RouteMeasures {
  const known = new Map<string, Map<number, ReturnType<RouteMeasures["find"]>>>();
  const requestSize = metrics.apiRequestSize.open([route]);
  const responseSize = metrics.apiResponseSize.open([route]);
  return {
    requestSize,
    responseSize,
    find(method, status) {
      const label = METHODS.has(method) ? method : "other";
      let byStatus = known.get(label);
      if (byStatus === undefined) {
        byStatus = new Map();
        known.set(label, byStatus);
      }
      let slots = byStatus.get(status);
      if (slots === undefined) {
        const labels = [label, route, String(status)];
        slots = {
          requests: metrics.apiRequests.open(labels),
          latency: metrics.apiRequestLatency.open(labels),
        };
        byStatus.set(status, slots);
      }
      return slots;
    },
  };
}
