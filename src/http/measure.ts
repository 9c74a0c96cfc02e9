import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ServerResponse } from "node:http";
import type { Metrics } from "../metrics/metrics.ts";
import type { AppParts } from "./http.ts";

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
export interface RouteMeasures {
  readonly requestSize: number;
  readonly responseSize: number;
  /** By method and status. */
  find(method: string, status: number): { readonly requests: number; readonly latency: number };
}

/** What the meter needs to know of a request; what is not known at its begin is asked at its end. */
export interface MeasuredRequest {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly ip: string;
  /** Size of the body as it was received; −1 when there was none. */
  readonly bodyBytes: number;
}

/** Counts and times requests, from the head to the end of the reply. */
export interface RequestMeter {
  /** The series of a route, by its template. */
  open(route: string): RouteMeasures;
  /**
   * Begins to measure a request. It ends when its reply is written, or when its client is gone.
   * @param toMeasures gives, at the end, the series of its route
   * @param toReplyBytes gives, at the end, the size of the reply's body; NaN when it is not known
   */
  begin(
    request: MeasuredRequest,
    response: ServerResponse,
    toMeasures: () => RouteMeasures,
    toReplyBytes: () => number,
  ): void;
}

export function createRequestMeter({
  metrics,
  clock,
  clients,
  inFlight,
  logger,
}: Pick<AppParts, "metrics" | "clock" | "clients" | "inFlight" | "logger">): RequestMeter {
  const uniqueClients = metrics.apiUniqueClients.open([]);
  const begunRequests = metrics.apiRequestsInFlight.open([]);
  metrics.beforeRender(() => {
    metrics.apiUniqueClients.set(uniqueClients, clients.list().size);
    metrics.apiRequestsInFlight.set(begunRequests, inFlight.count());
  });
  const byRoute = new Map<string, RouteMeasures>();
  const logsRequests = logger.level === "debug" || logger.level === "trace";

  return {
    open(route) {
      let measures = byRoute.get(route);
      if (measures === undefined) {
        measures = createRouteMeasures(metrics, route);
        byRoute.set(route, measures);
      }
      return measures;
    },
    begin(request, response, toMeasures, toReplyBytes) {
      const begun = clock.monotonicSeconds();
      inFlight.begin(response);
      clients.add(request.ip);
      // "close" comes once, after the reply is written or when the client is gone, whichever is first. `once` would
      // only add a wrapper.
      response.on("close", () => {
        inFlight.end(response);
        const status = response.writableFinished ? response.statusCode : CLIENT_CLOSED_REQUEST;
        const seconds = clock.monotonicSeconds() - begun;
        if (logsRequests) {
          const { id, method, url, ip } = request;
          logger.debug({ id, method, url, status, ip, seconds }, "request");
        }
        const measures = toMeasures();
        const slots = measures.find(request.method, status);
        metrics.apiRequests.add(slots.requests, 1);
        metrics.apiRequestLatency.observe(slots.latency, seconds);
        const sent = toReplyBytes();
        if (sent >= 0) metrics.apiResponseSize.observe(measures.responseSize, sent);
        if (request.bodyBytes >= 0) {
          metrics.apiRequestSize.observe(measures.requestSize, request.bodyBytes);
        }
        metrics.saveSoon();
      });
    },
  };
}

/**
 * Measures every request of the app, including those that match no route, are refused, or lose their client.
 *
 * @returns what starts measuring a request, for those that the app answers without running its hooks
 */
export function measureRequests(
  app: FastifyInstance,
  meter: RequestMeter,
): (request: FastifyRequest, reply: FastifyReply) => void {
  const unmatched = meter.open(UNMATCHED);
  const byRoute = new Map<string, RouteMeasures>();

  app.decorateRequest("measures", null);
  app.decorateRequest("bodyBytes", -1);
  app.decorateRequest("sentBytes", -1);

  app.addHook("onRoute", (route) => {
    // Preflight requests have a route that takes every address; an address makes no series.
    const measures = route.url === "*" ? unmatched : meter.open(route.url);
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
    meter.begin(
      request,
      reply.raw,
      // A request that a hook of the whole app refused never came to its route's own.
      () => request.measures ?? byRoute.get(request.routeOptions.url ?? "") ?? unmatched,
      () =>
        request.sentBytes >= 0
          ? request.sentBytes
          : Number(reply.getHeader("content-length") ?? Number.NaN),
    );
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
