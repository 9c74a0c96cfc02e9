/**
 * `--workers N` runs a server as one primary process, which handles no requests, and N worker processes, each a whole
 * server. The primary opens the port and hands its connections to the workers in turn (node:cluster). It starts, watches and
 * replaces workers, and does what needs all of them: the metrics response, reloads, the rate limit, the built-in monitor.
 *
 * A worker saves its metrics to a file that the primary reads (metrics/saved-metrics.ts). Everything else passes between the
 * two as the calls below.
 */
import type { PublicRow } from "../model/public-row.ts";
import type { Config } from "../config/config.ts";
import type { RateCount } from "../http/limits/rate-count.ts";
import type { ReloadProblem, ReloadReport } from "../http/reload-report.ts";
import type { ServerDescription } from "../http/schemas/server-status.ts";
import type { ApiRequest } from "../monitor/monitor.ts";
import type { ExpositionFormat } from "../metrics/exposition.ts";
import type { SavedExemplar } from "../metrics/metrics.ts";
import type { ProcessMetric } from "../metrics/process-metrics.ts";
import type { ModelStatus } from "../model/model.ts";

/** The file descriptor, in each worker, of the file for its metrics. */
export const METRICS_DESCRIPTOR = 4;

/** Calls of a worker to the primary. */
export interface PrimaryCalls {
  /** Returns the metrics response of all workers. */
  render(format: ExpositionFormat): Promise<string>;
  /** Reloads every worker, and merges their reports. Models are loaded by one worker after the other. */
  reload(): Promise<ReloadReport>;
  /** Counts requests towards the rate limit: one for each key, in order. */
  count(keys: readonly string[]): Promise<readonly RateCount[]>;
  /** Sends a request to the built-in monitor. @throws TepalError NOT_FOUND without a monitor */
  queryMonitor(request: ApiRequest): Promise<EncodedReply>;
  isMonitorReady(): Promise<boolean>;
  /** Describes the server with all of its processes. */
  describe(): Promise<ServerDescription>;
}

/** Calls of the primary to a worker. */
export interface WorkerCalls {
  /** Loads the models and listens. Called once, first. @throws TepalError as createServer and Server.listen do */
  start(task: WorkerTask): Promise<Started>;
  /** The heartbeat: returns as soon as the event loop is free. */
  ping(): Promise<void>;
  /** Saves all metrics as they are now, and returns those that the file cannot hold. */
  measure(): Promise<Measured>;
  /** Reads API keys and certificate again. */
  reloadCredentials(): Promise<readonly ReloadProblem[]>;
  /** Loads the models again. */
  reloadModels(): Promise<ReloadedModels>;
  /** Drains as Server.close does; the process exits after the reply. */
  drain(): Promise<void>;
}

/** A reply of the monitor, for JSON. */
export interface EncodedReply {
  readonly status: number;
  readonly contentType: string;
  /** In base64. */
  readonly body: string;
  readonly gzip: boolean;
}

export interface WorkerTask {
  /** 1 to N; the replacement of a worker has the same number. */
  readonly number: number;
  readonly config: Config;
  /** True if other workers serve the default model: a worker that cannot load it must not take a share of the connections. */
  readonly needsModel: boolean;
}

/** The models of a worker. */
export interface WorkerModels {
  readonly models: readonly ModelStatus[];
  readonly example: PublicRow | null;
}

/** The reply of a worker that has begun to serve. */
export interface Started extends WorkerModels {
  readonly address: string;
}

export interface ReloadedModels extends WorkerModels {
  readonly report: ReloadReport;
}

export interface Measured {
  /** Rows that it has predicted. */
  readonly rows: number;
  /** Resident memory. */
  readonly memoryBytes: number;
  /** IP addresses of the clients of the last minutes. */
  readonly clients: readonly string[];
  readonly process: readonly ProcessMetric[];
  readonly exemplars: readonly SavedExemplar[];
}
