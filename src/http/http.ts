import type { FastifyBaseLogger } from "fastify";
import type { Clock } from "../kernel/clock.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Registry, ReloadReport } from "../model/registry.ts";
import type { Predictor } from "../serving/serving.ts";
import type { Credentials } from "./access/credentials.ts";
import type { InFlight } from "./limits/in-flight.ts";
import type { LiveStreams } from "./limits/live-streams.ts";
import type { MonitorApi } from "./monitor-api.ts";
import type { HttpOptions } from "./options.ts";
import type { Overload } from "./limits/overload.ts";
import type { CountRequest } from "./limits/rate-count.ts";
import type { UniqueClients } from "./limits/unique-clients.ts";

/** What the HTTP room needs of the rooms below it. Routes translate; they decide nothing. */
export interface AppParts {
  readonly options: HttpOptions;
  readonly registry: Registry<Predictor>;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly logger: FastifyBaseLogger;
  /** Tepal's version, for the API's description. */
  readonly version: string;
  readonly clients: UniqueClients;
  readonly inFlight: InFlight;
  readonly overload: Overload;
  readonly liveStreams: LiveStreams;
  readonly credentials: Credentials;
  /** The monitor built in; undefined without one. */
  readonly monitor: MonitorApi | undefined;
  /** Counts a request towards the limit on rate. */
  readonly countRequest: CountRequest;
  /** Looks at the models, and whatever else is read from files, again. */
  reload(): Promise<ReloadReport>;
  /** Whether the server has begun to stop: it then finishes what it has and takes nothing new. */
  isDraining(): boolean;
}
