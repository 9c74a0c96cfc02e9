/**
 * The HTTP API: a Fastify application over the models, with API keys, limits, metrics and problem details. `createApp` in
 * app.ts puts it together. Ordinary predictions over plain HTTP take a fast path (fast-path/) past Node's HTTP server and Fastify, to the same
 * admission (admission.ts) and the same handler (prediction/).
 *
 * Routes translate between HTTP and the modules below; they decide nothing.
 */
import type { FastifyBaseLogger, FastifyInstance } from "fastify";
import type { Clock } from "../kernel/clock.ts";
import type { ExpositionFormat } from "../metrics/exposition.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Registry } from "../model/model.ts";
import type { AnyPredictor } from "../serving/serving.ts";
import type { Credentials } from "./access/credentials.ts";
import type { InFlight } from "./limits/in-flight.ts";
import type { LiveStreams } from "./limits/live-streams.ts";
import type { HttpOptions } from "./options.ts";
import type { Overload } from "./limits/overload.ts";
import type { CountRequest } from "./limits/rate-count.ts";
import type { UniqueClients } from "./limits/unique-clients.ts";
import type { ReloadReport } from "./reload-report.ts";
import type { HeadCheck } from "./request-head.ts";
import type { ServerDescription } from "./schemas/server-status.ts";

/** The parts that the application is made of. */
export interface AppParts {
  readonly options: HttpOptions;
  readonly registry: Registry<AnyPredictor>;
  /** The metrics of this process. */
  readonly metrics: Metrics;
  /** Returns the metrics response of all processes of the server. */
  renderMetrics(format: ExpositionFormat): Promise<string>;
  readonly clock: Clock;
  readonly logger: FastifyBaseLogger;
  /** Tepal's version, for the OpenAPI document. */
  readonly version: string;
  readonly clients: UniqueClients;
  readonly inFlight: InFlight;
  readonly overload: Overload;
  readonly liveStreams: LiveStreams;
  readonly credentials: Credentials;
  /** The built-in monitor; undefined without one. */
  readonly monitor: MonitorApi | undefined;
  /** The folder of the built web application; default: the package's. */
  readonly consoleFolder?: string | undefined;
  /** Checks of the application, which run after Tepal's own and before the rate limit. */
  readonly headChecks: readonly HeadCheck[];
  /** Counts a request towards the rate limit. */
  readonly countRequest: CountRequest;
  /** Describes the server with all of its processes. */
  describe(): Promise<ServerDescription>;
  /** Reloads models, API keys, certificate and alert rules. */
  reload(): Promise<ReloadReport>;
  /** True once the server has begun to stop. It then finishes the requests in progress. */
  isDraining(): boolean;
}

export interface App {
  readonly app: FastifyInstance;
  /** To be called once, after the last route: adds 405 replies for the methods that a path does not have. */
  finishRoutes(): void;
}

/** The Prometheus HTTP API of the built-in monitor, or of a Prometheus; this module only forwards requests to it. */
export interface MonitorApi {
  /** Returns true once it has read its history and replies. */
  isReady(): Promise<boolean>;
  /**
   * Never rejects: an error is in the reply.
   *
   * @param signal aborted when the client no longer waits; the built-in monitor ignores it
   */
  request(request: MonitorRequest, signal?: AbortSignal): Promise<MonitorReply>;
}

export interface MonitorRequest {
  /**
   * Below `/api/v1/`, decoded; or one that begins with a slash: `/federate`, and for the built-in monitor those below `/admin/` and
   * `/alertmanager/`.
   */
  readonly path: string;
  /** `a=1&b=2`: the form, then the query string. */
  readonly parameters: string;
  /** True if the reply may be compressed. */
  readonly gzip: boolean;
  /** Default: GET. */
  readonly method?: string;
  /** JSON of the body. */
  readonly body?: unknown;
}

export interface MonitorReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: Uint8Array;
  readonly gzip: boolean;
}
