import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { ServerResponse } from "node:http";
import type { Metrics } from "../metrics/metrics.ts";
import type { AppParts } from "./http.ts";
import type { FindClientAddress } from "./limits/client-address.ts";
import type { PendingReply } from "./limits/in-flight.ts";

/** nginx's status for a request whose client closed the connection before it had its reply. */
const CLIENT_CLOSED_REQUEST = 499;
/** The route label of every path without a route, so that clients cannot create series. */
const UNMATCHED = "unmatched";
/** The routes of predictions. */
const PREDICTS = /\/predict(?:\/batch)?$/;
/** Methods that have a label value of their own. */
const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

declare module "fastify" {
  interface FastifyRequest {
    /** The series of the request's route. */
    routeSeries: RouteSeries | null;
    /** Time at which its head arrived, on the clock for durations. */
    begunSeconds: number;
    /** The IP address of the client, also behind the proxies of `--trust-proxy`. */
    clientAddress: string;
  }
}

/** The series of one route. They are found by method and status when a request ends, without a lookup by labels. */
export interface RouteSeries {
  readonly route: string;
  /** Opened with the first request that has a body. */
  requestSize: number | undefined;
  responseSize: number | undefined;
  /** Opens the series of successful and failed requests before the first: a rate does not see the first value of a series. */
  prepare(method: string): void;
  /** Returns the series for a method and a status. */
  find(method: string, status: number): StatusSeries;
}

/** The series of one route, method and status. */
interface StatusSeries {
  readonly labels: readonly string[];
  readonly requests: number;
  /** Opened with the first request of their kind. */
  latency: number | undefined;
  streamDuration: number | undefined;
}

/** The properties of a request that are known at its start, and its body's size, which is read at its end. */
export interface MeasuredRequest {
  readonly id: string;
  readonly method: string;
  readonly url: string;
  readonly clientAddress: string;
  /** Size of the body as received; −1 if there was none. */
  readonly bodyBytes: number;
  /** The status under which a request counts that failed after its reply had begun. */
  readonly failedStatus?: number | null;
  /** True for a streamed upload, whose duration its client decides. */
  readonly isStream?: boolean;
}

/** Counts requests and measures their duration, from the head to the end of the reply. */
export interface RequestMeter {
  /** Opens the series of a route template. */
  open(route: string): RouteSeries;
  /**
   * Starts to measure a request; to be called when its head has arrived.
   * @returns the present time, on the clock for durations
   */
  begin(request: MeasuredRequest, reply: PendingReply): number;
  /** Counts a request; to be called once, when its reply is written or its connection is closed. */
  end(request: MeasuredRequest, reply: PendingReply, ending: Ending): void;
  /**
   * Measures a request that Node's HTTP server has read. It ends when its reply is written, or when its client closes the connection.
   * @param toSeries called at the end; returns the series of its route
   * @param toReplyBytes called at the end; returns the size of the reply's body, or NaN if it is unknown
   * @returns as `begin`
   */
  follow(
    request: MeasuredRequest,
    response: ServerResponse,
    toSeries: () => RouteSeries,
    toReplyBytes: () => number,
  ): number;
}

/** The end of a request. */
export interface Ending {
  /** On the clock for durations. */
  readonly begunSeconds: number;
  readonly series: RouteSeries;
  /** The status of a reply that is written; undefined if the client closed the connection before. */
  readonly status: number | undefined;
  /** Size of the reply's body; NaN if it is unknown. */
  readonly replyBytes: number;
}

export function createRequestMeter({
  metrics,
  clock,
  clients,
  inFlight,
  logger,
}: Pick<AppParts, "metrics" | "clock" | "clients" | "inFlight" | "logger">): RequestMeter {
  const uniqueClients = metrics.apiUniqueClients.open([]);
  const inFlightRequests = metrics.apiRequestsInFlight.open([]);
  metrics.beforeRender(() => {
    metrics.apiUniqueClients.set(uniqueClients, clients.list().size);
    metrics.apiRequestsInFlight.set(inFlightRequests, inFlight.countMeasured());
  });
  const byRoute = new Map<string, RouteSeries>();
  const logsRequests = logger.level === "debug" || logger.level === "trace";

  return {
    open(route) {
      let series = byRoute.get(route);
      if (series === undefined) {
        series = createRouteSeries(metrics, route);
        byRoute.set(route, series);
      }
      return series;
    },
    begin(request, reply) {
      inFlight.begin(reply);
      clients.add(request.clientAddress);
      return clock.monotonicSeconds();
    },
    end,
    follow(request, response, toSeries, toReplyBytes) {
      const begunSeconds = this.begin(request, response);
      // "close" is emitted once: after the reply is written, or when the connection is closed before. `once` would
      // only add a wrapper.
      response.on("close", () => {
        const status = response.writableFinished ? response.statusCode : undefined;
        const replyBytes = toReplyBytes();
        end(request, response, { begunSeconds, series: toSeries(), status, replyBytes });
      });
      return begunSeconds;
    },
  };

  function end(
    request: MeasuredRequest,
    reply: PendingReply,
    { begunSeconds, series, status: written, replyBytes }: Ending,
  ): void {
    inFlight.end(reply);
    const status = written ?? request.failedStatus ?? CLIENT_CLOSED_REQUEST;
    const ended = clock.monotonicSeconds();
    const seconds = ended - begunSeconds;
    if (logsRequests) {
      const { id, method, url, clientAddress: ip } = request;
      logger.debug({ id, method, url, status, ip, seconds }, "request");
    }
    const slots = series.find(request.method, status);
    metrics.apiRequests.add(slots.requests, 1);
    if (request.isStream === true) {
      slots.streamDuration ??= metrics.apiStreamDuration.open(slots.labels);
      metrics.apiStreamDuration.observe(slots.streamDuration, seconds);
    } else {
      slots.latency ??= metrics.apiRequestLatency.open(slots.labels);
      metrics.apiRequestLatency.observe(slots.latency, seconds, request.id, ended);
    }
    if (replyBytes >= 0) {
      series.responseSize ??= metrics.apiResponseSize.open([series.route]);
      metrics.apiResponseSize.observe(series.responseSize, replyBytes);
    }
    if (request.bodyBytes >= 0) {
      series.requestSize ??= metrics.apiRequestSize.open([series.route]);
      metrics.apiRequestSize.observe(series.requestSize, request.bodyBytes);
    }
    metrics.saveSoon();
  }
}

/**
 * Measures every request of the app, including those that match no route, are rejected, or lose their client.
 *
 * @returns a function that starts to measure a request, for replies that Fastify sends without running hooks
 */
export function measureRequests(
  app: FastifyInstance,
  meter: RequestMeter,
  findClientAddress: FindClientAddress,
): (request: FastifyRequest, reply: FastifyReply) => void {
  const unmatched = meter.open(UNMATCHED);
  const byRoute = new Map<string, RouteSeries>();

  app.decorateRequest("clientAddress", "");
  app.decorateRequest("routeSeries", null);
  app.decorateRequest("bodyBytes", -1);
  app.decorateRequest("sentBytes", -1);
  app.decorateRequest("failedStatus", null);
  app.decorateRequest("isStream", false);
  app.decorateRequest("begunSeconds", 0);
  app.decorateRequest("arrivedSeconds", 0);
  app.decorateRequest("startedSeconds", 0);

  app.addHook("onRoute", (route) => {
    // The route of preflight requests matches every path, and a path must not create a series.
    const series = route.url === "*" ? unmatched : meter.open(route.url);
    byRoute.set(route.url, series);
    const own = route.onRequest ?? [];
    route.onRequest = [
      (request, _reply, done) => {
        request.routeSeries = series;
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
    request.clientAddress = findClientAddress(request.raw);
    request.begunSeconds = meter.follow(
      request,
      reply.raw,
      // A request that a hook of the whole app rejects never reaches the hook of its route.
      () => request.routeSeries ?? byRoute.get(request.routeOptions.url ?? "") ?? unmatched,
      () =>
        request.sentBytes >= 0
          ? request.sentBytes
          : Number(reply.getHeader("content-length") ?? Number.NaN),
    );
  }
}

function createRouteSeries(metrics: Metrics, route: string): RouteSeries {
  const known = new Map<string, Map<number, StatusSeries>>();
  const predicts = PREDICTS.test(route);
  return {
    route,
    prepare(method) {
      const slots = this.find(method, 200);
      slots.latency ??= metrics.apiRequestLatency.open(slots.labels);
    },
    requestSize: undefined,
    responseSize: undefined,
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
          labels,
          requests: metrics.apiRequests.open(labels),
          latency: undefined,
          streamDuration: undefined,
        };
        const isFirst = byStatus.size === 0;
        byStatus.set(status, slots);
        // Opened before the first failure, which a rate would not see otherwise.
        if (isFirst && predicts && method === "POST") this.find(method, 500);
      }
      return slots;
    },
  };
}
